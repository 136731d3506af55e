/** Tiles computed in chunks of planes, by an engine that does not stream by itself: the processor's, said to be such. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../src/compute/engine.ts";
import { TomoflowError } from "../../src/core/error.ts";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import { segmentVolume } from "../../src/segmentation/segment.ts";
import { planPlanes, planTiling } from "../../src/segmentation/tiling.ts";
import { volumeInMemory } from "../../src/volume/in-memory.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { countingEngine } from "../support/feeds.ts";
import { noise, segmentNoise, tinySegmentation, tinyWeights } from "../support/tiny-segmentation.ts";
import { tinyEngine } from "../support/tiny-training.ts";

const shape: Shape3 = [11, 22, 17];

/** Values of a graph, summed: what streaming makes smaller on engines that plan buffers. */
const largestValue = (graph: ReturnType<typeof predictionGraph>): number =>
  Math.max(...graph.values.map((value) => value.shape.reduce((product, length) => product * length, 1)));

async function plainEngine() {
  return { ...countingEngine(await tinyEngine()), streamsPlanes: false, planBytes: largestValue };
}

test("every chunk of planes, in every tile, gives the same labels and scores, bit for bit", async () => {
  const engine = await plainEngine();
  const whole = await segmentNoise(shape, { scores: true });
  for (const planes of [1, 2, 5, 11, 64]) {
    const { scores, labels } = await segmentNoise(shape, { planes, scores: true }, engine);
    assert.deepEqual(labels, whole.labels, `labels in chunks of ${planes}`);
    assert.deepEqual(scores, whole.scores, `scores in chunks of ${planes}`);
  }
  for (const [tile, planes] of [
    [[11, 9, 17], 4],
    [[5, 22, 10], 3],
    [[8, 8, 8], 2],
  ] as const)
    assert.deepEqual(
      (await segmentNoise(shape, { tile, planes }, engine)).labels,
      whole.labels,
      `tiles of ${tile} in chunks of ${planes}`,
    );
  assert.equal(engine.open(), 0, "all programs are released");
});

test("turned volumes and ensembles, in chunks: the same bits", async () => {
  const engine = await plainEngine();
  const options = {
    weights: [tinyWeights(6), tinyWeights(3)],
    testTimeAugmentation: "turns",
    scores: true,
  } as const;
  const whole = await segmentNoise(shape, options);
  const streamed = await segmentNoise(shape, { ...options, planes: 4 }, engine);
  assert.deepEqual(streamed.scores, whole.scores);
  assert.deepEqual(streamed.labels, whole.labels);
});

test("the volume is read once, chunk by chunk", async () => {
  const engine = await plainEngine();
  const reader = volumeInMemory({ data: noise(shape), shape });
  const read: (readonly number[])[] = [];
  const watched: typeof reader = {
    ...reader,
    readBox: (start, size) => {
      if (read.length > 0 || size[0] < 11) read.push([start[0], start[0] + size[0]]);
      return reader.readBox(start, size);
    },
  };
  for await (const _ of segmentVolume(engine, watched, { ...tinySegmentation, planes: 4 }));
  let next = 0;
  const chunks = read.filter(([, end]) => end! <= 11);
  assert.ok(chunks.length > 2, JSON.stringify(read));
  for (const [start, end] of chunks) {
    assert.equal(start, next);
    next = end!;
  }
  assert.equal(next, 11);
});

test("a volume that cannot be read any further ends the segmentation, and releases its programs", async () => {
  const engine = await plainEngine();
  const reader = volumeInMemory({ data: noise(shape), shape });
  let reads = 0;
  const broken: typeof reader = {
    ...reader,
    readBox: async (start, size) => {
      if (size[0] < 11 && ++reads === 2) throw new TomoflowError("read", "the disk is gone");
      return reader.readBox(start, size);
    },
  };
  await assert.rejects(
    async () => {
      for await (const _ of segmentVolume(engine, broken, { ...tinySegmentation, planes: 3 }));
    },
    { message: "the disk is gone" },
  );
  assert.equal(engine.open(), 0);
});

const deep: Shape3 = [90, 12, 20];

test("the tiling of least work is taken, in the largest chunks that fit; smaller tiles only where no chunk does", () => {
  const graph = predictionGraph(tinySegmentation.network, deep);
  const planner = { planBytes: largestValue, streamsPlanes: false };
  const plan = (memoryBytes: number) =>
    planTiling(planner, graph, { shape: deep, output: "labels", memoryBytes });
  const { bytes, planes, floatingPointOperations: work, tile } = plan(1e9);
  assert.deepEqual([tile, planes], [deep, 64]);
  let less = bytes;
  for (const fewer of [32, 16, 8, 4]) {
    const tiling = plan(less - 1);
    assert.deepEqual([tiling.tile, tiling.planes, tiling.floatingPointOperations], [deep, fewer, work]);
    assert.ok(tiling.bytes < less);
    less = tiling.bytes;
  }
  const tiles = plan(less - 1);
  assert.ok(tiles.tile[1] < 12 || tiles.tile[2] < 20 || tiles.tile[0] < 90);
  assert.ok(tiles.floatingPointOperations > work);
  assert.throws(() => plan(1000), { code: "memory-too-small" });
});

test("a volume of few planes comes in one chunk where it fits; an engine that streams by itself does so for all", () => {
  const flat: Shape3 = [40, 12, 20];
  const graph = predictionGraph(tinySegmentation.network, flat);
  const plan = (memoryBytes: number, streamsPlanes: boolean) =>
    planTiling({ planBytes: largestValue, streamsPlanes }, graph, {
      shape: flat,
      output: "labels",
      memoryBytes,
    });
  const whole = plan(1e9, false);
  assert.equal(whole.planes, 64);
  assert.equal(plan(whole.bytes - 1, false).planes, 32);
  assert.equal(plan(1e9, true).planes, undefined);
});

test("tiles of a size that was asked for come in the largest chunks that fit, or the smallest there are", () => {
  const graph = predictionGraph(tinySegmentation.network, deep);
  const planner = { planBytes: largestValue, streamsPlanes: false };
  const plan = (memoryBytes: number) =>
    planPlanes(planner, graph, { shape: deep, tile: [90, 12, 10], output: "labels", memoryBytes });
  assert.equal(plan(1e9), 64);
  assert.equal(plan(1), 4);
  const { bytes } = planTiling(planner, graph, { shape: deep, output: "labels", memoryBytes: 1e9 });
  assert.ok([8, 16, 32].includes(plan(bytes / 2)!));
});

test("less memory than promised: smaller chunks of the same tile, the same labels", async () => {
  const engine = await plainEngine();
  const whole = await segmentNoise(deep);
  const graphs: number[] = [];
  const compile: Engine["compile"] = async (graph, options) => {
    graphs.push(largestValue(graph));
    if (graphs.length === 1)
      throw new TomoflowError("gpu-out-of-memory", "the GPU has too little free memory");
    return engine.compile(graph, options);
  };
  const result = await segmentNoise(deep, {}, { ...engine, compile });
  assert.equal(result.tiles, 1);
  assert.deepEqual(result.labels, whole.labels);
  assert.equal(graphs.length, 2, "one tile, in smaller chunks");
  assert.ok(graphs[1]! <= graphs[0]! / 2);
  assert.equal(engine.open(), 0);
});
