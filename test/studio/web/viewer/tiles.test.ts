import assert from "node:assert/strict";
import { test } from "node:test";
import type { View } from "../../../../src/studio/web/viewer/planes.ts";
import {
  ancestorOf,
  averagedSlices,
  levelFor,
  levelShape,
  listTiles,
  tilesInSight,
} from "../../../../src/studio/web/viewer/tiles.ts";

const view: View = { centre: [500, 300, 60], zoom: 1, aspect: [1, 1, 1], yUp: false };

test("a level has one voxel for each block, the last of them in part", () => {
  assert.deepEqual(levelShape([1001, 700, 129], 3), [126, 88, 17]);
});

test("the level has a texel for every pixel, and no more than it must", () => {
  const level = (zoom: number, ratio = 1) => levelFor({ ...view, zoom }, ratio, 4);
  assert.deepEqual(
    [level(8), level(1), level(0.51), level(0.5), level(0.26), level(0.25), level(0.01)],
    [0, 0, 0, 1, 1, 2, 3],
  );
  assert.equal(level(0.25, 2), 1);
});

test("tiles in sight are those that the pane cuts, the middle first", () => {
  const shape = [1001, 700, 129] as const;
  const size = { width: 400, height: 300 };
  assert.deepEqual(tilesInSight("xy", 0, { view, size, shape }), {
    columns: { from: 1, to: 2 },
    rows: { from: 0, to: 1 },
  });
  // voxel 255.5 is the border of the first tile: a pane that begins there does not need it
  assert.equal(
    tilesInSight("xy", 0, { view: { ...view, centre: [455.5, 300, 60] }, size, shape }).columns.from,
    1,
  );
  assert.equal(
    tilesInSight("xy", 0, { view: { ...view, centre: [455.4, 300, 60] }, size, shape }).columns.from,
    0,
  );
  assert.deepEqual(tilesInSight("yz", 1, { view, size, shape }), {
    columns: { from: 0, to: 0 },
    rows: { from: 0, to: 0 },
  });
  const beside = tilesInSight("xy", 0, { view: { ...view, centre: [5000, 300, 60] }, size, shape });
  assert.deepEqual(listTiles(beside), []);
  const middle = listTiles({ rows: { from: 0, to: 2 }, columns: { from: 0, to: 2 } })[0]!;
  assert.deepEqual([middle.row, middle.column], [1, 1]);
});

test("an average takes the slices around, at the ends fewer, of a coarse level each once", () => {
  const slices = (at: number, level: number, count: number) =>
    [...averagedSlices(at, level, { count, length: 12 })].sort((a, b) => a - b);
  assert.deepEqual(slices(5, 0, 1), [5]);
  assert.deepEqual(slices(5, 0, 3), [4, 5, 6]);
  assert.deepEqual(slices(5, 0, 4), [4, 5, 6, 7]);
  assert.deepEqual(slices(0, 0, 5), [0, 1, 2]);
  assert.deepEqual(slices(11, 0, 3), [10, 11]);
  assert.deepEqual(slices(5, 1, 5), [1, 2, 3]);
});

test("an ancestor holds the tile", () => {
  const tile = { volume: "a", plane: "xz", level: 1, slice: 13, row: 5, column: 6 } as const;
  assert.deepEqual(ancestorOf(tile, 3), { ...tile, level: 3, slice: 3, row: 1, column: 1 });
});
