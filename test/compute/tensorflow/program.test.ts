import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine, Program, Tensors } from "../../../src/compute/engine.ts";
import { compileOnnx } from "../../../src/compute/onnx/engine.ts";
import { runOnce } from "../../../src/compute/run-once.ts";
import { Random } from "../../../src/core/random.ts";
import { type Graph, GraphBuilder } from "../../../src/network/graph.ts";
import type { LossChoice } from "../../../src/network/losses.ts";
import { networkParameters } from "../../../src/network/networks.ts";
import { initialParameters } from "../../../src/network/parameters.ts";
import { predictionGraph } from "../../../src/network/prediction-graph.ts";
import { deepFinderAdam, trainingGraph } from "../../../src/network/training-graph.ts";
import { assertClose, lossGraph, randomFeeds } from "../../support/feeds.ts";
import { countTensors, tensorflowOnCpu } from "../../support/tensorflow-on-cpu.ts";

const engine = tensorflowOnCpu("volume");
const tversky: LossChoice = { name: "dice" };
const network = { classes: 3, filters: [4, 5, 6] as const };
const definitions = networkParameters(network);
const onnx: Pick<Engine, "compile"> = {
  compile: (graph, options) => compileOnnx(graph, { ...options, threads: 1 }),
};

/** Weights as training starts with, and means and variances of 0. */
function firstStates(): Tensors {
  const states: Record<string, Tensors[string]> = {};
  const parameters = initialParameters(definitions, new Random(5));
  for (const { name, shape } of definitions) {
    states[name] = { shape, data: parameters.get(name)! };
    for (const state of ["mean", "variance"])
      states[`${state}/${name}`] = { shape, data: new Float32Array(parameters.get(name)!.length) };
  }
  return states;
}

/** Batches of one training, and its graph. */
function smallTraining(): { graph: Graph; batch(step: number): Tensors } {
  const graph = trainingGraph(network, { batch: 2, extent: [4, 8, 12] }, tversky, deepFinderAdam);
  return {
    graph,
    batch: (step) => {
      const { x, labels } = randomFeeds(graph, 100 + step);
      return { x: x!, labels: labels!, rate: { shape: [1], data: Float32Array.of(1e-3) } };
    },
  };
}

/** Several steps, states kept by the program; the losses, and the states at the end. */
async function trainOn(on: Pick<Engine, "compile">, steps: number) {
  const { graph, batch } = smallTraining();
  const kept = Object.keys(firstStates());
  const program = await on.compile(graph, { kept });
  try {
    await program.load(firstStates());
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const results = await program.run(batch(step));
      assert.deepEqual(Object.keys(results).sort(), ["loss", "predicted"]);
      losses.push(results.loss!.data[0]!);
    }
    return { losses, states: await program.read(kept) };
  } finally {
    await program.dispose();
  }
}

test("six steps of training equal the onnx engine's: losses, and weights after them", async () => {
  const expected = await trainOn(onnx, 6);
  const actual = await trainOn(engine, 6);
  assertClose(actual.losses, expected.losses, { relative: 1e-5, what: "losses" });
  for (const { name } of definitions)
    assertClose(actual.states[name]!.data, expected.states[name]!.data, { relative: 1e-3, what: name });
  const first = firstStates();
  const { name } = definitions[2]!;
  const moved = actual.states[name]!.data.map((value, i) => value - first[name]!.data[i]!);
  assert.ok(Math.max(...moved.map(Math.abs)) > 3e-3, "the weights hardly moved");
});

test("the same training gives the same bits", async () => {
  assert.deepEqual(await trainOn(engine, 2), await trainOn(engine, 2));
});

test("a prediction cropped out of its margin equals the onnx engine's, labels and scores", async () => {
  const graph = predictionGraph(network, [3, 5, 6], 2);
  const feeds = { ...randomFeeds(graph, 3), ...firstStates() };
  const expected = await runOnce(onnx, graph, feeds);
  for (const formulation of ["volume", "planes"] as const) {
    const { labels, scores } = await runOnce(tensorflowOnCpu(formulation), graph, feeds);
    assert.deepEqual(scores!.shape, [1, 3, 3, 5, 6]);
    assertClose(scores!.data, expected.scores!.data, { relative: 1e-5, what: formulation });
    assert.deepEqual(labels, { shape: [1, 3, 5, 6], data: expected.labels!.data });
  }
});

test("two hundred steps hold no tensor more than the first; dispose lets go of those kept", async () => {
  const start = countTensors();
  const { backward, wanted, classes } = lossGraph((builder) => {
    const x = builder.input("x", [1, 2, 2, 4, 6]);
    const inner = builder.upsample3d(builder.maxPool3d(x));
    const kernel = builder.input("kernel", [3, 4, 3, 3, 2]);
    const bias = builder.input("bias", [3]);
    return builder.conv3d(builder.concat([inner, x]), kernel, { bias, relu: true });
  }, tversky);
  const feeds = randomFeeds(backward, 14, classes);
  const { kernel, bias, ...rest } = feeds;
  for (const formulation of ["volume", "planes"] as const) {
    const program = await tensorflowOnCpu(formulation).compile(backward, { kept: ["kernel", "bias"] });
    await program.load({ kernel: kernel!, bias: bias! });
    assert.equal(countTensors(), start + 2);
    const first = await program.run(rest);
    assert.deepEqual(Object.keys(first).sort(), ["loss", ...wanted.map((name) => `d/${name}`)].sort());
    assert.equal(countTensors(), start + 2);
    for (let step = 0; step < 200; step++) await program.run(rest);
    assert.equal(countTensors(), start + 2);
    await program.load({ bias: bias! });
    assert.equal(countTensors(), start + 2);
    await program.dispose();
    assert.equal(countTensors(), start);
  }
});

/** Doubles `x` a thousand times. */
async function longProgram(): Promise<Program> {
  const builder = new GraphBuilder();
  let y = builder.input("x", [1, 1, 2, 2, 2]);
  for (let step = 0; step < 1000; step++) y = builder.add(y, y);
  builder.output("y", y);
  return engine.compile(builder.build());
}

const cube = (value: number): Tensors => ({
  x: { shape: [1, 1, 2, 2, 2], data: new Float32Array(8).fill(value) },
});

test("a run ends when it is asked to, between two operations, and frees what it made", async () => {
  const start = countTensors();
  const program = await longProgram();
  const stop = new AbortController();
  const run = program.run(cube(0), stop.signal);
  setImmediate(() => stop.abort(new Error("enough")));
  await assert.rejects(run, { message: "enough" });
  assert.equal(countTensors(), start);
  await assert.rejects(program.run(cube(0), AbortSignal.abort(new Error("before"))), { message: "before" });
  assert.equal((await program.run(cube(0))).y!.data[7], 0);
});

test("a run that fails frees what it made", async () => {
  const { graph, batch } = smallTraining();
  const start = countTensors();
  const program = await engine.compile(graph);
  const feeds = { ...batch(0), ...firstStates() };
  const short = { ...feeds, x: { ...feeds.x!, data: new Float32Array(7) } };
  await assert.rejects(program.run(short), /7/);
  assert.equal(countTensors(), start);
  await assert.rejects(program.run(batch(0)), { code: "feed-missing" });
  assert.equal(countTensors(), start);
});

test("kept inputs must be loaded before they are used", async () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 2, 2, 2]);
  builder.output("y", builder.add(x, x));
  const program = await engine.compile(builder.build(), { kept: ["x"] });
  await assert.rejects(program.run({}), { code: "feed-missing" });
  await assert.rejects(program.read(["x"]), { code: "feed-missing" });
  await assert.rejects(program.load({ y: cube(1).x! }), { code: "feed-unknown" });
  await program.load(cube(3));
  assert.equal((await program.run({})).y!.data[0], 6);
  await program.dispose();
});
