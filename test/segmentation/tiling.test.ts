import assert from "node:assert/strict";
import { test } from "node:test";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import { planTiling, tilesOf } from "../../src/segmentation/tiling.ts";
import type { Shape3 } from "../../src/volume/volume.ts";

const network = { classes: 3, filters: [4, 4, 4] as const };

test("tiles cover every voxel once, in order of z, y, x, none larger than asked and none empty", () => {
  const lengths = [1, 2, 5, 9, 10, 17, 26];
  for (const length of lengths)
    for (const most of [1, 2, 3, 4, 7, 8, 25, 26, 99]) {
      const ranges = tilesOf([length, 3, 1], [most, 4, 1]).map(([z]) => z);
      let next = 0;
      for (const [start, end] of ranges) {
        assert.equal(start, next);
        assert.ok(
          end > start && end - start <= most,
          `${length} in tiles of ${most}: ${JSON.stringify(ranges)}`,
        );
        if (most > 1) assert.equal(start % 2, 0, "tiles start where cells of 2×2×2 do");
        next = end;
      }
      assert.equal(next, length);
    }
  const order = tilesOf([4, 4, 4], [2, 2, 2]).map((box) => box.map(([start]) => start).join(""));
  assert.deepEqual(order, ["000", "002", "020", "022", "200", "202", "220", "222"]);
});

const shape: Shape3 = [40, 64, 96];

/** Bytes as voxels of the input: large tiles cost more. */
const planBytes = (graph: ReturnType<typeof predictionGraph>) =>
  graph.values[graph.inputs.x!]!.shape.reduce((product, length) => product * length, 1);

test("the cheapest tiling that fits: the whole volume when there is memory, ever smaller tiles when there is not", () => {
  const graph = predictionGraph(network, shape);
  const plan = (memoryBytes: number) =>
    planTiling({ planBytes, streamsPlanes: true }, graph, { shape, output: "labels", memoryBytes });
  const whole = plan(1e9);
  assert.deepEqual(whole.tile, shape);
  let work = whole.floatingPointOperations;
  let { bytes } = whole;
  for (let tilings = 0; tilings < 4; tilings++) {
    const smaller = plan(bytes - 1);
    assert.ok(smaller.bytes < bytes);
    assert.ok(smaller.floatingPointOperations > work);
    ({ bytes, floatingPointOperations: work } = smaller);
  }
});

test("the slab of whole planes is planned with the rest: a byte a voxel, and four for each class with scores", () => {
  const graph = predictionGraph(network, shape);
  const nothing = { planBytes: () => 0, streamsPlanes: true };
  const plan = (output: string) => planTiling(nothing, graph, { shape, output, memoryBytes: 1e9 }).bytes;
  assert.deepEqual([plan("labels"), plan("scores")], [40 * 64 * 96, 13 * 40 * 64 * 96]);
});

test("no tiling fits: how much is needed, how much there is, and what to do", () => {
  const graph = predictionGraph(network, shape);
  const planBytes = () => 2.34e9;
  assert.throws(
    () =>
      planTiling({ planBytes, streamsPlanes: true }, graph, { shape, output: "labels", memoryBytes: 1e9 }),
    {
      code: "memory-too-small",
      message: "segmenting 40×64×96 voxels takes at least 2.3 GB of memory, but 1.0 GB may be used",
      hint: "allow more with `resources: {memory: …}`, or run fewer tasks at a time with --jobs 1",
    },
  );
});
