import assert from "node:assert/strict";
import { test } from "node:test";
import { openVolume, readVolume } from "../../src/volume/formats.ts";
import type { Shape3, Triple, VoxelArray } from "../../src/volume/volume.ts";
import { typeOfArray } from "../../src/volume/voxel-type.ts";
import { type ExpectedVolume, expectedVolumes, split } from "./fixtures.ts";

const assertClose = (actual: readonly number[] | null, expected: readonly number[] | null, what: string) => {
  assert.equal(actual === null, expected === null, what);
  actual?.forEach((value, axis) => {
    const wanted = expected![axis];
    assert.ok(
      Math.abs(value - wanted) <= 1e-6 * Math.abs(wanted),
      `${what} ${actual} instead of ${expected}`,
    );
  });
};

/** The box of a volume that is a plain array. */
function cutOut({ shape, values }: ExpectedVolume, start: Triple, size: Shape3): number[] {
  const cut: number[] = [];
  for (let z = start[0]; z < start[0] + size[0]; z++)
    for (let y = start[1]; y < start[1] + size[1]; y++)
      for (let x = start[2]; x < start[2] + size[2]; x++) cut.push(values[(z * shape[1] + y) * shape[2] + x]);
  return cut;
}

for (const [key, expected] of Object.entries(expectedVolumes)) {
  const { path, dataset } = split(key);

  test(`${key} is read as its makers say`, async () => {
    const volume = await readVolume(path, { dataset });
    assert.deepEqual(volume.shape, expected.shape);
    assert.deepEqual(Array.from(volume.data), expected.values);
    assert.equal(typeOfArray(volume.data), expected.type === "float16" ? "float32" : expected.type);
    assertClose(volume.voxelSizeAngstrom, expected.voxelSizeAngstrom, "voxel size");
    assertClose(volume.originAngstrom, expected.originAngstrom, "origin");
  });

  test(`${key} gives boxes without the rest`, async () => {
    const reader = await openVolume(path, { dataset });
    try {
      assert.equal(reader.info.type, expected.type);
      const [depth, height, width] = expected.shape;
      const boxes: [Triple, Shape3][] = [
        [
          [0, 1, 1],
          [1, 2, 3],
        ],
        [
          [depth - 1, height - 1, width - 1],
          [1, 1, 1],
        ],
        [
          [0, 0, 2],
          [depth, height, 2],
        ],
        [
          [0, 1, 0],
          [depth, 2, width],
        ],
        [
          [depth - 1, 0, 0],
          [1, height, width],
        ],
      ];
      for (const [start, size] of boxes) {
        const voxels: VoxelArray = await reader.readBox(start, size);
        assert.deepEqual(Array.from(voxels), cutOut(expected, start, size), `box ${size} at ${start}`);
      }
    } finally {
      await reader.close();
    }
  });
}
