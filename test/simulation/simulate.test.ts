import assert from "node:assert/strict";
import { test } from "node:test";
import { createParticle } from "../../src/simulation/particle.ts";
import { drawShape } from "../../src/simulation/shapes.ts";
import { type SimulationOptions, seedText, simulateTomogram } from "../../src/simulation/simulate.ts";
import { paintShapes } from "../../src/volume/painting.ts";
import { voxelCount } from "../../src/volume/volume.ts";

const spacing = 3;
const particles = [
  createParticle(drawShape("two-lobed", 5), { label: 1, threshold: 0.499, spacing }),
  createParticle(drawShape("globule", 3), { label: 2, threshold: 0.499, spacing }),
];
// 22 and 34 have prime factors above 5, so the transforms are padded.
const options: SimulationOptions = {
  shape: [22, 34, 48],
  particles,
  objects: new Map([
    [1, 6],
    [2, 9],
  ]),
  seed: seedText(1, "a"),
  voxelSizeAngstrom: 10,
  tiltDegrees: 60,
  snr: 0.5,
  microscope: {
    defocusMicrometre: 4,
    voltageKilovolt: 300,
    sphericalAberrationMillimetre: 2.7,
    amplitudeContrast: 0.1,
  },
};
const masks = new Map(particles.map(({ label, mask }) => [label, mask]));

test("the same seed gives the same bytes, another row another tomogram", async () => {
  const first = await simulateTomogram(options);
  const second = await simulateTomogram(options);
  assert.deepEqual(first, second);
  const other = await simulateTomogram({ ...options, seed: seedText(1, "b") });
  assert.notDeepEqual(other.objects, first.objects);
  assert.notDeepEqual(other.tomogram, first.tomogram);
});

test("every object asked for is there, inside, apart from the others, and the truth shows it", async () => {
  const { truth, objects } = await simulateTomogram(options);
  assert.deepEqual(
    [1, 2].map((label) => objects.filter((object) => object.label === label).length),
    [6, 9],
  );
  const { shape } = options;
  const alone = objects.map((object) => {
    const data = new Uint8Array(voxelCount(shape));
    paintShapes({ data, shape, start: [0, 0, 0] }, [object], { masks, rounding: "nearest" });
    return [...data.keys()]
      .filter((at) => data[at] > 0)
      .map((at) => [Math.floor(at / (34 * 48)), Math.floor(at / 48) % 34, at % 48]);
  });
  for (const [index, voxels] of alone.entries()) {
    for (const [z, y, x] of voxels) assert.equal(truth[(z * 34 + y) * 48 + x], objects[index].label);
    for (const others of alone.slice(index + 1))
      for (const [z, y, x] of voxels)
        for (const [oz, oy, ox] of others)
          assert.ok(Math.hypot(z - oz, y - oy, x - ox) > spacing - 1, "objects keep their distance");
  }
  const total = alone.reduce((sum, voxels) => sum + voxels.length, 0);
  assert.equal(truth.filter((label) => label > 0).length, total);
});

test("protein is dark, the mean 0 and the standard deviation 1", async () => {
  const { tomogram, truth } = await simulateTomogram(options);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const inside = mean([...tomogram].filter((_, at) => truth[at] > 0));
  const outside = mean([...tomogram].filter((_, at) => truth[at] === 0));
  assert.ok(inside < outside - 0.5, `${inside} inside, ${outside} outside`);
  assert.ok(Math.abs(mean([...tomogram])) < 1e-6);
  assert.ok(Math.abs(mean([...tomogram].map((value) => value ** 2)) - 1) < 1e-5);
});

test("another noise leaves the places alone", async () => {
  const quiet = await simulateTomogram({ ...options, snr: null });
  const loud = await simulateTomogram({ ...options, snr: 0.01 });
  assert.deepEqual(quiet.objects, loud.objects);
  assert.deepEqual(quiet.truth, loud.truth);
  assert.notDeepEqual(quiet.tomogram, loud.tomogram);
});

test("a given list is drawn where it says, missing angles at random, everything else kept", async () => {
  const given = [
    { label: 2, x: 10.4, y: 11, z: 12, objectId: 77, extra: { grade: "a" } },
    { label: 1, x: 30, y: 20, z: 9, phi: 10, psi: 20, the: 30 },
  ];
  const { objects, truth } = await simulateTomogram({ ...options, objects: given });
  assert.deepEqual(objects[1], given[1]);
  const { phi, psi, the, ...rest } = objects[0];
  assert.deepEqual(rest, given[0]);
  assert.ok([phi, psi, the].every(Number.isFinite));
  assert.equal(truth[(12 * 34 + 11) * 48 + 10], 2);
});

test("more objects than there is room for is an error that says how far it came", async () => {
  await assert.rejects(simulateTomogram({ ...options, objects: new Map([[1, 500]]) }), {
    code: "no-room",
    message: /only \d+ of 500 objects found room in 22×34×48 voxels/,
  });
  await assert.rejects(simulateTomogram({ ...options, shape: [6, 34, 48] }), { code: "no-room" });
});

test("an aborted simulation stops", async () => {
  await assert.rejects(simulateTomogram({ ...options, signal: AbortSignal.abort() }), { name: "AbortError" });
});
