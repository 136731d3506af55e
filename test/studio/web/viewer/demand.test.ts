import assert from "node:assert/strict";
import { test } from "node:test";
import { type DemandInput, wantedTiles } from "../../../../src/studio/web/viewer/demand.ts";
import { createHurry } from "../../../../src/studio/web/viewer/hurry.ts";
import { layoutPanes } from "../../../../src/studio/web/viewer/panes.ts";
import { createViewerStore } from "../../../../src/studio/web/viewer/viewer-store.ts";

const volume = {
  id: "v",
  name: "v.mrc",
  shape: [600, 500, 100],
  voxelSizeAngstrom: null,
  levels: 3,
  code: { offset: 0, scale: 1 },
  yUp: false,
  contrast: { low: 0, high: 1 },
} as const;

function input(part: Partial<DemandInput> = {}, averaged = 1): DemandInput {
  const store = createViewerStore();
  store.getState().show(volume);
  store.setState({ averaged });
  return {
    state: store.getState(),
    panes: layoutPanes("xy", { size: { width: 600, height: 500 }, extent: volume.shape, beside: false }),
    fineness: 1,
    volumesOf: () => [{ volume, averaged: true }],
    heading: null,
    ...part,
  };
}
const words = (tiles: ReturnType<typeof wantedTiles>) => tiles.map(({ level, slice }) => `${level}:${slice}`);

test("first the coarsest picture, then the slice in full from the middle, then what is averaged", () => {
  const tiles = wantedTiles(input({}, 3));
  assert.deepEqual(words(tiles).slice(0, 7), ["2:12", ...Array(6).fill("0:49")]);
  assert.deepEqual(new Set(words(tiles).slice(7)), new Set(["0:48", "0:50"]));
  assert.equal(tiles.length, 1 + 3 * 6);
  assert.equal(tiles[1]!.column, 1);
});

test("slices on the way come next, nearest first, and more of them ahead than behind", () => {
  const slices = wantedTiles(input({ heading: { axis: 2, sign: -1 } }))
    .slice(7)
    .filter(({ level }) => level === 0)
    .map(({ slice }) => slice);
  assert.deepEqual([...new Set(slices)], [48, 50, 47, 51, 46, 45, 44, 43]);
  // moving along x does not fetch other z
  assert.equal(wantedTiles(input({ heading: { axis: 0, sign: 1 } })).length, 7);
});

test("slices that go by too fast are asked for coarser until they come in time", () => {
  const hurry = createHurry();
  for (let move = 0; move < 2; move++) hurry.moved(false);
  assert.equal(hurry.levels(), 2);
  const levelsAt = () =>
    new Set(wantedTiles(input({ fineness: 1 / 2 ** hurry.levels() })).map(({ level }) => level));
  assert.deepEqual(levelsAt(), new Set([2]));
  for (let move = 0; move < 8; move++) hurry.moved(true);
  assert.equal(hurry.levels(), 1);
  assert.deepEqual(levelsAt(), new Set([2, 1]));
  for (let move = 0; move < 7; move++) hurry.moved(true);
  hurry.moved(false);
  assert.equal(hurry.levels(), 2);
  for (let move = 0; move < 20; move++) hurry.moved(false);
  assert.equal(hurry.levels(), 4);
  hurry.rests();
  assert.deepEqual(levelsAt(), new Set([2, 0]));
});

test("panes fill the viewer without overlapping, two tomograms share each plane's", () => {
  const size = { width: 801, height: 603 };
  for (const layout of ["all", "planes", "xz", "space"] as const)
    for (const beside of [false, true]) {
      const panes = layoutPanes(layout, { size, extent: [600, 500, 100], beside });
      const area = panes.reduce((sum, { width, height }) => sum + width * height, 0);
      assert.ok(area <= 801 * 603 && area > 0.99 * 801 * 603, `${layout}: ${area}`);
      for (const { left, top, width, height } of panes)
        assert.ok(left >= 0 && top >= 0 && left + width <= 801 && top + height <= 603);
      const planes = panes.filter(({ what }) => what !== "space");
      assert.equal(planes.filter(({ which }) => which === 1).length, beside ? planes.length / 2 : 0);
    }
});
