/** The tensorflow engine on the TensorFlow library that is installed; without one these tests fail. See docs/engines.md. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensors } from "../../src/compute/engine.ts";
import { openEngine } from "../../src/compute/engines.ts";
import { compileOnnx } from "../../src/compute/onnx/engine.ts";
import { runOnce } from "../../src/compute/run-once.ts";
import { engineOn } from "../../src/compute/tensorflow/engine.ts";
import { loadTensorFlow } from "../../src/compute/tensorflow/runtime.ts";
import { type Graph, GraphBuilder } from "../../src/network/graph.ts";
import { trainingGraph } from "../../src/network/training-graph.ts";
import { train } from "../../src/steps/train.ts";
import { assertClose, randomFeeds } from "../support/feeds.ts";
import { testPrimitives } from "../support/primitive-suite.ts";
import { stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { tinyClasses, tinyParameters, writeTinyFiles } from "../support/tiny-training-files.ts";

const threads = 2;
const { tf, version } = await loadTensorFlow(threads);
const engines = (["volume", "planes"] as const).map((formulation) =>
  engineOn(tf, { device: `TensorFlow ${version}, ${formulation}`, memoryBytes: 1e9, formulation }),
);

testPrimitives(engines.map((engine) => ({ name: engine.device, compile: (graph) => engine.compile(graph) })));

const step: Graph = trainingGraph(
  { classes: 5, filters: [16, 24, 32] },
  { batch: 3, extent: [12, 16, 20] },
  { name: "dice-cross-entropy" },
  { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
);

/** Weights of the size that training starts with, variances that are above zero. */
function stepFeeds(): Tensors {
  const feeds = Object.entries(randomFeeds(step, 21, 5)).map(([name, { shape, data }]) => {
    if (name.startsWith("variance/"))
      return [name, { shape, data: Float32Array.from(data, (v) => 0.02 + v * v) }] as const;
    const scale = shape.length === 5 && name.endsWith("/kernel") ? Math.sqrt(2 / (27 * shape[1]!)) : 0.1;
    return [
      name,
      name === "x" || name === "labels" ? { shape, data } : { shape, data: data.map((v) => scale * v) },
    ] as const;
  });
  return { ...Object.fromEntries(feeds), rate: { shape: [1], data: Float32Array.of(0.01) } };
}

test("a training step of an odd shape equals the onnx engine's, and itself to the bit in five runs", async () => {
  const feeds = stepFeeds();
  const expected = await runOnce({ compile: (graph) => compileOnnx(graph, { threads }) }, step, feeds);
  for (const engine of engines) {
    const first = await runOnce(engine, step, feeds);
    for (const name of Object.keys(step.outputs)) {
      const relative = name.includes("mean/") || name.includes("variance/") ? 1e-4 : 1e-5;
      assertClose(first[name]!.data, expected[name]!.data, { relative, what: `${name}, ${engine.device}` });
    }
    for (let repeat = 0; repeat < 4; repeat++) assert.deepEqual(await runOnce(engine, step, feeds), first);
  }
});

test("two hundred steps with states kept hold no tensor more, and no more memory", async () => {
  const feeds = stepFeeds();
  const { x, labels, rate, ...states } = feeds;
  const program = await engines[0]!.compile(step, { kept: Object.keys(states) });
  await program.load(states);
  const run = () => program.run({ x: x!, labels: labels!, rate: rate! });
  for (let warm = 0; warm < 20; warm++) await run();
  const tensors = tf.memory().numTensors;
  const bytes = process.memoryUsage().rss;
  for (let repeat = 0; repeat < 200; repeat++) await run();
  assert.equal(tf.memory().numTensors, tensors);
  assert.ok(process.memoryUsage().rss - bytes < 100e6, "memory grew");
  await program.dispose();
  assert.equal(tf.memory().numTensors, tensors - Object.keys(states).length);
});

test("memory that runs out is told as such, and leaves nothing behind", async () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 100, 100, 1000]);
  builder.output("y", builder.concat(Array.from({ length: 8000 }, () => x))); // 320 GB
  const before = tf.memory().numTensors;
  const program = await engines[0]!.compile(builder.build());
  const feeds = { x: { shape: [1, 1, 100, 100, 1000], data: new Float32Array(1e7) } };
  await assert.rejects(program.run(feeds), { name: "TomoflowError", code: "gpu-out-of-memory" });
  assert.equal(tf.memory().numTensors, before);
});

test("the step train runs with engine: tensorflow, and says on what", async (context) => {
  const { rows } = await writeTinyFiles(context);
  const folder = await temporaryFolder(context);
  const trial = stepContext(train, folder, { classes: tinyClasses, rows, parameters: tinyParameters });
  await train.run({ ...trial, engine: "tensorflow" });
  const engine = trial.reports.find(({ type }) => type === "engine") as { name: string } | undefined;
  assert.match(engine!.name, /^tensorflow \(TensorFlow \d+\.\d+/);
});

test("the engine opens by name, and auto passes it over", async () => {
  const named = await openEngine("tensorflow", { threads });
  assert.match(named.device, /^TensorFlow \d+\.\d+\S*, (CPU|NVIDIA GPU).*, convolutions by (volume|planes)$/);
  await named.dispose();
  const auto = await openEngine("auto", { threads });
  assert.notEqual(auto.name, "tensorflow");
  await auto.dispose();
});
