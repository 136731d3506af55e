import assert from "node:assert/strict";
import { test } from "node:test";
import { resampleDensity } from "../../src/simulation/density-map.ts";
import { type Shape3, type Volume, voxelCount } from "../../src/volume/volume.ts";

const options = { voxelSizeAngstrom: 10, threshold: 0.2 };

/** A box of 2×4×6 voxels about the voxel floor(n/2), brighter above the centre. */
function boxMap(shape: Shape3, voxelSize: number | null, half: readonly [number, number, number]): Volume {
  const data = new Float32Array(voxelCount(shape));
  for (let z = 0, at = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++, at++) {
        const offsets = [z - (shape[0] >> 1), y - (shape[1] >> 1), x - (shape[2] >> 1)];
        if (offsets.every((offset, axis) => Math.abs(offset) <= half[axis]))
          data[at] = offsets[0] > 0 ? 3 : 1;
      }
  const voxelSizeAngstrom = voxelSize === null ? null : ([voxelSize, voxelSize, voxelSize] as const);
  return { data, shape, voxelSizeAngstrom, originAngstrom: [0, 0, 0] };
}

test("a map of the tomogram's sampling is moved into a cube unchanged but for its scale", () => {
  for (const voxelSize of [10, null]) {
    const { side, data } = resampleDensity(boxMap([9, 12, 17], voxelSize, [1, 2, 3]), options);
    // The farthest voxel lies √14 = 3.7 from the centre, and the cube must hold it however it is turned.
    assert.equal(side, 2 * (4 + 2));
    const at = (z: number, y: number, x: number) =>
      data[((z + side / 2) * side + y + side / 2) * side + x + side / 2];
    // 2 planes of 1 and one of 3, so the mean is 5/3.
    assert.ok(Math.abs(at(0, 0, 0) - 3 / 5) < 1e-6);
    assert.ok(Math.abs(at(1, 2, -3) - 9 / 5) < 1e-6);
    assert.equal(at(0, 0, 4), 0);
    assert.equal(at(-2, 0, 0), 0);
    assert.equal(data.filter((value) => value > 0).length, 3 * 5 * 7);
  }
});

test("a finer map is averaged, a coarser one interpolated: the particle keeps its volume in Å³", () => {
  const volumeOf = (map: Volume) => {
    const { data } = resampleDensity(map, options);
    const greatest = data.reduce((most, value) => Math.max(most, value), 0);
    return (data.reduce((sum, value) => sum + value, 0) / greatest) * 1000;
  };
  const fine = boxMap([40, 40, 40], 5, [7, 7, 7]);
  const coarse = boxMap([16, 16, 16], 20, [2, 2, 2]);
  for (const data of [fine.data, coarse.data])
    for (const [at, value] of data.entries()) if (value > 0) data[at] = 1;
  assert.ok(Math.abs(volumeOf(fine) / 75 ** 3 - 1) < 0.001, `${volumeOf(fine)}`);
  assert.ok(Math.abs(volumeOf(coarse) / 100 ** 3 - 1) < 0.001, `${volumeOf(coarse)}`);
});

test("a map without positive density is refused", () => {
  const empty = { ...boxMap([4, 5, 6], 10, [0, 0, 0]), data: new Float32Array(120).fill(-1) };
  assert.throws(() => resampleDensity(empty, options), { code: "density-empty" });
});
