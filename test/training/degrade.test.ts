import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { gaussianPlanes } from "../../src/objects/clustering/gaussian-planes.ts";
import { addNoise, blurCube } from "../../src/training/degrade.ts";
import { volumeInMemory } from "../../src/volume/in-memory.ts";

const side = 9;
const random = new Random(5);
const values = Float32Array.from({ length: side ** 3 }, () => random.normal());

/** The smoothing of whole volumes, which is compared with scipy's. */
for (const sigma of [0.1, 0.4, 1, 2.3])
  test(`a cube blurred by ${sigma} voxels is what smoothing of a volume gives`, async () => {
    const expected: number[] = [];
    const reader = volumeInMemory({ data: values, shape: [side, side, side] });
    for await (const plane of gaussianPlanes(reader, { sigma })) expected.push(...plane);
    const blurred = Float32Array.from(values);
    blurCube(blurred, side, sigma);
    for (const [i, value] of blurred.entries())
      assert.ok(Math.abs(value - expected[i]!) < 1e-6, `${i}: ${value} ${expected[i]}`);
    assert.equal(
      blurred.every((value, i) => value === values[i]),
      sigma === 0.1,
    );
  });

test("noise: of its deviation, the same for a seed, another for another", () => {
  const noisy = (seed: number) => {
    const data = new Float32Array(30 ** 3).fill(2);
    addNoise(data, { deviation: 0.5, seed });
    return data;
  };
  const first = noisy(4e9);
  assert.deepEqual(noisy(4e9), first);
  assert.notDeepEqual(noisy(17), first);
  const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
  const variance = first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / first.length;
  assert.ok(Math.abs(mean - 2) < 0.02 && Math.abs(Math.sqrt(variance) - 0.5) < 0.01, `${mean} ${variance}`);
});
