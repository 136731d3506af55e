import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adjustIntensity,
  mirrorAlongY,
  turnAboutBeam,
  turnAboutTiltAxis,
} from "../../src/training/augmentation.ts";

/** Voxels of a cube as a function of their place. */
const cube = (side: number, value: (z: number, y: number, x: number) => number): Float32Array =>
  Float32Array.from({ length: side ** 3 }, (_, i) =>
    value(Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side),
  );

const place = (z: number, y: number, x: number) => 100 * z + 10 * y + x;

for (const side of [4, 5]) {
  const last = side - 1;
  test(`the half turn takes (z, y, x) to (−z, y, −x), side ${side}`, () => {
    const expected = cube(side, (z, y, x) => place(last - z, y, last - x));
    const data = cube(side, place);
    turnAboutTiltAxis(data, side);
    assert.deepEqual(data, expected);
    const labels = Uint8Array.from(cube(side, place), (value) => value % 251);
    turnAboutTiltAxis(labels, side);
    assert.deepEqual(
      labels,
      Uint8Array.from(expected, (value) => value % 251),
    );
    turnAboutTiltAxis(data, side);
    assert.deepEqual(data, cube(side, place), "twice is nothing");
  });

  test(`the half turn in the plane takes (z, y, x) to (z, −y, −x), side ${side}`, () => {
    const data = cube(side, place);
    turnAboutBeam(data, side);
    assert.deepEqual(
      data,
      cube(side, (z, y, x) => place(z, last - y, last - x)),
    );
  });

  test(`the mirror takes (z, y, x) to (z, −y, x), side ${side}`, () => {
    const data = cube(side, place);
    mirrorAlongY(data, side);
    assert.deepEqual(
      data,
      cube(side, (z, y, x) => place(z, last - y, x)),
    );
  });
}

test("intensity: one factor and one offset for all voxels", () => {
  const density = Float32Array.of(0, 1, -2);
  adjustIntensity(density, { factor: 1.25, offset: -0.5 });
  assert.deepEqual(density, Float32Array.of(-0.5, 0.75, -3));
});
