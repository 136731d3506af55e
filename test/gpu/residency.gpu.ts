/** What stays on the GPU between runs, what runs share, and what a lost device or too little memory leaves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { globals } from "webgpu";
import type { Tensor } from "../../src/compute/engine.ts";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import { addGradients } from "../../src/network/gradient.ts";
import { type Graph, GraphBuilder } from "../../src/network/graph.ts";
import { lossFormula } from "../../src/network/losses.ts";
import { randomFeeds } from "../support/feeds.ts";

const shape = [2, 3, 2, 3, 4];

/** Learns the logits themselves: a training step of the fewest shaders. */
function learningGraph(): Graph {
  const builder = new GraphBuilder();
  const states = ["w", "mean/w", "variance/w"].map((name) => builder.input(name, shape));
  const [parameter, mean, variance] = states as [number, number, number];
  const labels = builder.input("labels", [2, 2, 3, 4], "uint8");
  const rate = builder.input("rate", [1]);
  const loss = builder.loss(builder.softmax(parameter), labels, lossFormula({ name: "cross-entropy" }));
  const gradient = addGradients(builder, loss, [parameter]).get(parameter)!;
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const after = builder.adam({ parameter, gradient, mean, variance, rate, ...adam });
  for (const [index, name] of kept.entries()) builder.output(name, after[index]!);
  builder.output("loss", loss);
  return builder.build();
}

const kept = ["w", "mean/w", "variance/w"];

function start() {
  const { labels, rate, ...random } = randomFeeds(learningGraph(), 21);
  const zeros = (): Tensor => ({ shape, data: new Float32Array(144) });
  const states = { w: random.w!, "mean/w": zeros(), "variance/w": zeros() };
  return { states, batch: { labels: labels!, rate: { ...rate!, data: Float32Array.of(0.05) } } };
}

test("weights that stay on the GPU: a thousand steps learn, leak nothing, and equal weights that are fed, to the bit", async (t) => {
  const engine = await createWebgpuEngine();
  t.after(() => engine.dispose());
  const graph = learningGraph();
  const { states, batch } = start();
  const program = await engine.compile(graph, { kept });
  await assert.rejects(program.run(batch), { code: "feed-missing", message: /kept input w was not loaded/ });
  await program.load(states);
  const fed = await engine.compile(graph);
  let byHand: Record<string, Tensor> = states;
  for (let step = 0; step < 5; step++) {
    const { loss, ...after } = await fed.run({ ...byHand, ...batch });
    byHand = after;
    assert.deepEqual(await program.run(batch), { loss });
  }
  assert.deepEqual(await program.read(kept), byHand);
  await fed.dispose();
  const before = engine.buffers();
  const losses: number[] = [];
  for (let step = 5; step < 1000; step++) losses.push((await program.run(batch)).loss!.data[0]!);
  assert.ok(losses.at(-1)! < 0.02 && losses[0]! > 0.2, `${losses[0]} to ${losses.at(-1)}`);
  const { w } = await program.read(["w"]);
  assert.notDeepEqual(w, byHand.w);
  assert.deepEqual(engine.buffers(), before);
  await program.load(states);
  assert.deepEqual(await program.read(kept), states, "loaded again");
  await program.dispose();
  assert.deepEqual(engine.buffers(), { count: 0, bytes: 0 });
});

test("runs that are asked for at once are done in order, while earlier results are read", async (t) => {
  const engine = await createWebgpuEngine();
  t.after(() => engine.dispose());
  const builder = new GraphBuilder();
  const sum = builder.input("sum", [1, 1, 2, 2, 2]);
  builder.output("sum", builder.add(sum, builder.input("x", [1, 1, 2, 2, 2])));
  builder.output("before", builder.add(sum, sum));
  const program = await engine.compile(builder.build(), { kept: ["sum"] });
  const filled = (value: number) => ({ shape: [1, 1, 2, 2, 2], data: new Float32Array(8).fill(value) });
  const loading = program.load({ sum: filled(0) });
  const runs = [1, 2, 3, 4, 5].map((value) => program.run({ x: filled(value) }));
  const end = program.read(["sum"]);
  await loading;
  assert.deepEqual(
    (await Promise.all(runs)).map(({ before }) => before!.data[7]),
    [0, 2, 6, 12, 20],
  );
  assert.deepEqual((await end).sum, filled(15));
  const disposed = Promise.all([program.run({ x: filled(0) }), program.dispose()]);
  assert.deepEqual((await disposed)[0].before, filled(30), "what was asked for before the end is done");
});

/** A program that doubles `side`³ voxels. */
function doubling(side: number): Graph {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, side, side, side]);
  builder.output("y", builder.add(x, x));
  return builder.build();
}

const cube = (side: number, value: number) => ({
  x: { shape: [1, 1, side, side, side], data: new Float32Array(side ** 3).fill(value) },
});

test("results that nobody holds are given back", async (t) => {
  const engine = await createWebgpuEngine();
  t.after(() => engine.dispose());
  const program = await engine.compile(doubling(64));
  const feeds = cube(64, 1);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  await program.run(feeds);
  const before = await held();
  for (let run = 0; run < 60; run++) await program.run(feeds);
  assert.ok((await held()) - before < 8 * 2 ** 20, "60 results of 1 MiB are still held");
  await program.dispose();
});

test("programs share the buffers of what lives within a run: a larger one moves those of a smaller", async (t) => {
  const engine = await createWebgpuEngine();
  t.after(() => engine.dispose());
  const small = await engine.compile(doubling(4));
  const { bytes } = engine.buffers();
  const first = small.run(cube(4, 1));
  const large = await engine.compile(doubling(8));
  const results = await Promise.all([
    first,
    small.run(cube(4, 2)),
    large.run(cube(8, 3)),
    small.run(cube(4, 4)),
  ]);
  assert.deepEqual(
    results.map(({ y }) => y!.data.at(-1)),
    [2, 4, 6, 8],
  );
  const largeBytes = engine.planBytes(doubling(8));
  assert.equal(engine.buffers().bytes, largeBytes + bytes / 2, "beside them, the small one's results alone");
  await large.dispose();
  assert.equal((await small.run(cube(4, 5))).y!.data[0], 10);
  await small.dispose();
  assert.deepEqual(engine.buffers(), { count: 0, bytes: 0 });
});

test("too little memory: told with its code, and smaller programs go on", async (t) => {
  const limit = 4 * 4 * 8 ** 3;
  const engine = await createWebgpuEngine({ memoryLimitBytes: limit });
  t.after(() => engine.dispose());
  assert.equal(engine.planBytes(doubling(8)), limit);
  const small = await engine.compile(doubling(4));
  await assert.rejects(engine.compile(doubling(10)), {
    name: "TomoflowError",
    code: "gpu-out-of-memory",
    hint: /smaller tile/,
  });
  assert.equal((await small.run(cube(4, 1))).y!.data[0], 2);
  await assert.rejects(engine.compile(doubling(8)), { code: "gpu-out-of-memory" }, "beside the small one");
  await small.dispose();
  const large = await engine.compile(doubling(8));
  assert.equal((await large.run(cube(8, 3))).y!.data[511], 6);
  await large.dispose();
  assert.equal(engine.buffers().bytes, 0);
});

test("a lost device ends its programs, also for who waits; the next compile opens it again", async (t) => {
  const { GPUAdapter } = globals as { GPUAdapter: { prototype: GPUAdapter } };
  const requests = t.mock.method(GPUAdapter.prototype, "requestDevice");
  const engine = await createWebgpuEngine();
  const program = await engine.compile(doubling(4));
  const waiting = program.run(cube(4, 1)).then(
    () => "done",
    (error: { code: string }) => error.code,
  );
  (await requests.mock.calls[0]!.result!).destroy();
  assert.ok(["done", "gpu-lost"].includes(await waiting));
  await assert.rejects(program.run(cube(4, 1)), { name: "TomoflowError", code: "gpu-lost" });
  await assert.rejects(program.run(cube(4, 1)), { code: "gpu-lost" });
  await program.dispose();
  const again = await engine.compile(doubling(4));
  assert.equal(requests.mock.callCount(), 2);
  assert.equal((await again.run(cube(4, 7))).y!.data[63], 14);
  await engine.dispose();
  await assert.rejects(again.run(cube(4, 1)), { code: "gpu-lost" });
  await assert.rejects(engine.compile(doubling(4)), { code: "gpu-lost" }, "not after it was disposed of");
});
