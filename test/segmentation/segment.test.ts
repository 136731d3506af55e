import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../src/compute/engine.ts";
import { largestClass } from "../../src/segmentation/largest-class.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { countingEngine } from "../support/feeds.ts";
import {
  denseNetwork,
  paddedNoise,
  placeOf,
  segmentNoise,
  tinySegmentation,
  tinyWeights,
} from "../support/tiny-segmentation.ts";
import { tinyEngine } from "../support/tiny-training.ts";

const shape: Shape3 = [11, 22, 17];
const voxels = 11 * 22 * 17;

test("the labels are the untiled network's", async () => {
  const extent: Shape3 = [64, 72, 68];
  const network = await denseNetwork(extent);
  const dense = await network.scores(paddedNoise(shape, extent));
  await network.dispose();
  const { labels, scores, tiles } = await segmentNoise(shape, { scores: true });
  assert.equal(tiles, 1);
  let [worst, differing] = [0, 0];
  for (let i = 0; i < voxels; i++) {
    const [z, y, x] = placeOf(i, shape);
    const at = ((z + 25) * 72 + y + 25) * 68 + x + 25;
    const expected = [0, 1, 2].map((c) => dense[c * 64 * 72 * 68 + at]!);
    for (const [c, value] of expected.entries())
      worst = Math.max(worst, Math.abs(scores[c * voxels + i]! - value));
    if (labels[i] !== expected.indexOf(Math.max(...expected))) differing++;
  }
  assert.ok(worst < 1e-5, `scores differ by ${worst}`);
  assert.equal(differing, 0);
  assert.deepEqual([...new Set(labels)].sort(), [0, 1, 2], "a test of one class would test little");
});

test("every tile size gives the same labels and scores, bit for bit", async () => {
  const whole = await segmentNoise(shape, { scores: true });
  for (const tile of [
    [4, 22, 17],
    [7, 12, 9],
  ] as const) {
    const tiled = await segmentNoise(shape, { tile, scores: true });
    assert.ok(tiled.tiles > 2);
    assert.deepEqual(tiled.labels, whole.labels, `labels in tiles of ${tile}`);
    assert.deepEqual(tiled.scores, whole.scores, `scores in tiles of ${tile}`);
  }
  for (const tile of [
    [99, 99, 99],
    [5, 22, 11],
    [8, 8, 17],
  ] as const)
    assert.deepEqual((await segmentNoise(shape, { tile })).labels, whole.labels, `labels alone, ${tile}`);
});

test("a volume longer than the network sees: tiles that read only a part of it", async () => {
  const long: Shape3 = [4, 6, 130];
  const whole = await segmentNoise(long, { scores: true });
  const tiled = await segmentNoise(long, { tile: [4, 6, 36], scores: true });
  assert.equal(tiled.tiles, 4);
  assert.deepEqual(tiled.scores, whole.scores);
  assert.deepEqual(tiled.labels, whole.labels);
});

test("little memory: more tiles, the same labels", async () => {
  const large: Shape3 = [34, 36, 17];
  const engine = countingEngine(await tinyEngine());
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  const planBytes = (graph: Parameters<Engine["planBytes"]>[0]) => {
    const bytes = engine.planBytes(graph);
    [least, most] = [Math.min(least, bytes), Math.max(most, bytes)];
    return bytes;
  };
  const whole = await segmentNoise(large, {}, { ...engine, planBytes });
  assert.equal(whole.tiles, 1);
  const tiled = await segmentNoise(large, { memoryBytes: (least + most) / 2 }, engine);
  assert.ok(tiled.tiles > 1, `${tiled.tiles} tiles`);
  assert.deepEqual(tiled.labels, whole.labels);
  await assert.rejects(segmentNoise(large, { memoryBytes: least / 2 }, engine), { code: "memory-too-small" });
  assert.equal(engine.open(), 0, "all programs are released");
});

test("programs of tiles give their memory back after a run; the one of a whole volume keeps it", async () => {
  const engine = await tinyEngine();
  const asked: unknown[] = [];
  const compile: Engine["compile"] = (graph, options) => {
    asked.push(options?.releasesMemory);
    return engine.compile(graph, options);
  };
  await segmentNoise(shape, {}, { ...engine, compile });
  assert.deepEqual(asked, [false]);
  await segmentNoise(shape, { tile: [6, 22, 17] }, { ...engine, compile });
  assert.deepEqual(asked.slice(1), [true, true]);
});

test("an ensemble averages probabilities; of twice the same network it is that network", async () => {
  const [a, b] = [tinyWeights(6), tinyWeights(3)];
  const first = await segmentNoise(shape, { scores: true });
  const second = await segmentNoise(shape, { weights: [b], scores: true });
  assert.notDeepEqual(first.labels, second.labels);
  const both = await segmentNoise(shape, { weights: [a, b], scores: true, tile: [6, 22, 17] });
  const mean = first.scores.map((value, i) => Math.fround(value + second.scores[i]!) / 2);
  assert.deepEqual(both.scores, mean);
  assert.deepEqual(both.labels, largestClass(mean, voxels));
  assert.deepEqual((await segmentNoise(shape, { weights: [a, b] })).labels, both.labels);
  assert.deepEqual((await segmentNoise(shape, { weights: [a, a] })).labels, first.labels);
});

test("bias: added to the logarithm of the probability", async () => {
  const { scores, labels: unbiased } = await segmentNoise(shape, { scores: true });
  const bias = [-0.4, 0.3, 0];
  const { labels } = await segmentNoise(shape, { bias });
  for (let i = 0; i < voxels; i++) {
    const values = bias.map((add, c) => Math.log(scores[c * voxels + i]!) + add);
    const [best, next] = [...values].sort((p, q) => q - p);
    if (best! - next! > 1e-5) assert.equal(labels[i], values.indexOf(best!));
  }
  const count = (all: Uint8Array, label: number) => all.filter((each) => each === label).length;
  assert.ok(count(labels, 0) < count(unbiased, 0) && count(labels, 1) > count(unbiased, 1));
  assert.ok((await segmentNoise(shape, { bias: [20, 0, 0] })).labels.every((label) => label === 0));
});

test("the largest class; the lowest label of equal ones", () => {
  const scores = Float32Array.of(0.2, 0.4, 0.5, 0.5, 0.4, 0.3, 0.3, 0.2, 0.2);
  assert.deepEqual([...largestClass(scores, 3)], [1, 0, 0]);
  assert.deepEqual([...largestClass(Float32Array.of(0.3, 0.3), 1, [0.1, 0.1])], [0]);
  assert.deepEqual([...largestClass(Float32Array.of(0.3, 0.3), 1, [0, 0.1])], [1]);
});

test("stops when asked to, between tiles, and releases its programs", async () => {
  for (const tiling of ["exact", "deepfinder"] as const) {
    const engine = countingEngine(await tinyEngine());
    const stop = new AbortController();
    const tile: Shape3 = tiling === "exact" ? [6, 22, 17] : [56, 56, 56];
    const options = { tiling, tile, signal: stop.signal, onProgress: () => stop.abort() };
    await assert.rejects(segmentNoise(shape, options, engine), { name: "AbortError" });
    assert.equal(engine.open(), 0);
  }
});

test("progress counts voxels, to the last", async () => {
  const seen: number[] = [];
  const onProgress = (done: number, total: number) => {
    assert.equal(total, voxels);
    seen.push(done);
  };
  await segmentNoise(shape, { ...tinySegmentation, tile: [4, 22, 17], onProgress });
  assert.deepEqual(seen, [4 * 374, 8 * 374, voxels]);
});
