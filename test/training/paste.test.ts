/** Particles pasted onto background: which are drawn, where they fit, and what a patch holds afterwards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { allocateBatch, fillBatch } from "../../src/training/fill-batch.ts";
import { createPasteDraw, leastPatchSize, outerRadius } from "../../src/training/paste-draw.ts";
import { findRoom, pasteParticle } from "../../src/training/paste-particle.ts";
import type { TrainingTomogram } from "../../src/training/training-set.ts";
import { volumeInMemory } from "../../src/volume/in-memory.ts";
import type { Shape3, Triple } from "../../src/volume/volume.ts";

const side = 24;
const cube = (value: (z: number, y: number, x: number) => number): number[] =>
  Array.from({ length: side ** 3 }, (_, i) =>
    value(Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side),
  );
const at = ([z, y, x]: Triple): number => (z * side + y) * side + x;

const noise = (seed: number): Float32Array => {
  const random = new Random(seed);
  return Float32Array.from({ length: side ** 3 }, () => random.normal());
};

const radius = 4;

test("whole up to the radius, nothing beyond the edge; labels with it, to where it weighs half", () => {
  const source = {
    density: Float32Array.from(cube((z, y, x) => 1000 + at([z, y, x]))),
    labels: Uint8Array.from(cube((z, y, x) => (Math.hypot(z - 10, y - 12, x - 9) <= 7 ? 3 : 0))),
  };
  const patch = { density: new Float32Array(side ** 3), labels: new Uint8Array(side ** 3) };
  const place: Triple = [14, 9, 12];
  const centre: Triple = [10.3, 11.8, 9];
  pasteParticle(patch, source, { particle: { radius, neighbours: [] }, centre, place, side });
  let whole = 0;
  for (let z = 4; z < side; z++)
    for (let y = 0; y < side - 3; y++)
      for (let x = 3; x < side; x++) {
        const from: Triple = [z - 4, y + 3, x - 3];
        const distance = Math.hypot(from[0] - centre[0], from[1] - centre[1], from[2] - centre[2]);
        const [density, label] = [patch.density[at([z, y, x])], patch.labels[at([z, y, x])]];
        if (distance <= radius) {
          assert.equal(density, source.density[at(from)]);
          assert.equal(label, 3);
          whole++;
        }
        if (distance >= outerRadius(radius)) assert.deepEqual([density, label], [0, 0]);
        // half way through the edge
        assert.equal(label === 3, distance < (radius + outerRadius(radius)) / 2);
      }
  assert.ok(whole > 240 && whole < 290, String(whole));
  assert.equal(patch.density.filter((value) => value > 0).length > whole, true);
});

test("noise has the same deviation in the edge as around it", () => {
  let [sum, count] = [0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const patch = { density: noise(2 * seed), labels: new Uint8Array(side ** 3) };
    const source = { density: noise(2 * seed + 1), labels: new Uint8Array(side ** 3) };
    const centre: Triple = [12, 12, 12];
    pasteParticle(patch, source, { particle: { radius, neighbours: [] }, centre, place: centre, side });
    for (const [i, distance] of cube((z, y, x) => Math.hypot(z - 12, y - 12, x - 12)).entries())
      if (distance > radius + 0.5 && distance < outerRadius(radius) - 0.5) {
        sum += patch.density[i]! ** 2;
        count++;
      }
  }
  assert.ok(count > 10_000, String(count));
  assert.ok(Math.abs(sum / count - 1) < 0.03, `variance ${sum / count}`);
});

test("what a neighbour owns stays out: its density, and its labels", () => {
  const labels = Uint8Array.from(
    cube((z, y, x) =>
      Math.hypot(z - 12, y - 12, x - 12) <= 4 ? 1 : Math.hypot(z - 12, y - 12, x - 20) <= 3 ? 2 : 0,
    ),
  );
  const source = { density: new Float32Array(side ** 3).fill(5), labels };
  const patch = { density: new Float32Array(side ** 3), labels: new Uint8Array(side ** 3) };
  const centre: Triple = [12, 12, 12];
  const particle = { radius, neighbours: [{ offset: [0, 0, 8] as const, radius: 3 }] };
  pasteParticle(patch, source, { particle, centre, place: centre, side });
  assert.equal(patch.labels.includes(2), false);
  assert.equal(patch.labels[at([12, 12, 15])], 1);
  // on the neighbour's side of the middle between the two rims
  assert.equal(patch.density[at([12, 12, 17])], 0);
  // away from it the edge is there
  assert.ok(patch.density[at([12, 12, 7])]! > 0);
  const alone = { density: new Float32Array(side ** 3), labels: new Uint8Array(side ** 3) };
  pasteParticle(alone, source, { particle: { radius, neighbours: [] }, centre, place: centre, side });
  assert.ok(alone.density[at([12, 12, 17])]! > 0);
});

test("the first place with background alone is taken, and none where there is no room", () => {
  const labels = Uint8Array.from(cube((z, y, x) => (z === 0 && y === 0 && x === 12 ? 4 : 0)));
  const fractions = (place: Triple): Triple => [place[0] / side, place[1] / side, place[2] / side];
  const places = [
    [0, 0, 12],
    [5, 2, 12],
    [6, 1, 12],
    [20, 20, 20],
  ].map((place) => fractions(place as unknown as Triple));
  // (5, 2, 12) is √29 < 6 from the label, (6, 1, 12) √37 > 6
  assert.equal(outerRadius(radius), 6);
  assert.deepEqual(findRoom(labels, { radius, places }, side), [6, 1, 12]);
  assert.equal(findRoom(labels, { radius, places: places.slice(0, 2) }, side), undefined);
  assert.equal(findRoom(new Uint8Array(side ** 3).fill(1), { radius, places }, side), undefined);
});

const shape: Shape3 = [30, 32, 34];
const sourceObjects = [
  { label: 1, x: 15, y: 15, z: 15 },
  { label: 1, x: 15, y: 15, z: 2 },
  { label: 2, x: 20.4, y: 20, z: 18 },
  { label: 2, x: 20.5, y: 20, z: 18.2 },
];

test("particles: classes alike, none that the edge of its tomogram cuts, with its neighbours, plain data", () => {
  const draw = createPasteDraw([{ id: "t0", shape, objects: sourceObjects }], {
    perPatch: 3,
    radii: { 1: radius, 2: 3 },
    bootstrap: true,
  });
  const random = new Random(3);
  const drawn = Array.from({ length: 200 }, () => draw(random)).flat();
  assert.equal(drawn.length, 600);
  assert.deepEqual(structuredClone(drawn[0]), drawn[0]);
  assert.ok(drawn.every(({ centre }) => centre[0] !== 2));
  const ofFirst = drawn.filter(({ centre }) => centre.join() === "15,15,15");
  assert.ok(Math.abs(ofFirst.length - 300) < 50, String(ofFirst.length));
  // 2 is listed twice: a double is no neighbour of its own, both are of class 1
  const offsets: Triple[] = [
    [3, 5, 20.4 - 15],
    [18.2 - 15, 5, 5.5],
  ];
  assert.deepEqual(
    ofFirst[0]!.neighbours,
    offsets.map((offset) => ({ offset, radius: 3 })),
  );
  const ofSecond = drawn.find(({ centre }) => centre[2] === 20.4)!;
  assert.deepEqual(ofSecond.neighbours, [{ offset: [-3, -5, 15 - 20.4], radius: 4 }]);
  assert.ok(drawn.every(({ places }) => places.flat().every((fraction) => fraction >= 0 && fraction < 1)));
});

test("nothing that can be cut out whole is an error that says so", () => {
  assert.throws(
    () =>
      createPasteDraw([{ id: "t0", shape, objects: sourceObjects.slice(1, 2) }], {
        perPatch: 1,
        radii: { 1: radius },
        bootstrap: true,
      }),
    { code: "nothing-to-paste", message: /no object in t0 lies so far inside/ },
  );
});

test("a batch holds the particle where it was drawn to, with its label, from another tomogram of another scale", async () => {
  const empty = 30 * 32 * 34;
  const random = new Random(1);
  const background = Float32Array.from({ length: empty }, () => 100 + random.normal());
  const objects = [{ label: 1, x: 16, y: 15, z: 14 }];
  const withBall = Float32Array.from({ length: empty }, (_, i) => {
    const [z, y, x] = [Math.floor(i / (32 * 34)), Math.floor(i / 34) % 32, i % 34];
    const isBall = Math.hypot(z - 14, y - 15, x - 16) <= radius;
    return -7 + 0.01 * random.normal() - (isBall ? 0.2 : 0);
  });
  const balls = Uint8Array.from(withBall, (value) => (value < -7.1 ? 1 : 0));
  const tomogram = (id: string, density: Float32Array, labels: Uint8Array): TrainingTomogram => ({
    id,
    shape,
    objects: id === "b" ? objects : [],
    density: volumeInMemory({ data: density, shape }),
    labels: volumeInMemory({ data: labels, shape }),
  });
  const tomograms = [tomogram("a", background, new Uint8Array(empty)), tomogram("b", withBall, balls)];
  const target = allocateBatch({ batch: 1, patchSize: side });
  const particle = {
    tomogram: 1,
    centre: [14, 15, 16] as const,
    radius,
    neighbours: [],
    places: [[10 / side, 11 / side, 13 / side] as const],
  };
  const recipe = {
    tomogram: 0,
    centre: [15, 16, 17] as const,
    tiltAxisTurn: false,
    inPlaneTurn: false,
    mirror: false,
    pasted: [particle],
  };
  await fillBatch(tomograms, [recipe], { patchSize: side, classes: 2, target });
  const expected = Uint8Array.from(cube((z, y, x) => (Math.hypot(z - 10, y - 11, x - 13) <= radius ? 1 : 0)));
  assert.deepEqual([...target.labels], [...expected]);
  // dark, in units of deviations, as in its own tomogram
  const dark = target.x.filter((_, i) => expected[i] === 1);
  assert.ok(Math.max(...dark) < -2, String(Math.max(...dark)));
  const mean = target.x.reduce((sum, value) => sum + value, 0) / target.x.length;
  const variance = target.x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / target.x.length;
  assert.ok(Math.abs(mean) < 1e-5 && Math.abs(variance - 1) < 1e-4, `${mean} ${variance}`);
});

test("the least patch holds a particle wherever its centre lies in a voxel", () => {
  for (const [size, least] of [
    [4, 14],
    [10, 28],
    [8.5, 24],
  ] as const)
    assert.equal(leastPatchSize(size), least);
});
