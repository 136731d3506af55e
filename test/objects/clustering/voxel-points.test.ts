import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countByLabel,
  readVoxelPoints,
  splitByLabel,
  voxelPointsOf,
} from "../../../src/objects/clustering/voxel-points.ts";
import type { Shape3 } from "../../../src/volume/volume.ts";
import { recordedReader } from "../../support/recorded-reader.ts";

const shape: Shape3 = [3, 4, 5];

test("labelled voxels in the order of their index", () => {
  const data = new Uint8Array(60);
  data[7] = 2;
  data[30] = 1;
  data[59] = 2;
  const points = voxelPointsOf(data, shape);
  assert.deepEqual([...points.index], [7, 30, 59]);
  assert.deepEqual([...points.label], [2, 1, 2]);
  assert.deepEqual(
    [...countByLabel(points)],
    [
      [1, 1],
      [2, 2],
    ],
  );
  const parts = splitByLabel(points);
  assert.deepEqual([...parts.keys()], [1, 2]);
  assert.deepEqual([...(parts.get(2)?.index ?? [])], [7, 59]);
  assert.deepEqual([...(parts.get(2)?.label ?? [])], [2, 2]);
});

test("a reader gives the same, slab by slab", async () => {
  const large: Shape3 = [5, 1500, 1000];
  const data = new Float32Array(5 * 1500 * 1000);
  for (let at = 0; at < data.length; at += 9973) data[at] = 1 + (at % 3);
  const expected = voxelPointsOf(data, large);
  const { reader, starts } = recordedReader(data, large);
  const points = await readVoxelPoints(reader);
  assert.deepEqual(points, expected);
  assert.equal(starts.length, 3);
});

test("what is no label is refused with its place", () => {
  for (const wrong of [1.5, -1, 65536, Number.NaN]) {
    const data = new Float32Array(60);
    data[2 * 20 + 3 * 5 + 4] = wrong;
    assert.throws(() => voxelPointsOf(data, shape), {
      code: "labels-invalid",
      message: `the label map is not a label map: voxel (z, y, x) = (2, 3, 4) holds ${wrong}`,
    });
  }
});

test("a volume of more voxels than an index can hold is refused before it is read", async () => {
  const { reader, starts } = recordedReader(new Uint8Array(0), [2000, 2000, 2000]);
  await assert.rejects(readVoxelPoints(reader), { code: "volume-too-large" });
  assert.equal(starts.length, 0);
});
