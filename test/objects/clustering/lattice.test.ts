import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../src/core/random.ts";
import { createLattice, pointAt, sumBall } from "../../../src/objects/clustering/lattice.ts";
import { voxelPointsOf } from "../../../src/objects/clustering/voxel-points.ts";
import type { Shape3 } from "../../../src/volume/volume.ts";

const shape: Shape3 = [7, 19, 75];
const random = new Random(5);
const data = Uint8Array.from({ length: 7 * 19 * 75 }, (_, at) =>
  at > 300 && random.uniform() < 0.3 ? 1 : 0,
);
const points = voxelPointsOf(data, shape);
const lattice = createLattice(points);

/** Sums by looking at every voxel. */
function slowSums([z, y, x]: readonly [number, number, number], radius: number): number[] {
  const sums = [0, 0, 0, 0];
  for (let iz = 0; iz < 7; iz++)
    for (let iy = 0; iy < 19; iy++)
      for (let ix = 0; ix < 75; ix++) {
        const [dz, dy, dx] = [z - iz, y - iy, x - ix];
        if (data[(iz * 19 + iy) * 75 + ix] === 0 || dz * dz + dy * dy + dx * dx > radius * radius) continue;
        [1, iz, iy, ix].forEach((value, index) => {
          sums[index] += value;
        });
      }
  return sums;
}

test("sums over balls are those of a plain search", () => {
  const sums = new Float64Array(4);
  for (let trial = 0; trial < 300; trial++) {
    // Whole, half and fifth coordinates put points exactly on the ball's surface.
    const step = [1, 0.5, 0.2, 1e-9][trial % 4];
    const at = (length: number) => Math.round((random.uniform() * (length + 8) - 4) / step) * step;
    const position = [at(7), at(19), at(75)] as const;
    const radius = [1, 3, 5, 2.5, 0.5, 13, 4.7][trial % 7];
    sumBall(lattice, position, { radius, sums });
    assert.deepEqual([...sums], slowSums(position, radius), `${position} radius ${radius}`);
  }
});

test("points on the surface count, those a breath beyond do not", () => {
  const line = voxelPointsOf(
    Uint8Array.from({ length: 2 * 3 * 40 }, (_, at) => (at >= 40 && at < 80 ? 1 : 0)),
    [2, 3, 40],
  );
  const sums = new Float64Array(4);
  sumBall(createLattice(line), [0, 1, 20], { radius: 5, sums });
  assert.deepEqual([...sums], [11, 0, 11, 220]);
  sumBall(createLattice(line), [0, 1, 20], { radius: 4.999999999, sums });
  assert.deepEqual([...sums], [9, 0, 9, 180]);
});

test("every point is found by its place, and nothing else is", () => {
  let expected = 0;
  for (let at = 0; at < data.length; at++) {
    const found = pointAt(lattice, Math.floor(at / (19 * 75)), Math.floor(at / 75) % 19, at % 75);
    assert.equal(found, data[at] === 1 ? expected++ : -1);
  }
  assert.equal(pointAt(lattice, -1, 0, 0), -1);
  assert.equal(pointAt(lattice, 3, 19, 0), -1);
});
