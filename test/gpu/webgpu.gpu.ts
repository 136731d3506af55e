/** The webgpu engine on whatever adapter Dawn finds; without one these tests fail. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { globals } from "webgpu";
import { listEngines, openEngine } from "../../src/compute/engines.ts";
import { compileOnnx } from "../../src/compute/onnx/engine.ts";
import { runOnce } from "../../src/compute/run-once.ts";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import { gpuRegisters } from "../../src/compute/webgpu/lowering/dispatch.ts";
import { GraphBuilder, type ValueId } from "../../src/network/graph.ts";
import type { LossChoice } from "../../src/network/losses.ts";
import { trainingGraph } from "../../src/network/training-graph.ts";
import { assertClose, lossGraph, randomFeeds } from "../support/feeds.ts";
import { oracleGradients } from "../support/oracle.ts";
import { testPrimitives } from "../support/primitive-suite.ts";

const engine = await createWebgpuEngine();
after(() => engine.dispose());

testPrimitives([{ name: engine.device, compile: (graph) => engine.compile(graph) }]);

const tversky: LossChoice = { name: "dice" };

const convolution = (builder: GraphBuilder): ValueId => {
  const x = builder.input("x", [2, 5, 10, 6, 17]);
  const kernel = builder.input("kernel", [18, 5, 3, 3, 3]);
  return builder.conv3d(x, kernel, { bias: builder.input("bias", [18]), relu: true });
};

test("the shaders of real GPUs, with their full registers, equal tfjs", async () => {
  const full = await createWebgpuEngine({ registers: gpuRegisters });
  try {
    const { forward, backward, wanted, classes } = lossGraph(convolution, tversky);
    const feeds = randomFeeds(backward, 12, classes);
    const expected = oracleGradients(forward, feeds, { loss: "loss", wanted });
    const result = await runOnce(full, backward, feeds);
    for (const name of wanted)
      assertClose(result[`d/${name}`]!.data, expected[name]!, { relative: 1e-4, what: name });
  } finally {
    await full.dispose();
  }
});

test("a whole training step equals the onnx engine's, and itself to the bit", async () => {
  // the same shapes as in testPrimitives, so that its shaders, which SwiftShader compiles for a minute, are used again
  const graph = trainingGraph(
    { classes: 3, filters: [5, 16, 7] },
    { batch: 2, extent: [4, 8, 12] },
    tversky,
    {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    },
  );
  const random = randomFeeds(graph, 13);
  const feeds = Object.fromEntries(
    Object.entries(random).map(([name, { shape, data }]) => {
      if (name.startsWith("variance/"))
        return [name, { shape, data: Float32Array.from(data, (v) => 0.02 + v * v) }];
      if (name.endsWith("/kernel")) return [name, { shape, data: Float32Array.from(data, (v) => 0.2 * v) }];
      return [name, { shape, data }];
    }),
  );
  feeds.rate = { shape: [1], data: Float32Array.of(0.01) };
  const expected = await runOnce({ compile: (g) => compileOnnx(g, { threads: 2 }) }, graph, feeds);
  const program = await engine.compile(graph);
  const first = await program.run(feeds);
  const second = await program.run(feeds);
  await program.dispose();
  for (const name of Object.keys(graph.outputs)) {
    assert.deepEqual(first[name]!.shape, [...expected[name]!.shape]);
    assertClose(first[name]!.data, expected[name]!.data, { relative: 1e-5, what: name });
    assert.deepEqual(second[name]!.data, first[name]!.data, `${name} in a second run`);
  }
});

test("labels in number not a multiple of four come back exactly", async () => {
  const builder = new GraphBuilder();
  builder.output("y", builder.argMax(builder.input("x", [1, 3, 1, 1, 7])));
  const data = Float32Array.of(5, 0, 0, 1, 1, 0, 9, 0, 5, 0, 1, 2, 0, 8, 0, 0, 5, 0, 2, 7, 9);
  const { y } = await runOnce(engine, builder.build(), { x: { shape: [1, 3, 1, 1, 7], data } });
  assert.deepEqual([...y!.data], [0, 1, 2, 0, 1, 2, 0]);
});

test("a thousand steps make no buffer, and dispose frees each that compile made", async (t) => {
  const prototypes = globals as { GPUDevice: { prototype: GPUDevice }; GPUBuffer: { prototype: GPUBuffer } };
  const made = t.mock.method(prototypes.GPUDevice.prototype, "createBuffer");
  const freed = t.mock.method(prototypes.GPUBuffer.prototype, "destroy");
  const { backward, classes } = lossGraph((b) => b.input("x", [1, 3, 2, 3, 4]), tversky);
  const feeds = randomFeeds(backward, 14, classes);
  const program = await engine.compile(backward);
  const buffers = made.mock.callCount();
  assert.ok(buffers > 3);
  assert.equal(engine.buffers().count, buffers);
  const first = await program.run(feeds);
  for (let step = 0; step < 1000; step++) assert.deepEqual(await program.run(feeds), first);
  assert.equal(made.mock.callCount(), buffers);
  await program.dispose();
  assert.equal(freed.mock.callCount(), buffers);
  assert.deepEqual(engine.buffers(), { count: 0, bytes: 0 });
});

test("runs of one program take turns", async () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 2, 2, 2]);
  builder.output("y", builder.add(x, x));
  const program = await engine.compile(builder.build());
  const feed = (value: number) => ({ x: { shape: [1, 1, 2, 2, 2], data: new Float32Array(8).fill(value) } });
  const results = await Promise.all([1, 2, 3].map((value) => program.run(feed(value))));
  await program.dispose();
  assert.deepEqual(
    results.map(({ y }) => y!.data[7]),
    [2, 4, 6],
  );
});

test("a value too large to bind counts as too large to plan, and says so when compiled", async () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 4096, 4096, 4096]);
  builder.output("y", builder.add(x, x));
  const graph = builder.build();
  assert.equal(engine.planBytes(graph), Number.POSITIVE_INFINITY);
  await assert.rejects(engine.compile(graph), { name: "TomoflowError", code: "gpu-buffer-limit" });
});

test("a software adapter is used by name, and not by auto", async () => {
  const named = await openEngine("webgpu", { threads: 1 });
  assert.equal(named.name, "webgpu");
  const isSoftware = named.device.includes("software");
  await named.dispose();
  const auto = await openEngine("auto", { threads: 1 });
  assert.equal(auto.name, isSoftware ? "onnx" : "webgpu");
  await auto.dispose();
  const [webgpu] = await listEngines();
  assert.equal(webgpu!.available, !isSoftware);
  assert.match(webgpu!.reason ?? webgpu!.device ?? "", isSoftware ? /only a software adapter, / : /./);
});
