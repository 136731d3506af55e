import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createParticle } from "../../src/simulation/particle.ts";
import { addParticle } from "../../src/simulation/rendering.ts";
import type { EulerAngles } from "../../src/volume/rotation.ts";
import { type Shape3, voxelCount } from "../../src/volume/volume.ts";

const fixture: {
  readonly side: number;
  readonly density: readonly number[];
  readonly shape: Shape3;
  readonly places: readonly (EulerAngles & { x: number; y: number; z: number })[];
  /** By scipy's map_coordinates, order 1. */
  readonly volumes: readonly (readonly number[])[];
} = JSON.parse(readFileSync(new URL("../fixtures/simulation/rendering.json", import.meta.url), "utf8"));

const { side, shape } = fixture;
const particle = createParticle(
  { side, data: Float32Array.from(fixture.density) },
  { label: 1, threshold: 0.5, spacing: 0 },
);

for (const [index, place] of fixture.places.entries())
  test(`a density turned and shifted as ${JSON.stringify(place)} is scipy's`, () => {
    const data = new Float32Array(voxelCount(shape));
    addParticle({ data, shape }, particle, { label: 1, ...place });
    const expected = fixture.volumes[index];
    for (const [at, value] of data.entries()) assert.ok(Math.abs(value - expected[at]) < 2e-5, `voxel ${at}`);
    assert.ok(expected.some((value) => value > 0.5));
  });

test("a particle adds to what is there, and what falls outside is left out", () => {
  const [inside] = fixture.places;
  const data = new Float32Array(voxelCount(shape)).fill(3);
  addParticle({ data, shape }, particle, { label: 1, ...inside, x: 1000 });
  assert.ok(data.every((value) => value === 3));
  addParticle({ data, shape }, particle, { label: 1, ...inside });
  const added = data.reduce((sum, value) => sum + value - 3, 0);
  const expected = fixture.density.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(added - expected) < 1e-3 * expected);
});
