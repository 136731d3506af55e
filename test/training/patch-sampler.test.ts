import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import { turnAboutBeam, turnAboutTiltAxis } from "../../src/training/augmentation.ts";
import {
  createSampler,
  labelFrequencies,
  type SamplingOptions,
  sampleBatch,
} from "../../src/training/patch-sampler.ts";
import type { TrainingTomogram } from "../../src/training/training-set.ts";
import { volumeInMemory } from "../../src/volume/in-memory.ts";
import type { Shape3, Triple, VolumeReader } from "../../src/volume/volume.ts";
import { recordedReader } from "../support/recorded-reader.ts";

const shape: Shape3 = [20, 24, 28];
const voxels = 20 * 24 * 28;

interface Recorded {
  readonly tomogram: TrainingTomogram & { readonly labels: VolumeReader };
  /** Where patches were read. */
  readonly starts: readonly Triple[];
}

function tomogram(objects: ObjectList, id = "t0"): Recorded {
  const random = new Random(17);
  const labelData = Uint8Array.from({ length: voxels }, () => random.integer(0, 3));
  const density = recordedReader(
    Float32Array.from(labelData, (label) => 5 + 3 * label),
    shape,
  );
  return {
    tomogram: {
      id,
      shape,
      objects,
      density: density.reader,
      labels: volumeInMemory({ data: labelData, shape }),
    },
    starts: density.starts,
  };
}

const plain: SamplingOptions = {
  batch: 4,
  classes: 4,
  patchSize: 8,
  bootstrap: false,
  shift: 0,
  tiltAxisTurn: false,
  inPlaneTurn: false,
  mirror: false,
  intensityJitter: 0,
  background: 0,
};

const ribosome = { label: 1, x: 15, y: 11, z: 9 };

test("patches lie around the object: its voxel is the middle one, counted from half the side", async () => {
  const { tomogram: one, starts } = tomogram([ribosome]);
  const { x, labels } = await sampleBatch(createSampler([one], { ...plain, batch: 1 }), new Random(0));
  assert.deepEqual(starts, [[5, 7, 11]]);
  const expected = await one.labels.readBox([5, 7, 11], [8, 8, 8]);
  assert.deepEqual(labels, expected);
  assert.equal(x.length, 512);
});

test("places for a seed: class first, then the object, then a shift on z, y, x", async () => {
  const objects = [
    { label: 3, x: 20, y: 12, z: 10 },
    { label: 1, x: 10, y: 10, z: 10 },
    { label: 1, x: 14, y: 13, z: 9 },
  ];
  const { tomogram: one, starts } = tomogram(objects);
  await sampleBatch(createSampler([one], { ...plain, bootstrap: true, shift: 2 }), new Random(42));
  const random = new Random(42);
  const expected = Array.from({ length: 4 }, () => {
    const ofClass = [[objects[1]!, objects[2]!], [objects[0]!]][random.integer(0, 1)]!;
    const { x, y, z } = ofClass[random.integer(0, ofClass.length - 1)]!;
    return [z, y, x].map((at) => at + random.integer(-2, 2) - 4);
  });
  assert.deepEqual(starts, expected);
  // and so it must stay: resumed trainings and published ones depend on it
  assert.deepEqual(starts, [
    [6, 7, 6],
    [4, 9, 11],
    [6, 7, 14],
    [5, 9, 15],
  ]);
});

test("patches are pushed inside, and shifts cover the whole range", async () => {
  const corner = tomogram([{ label: 1, x: 27, y: 0, z: 19 }]);
  await sampleBatch(createSampler([corner.tomogram], { ...plain, shift: 3, batch: 50 }), new Random(1));
  for (const [z, y, x] of corner.starts) assert.deepEqual([z, y, x], [12, 0, 20]);
  const middle = tomogram([{ label: 1, x: 14, y: 12, z: 10 }]);
  await sampleBatch(createSampler([middle.tomogram], { ...plain, shift: 3, batch: 400 }), new Random(2));
  for (const axis of [0, 1, 2] as const) {
    const centre = [10, 12, 14][axis]!;
    const shifts = middle.starts.map((start) => start[axis] + 4 - centre);
    const counts = [-3, -2, -1, 0, 1, 2, 3].map((shift) => shifts.filter((each) => each === shift).length);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      400,
    );
    assert.ok(Math.min(...counts) > 30 && Math.max(...counts) < 90, `axis ${axis}: ${counts}`);
  }
});

test("bootstrap draws rare classes as often as others; without it objects are drawn alike", async () => {
  const many = Array.from({ length: 19 }, () => ({ label: 1, x: 6, y: 6, z: 6 }));
  const share = async (bootstrap: boolean) => {
    const { tomogram: one, starts } = tomogram([...many, { label: 2, x: 20, y: 6, z: 6 }]);
    await sampleBatch(createSampler([one], { ...plain, bootstrap, batch: 600 }), new Random(3));
    return starts.filter(([, , x]) => x === 16).length / 600;
  };
  assert.ok(Math.abs((await share(true)) - 1 / 2) < 0.06);
  assert.ok(Math.abs((await share(false)) - 1 / 20) < 0.03);
});

test("every tomogram's objects are drawn", async () => {
  const [a, b] = [tomogram([ribosome], "a"), tomogram([ribosome, ribosome, ribosome], "b")];
  await sampleBatch(createSampler([a.tomogram, b.tomogram], { ...plain, batch: 400 }), new Random(4));
  assert.equal(a.starts.length + b.starts.length, 400);
  assert.ok(Math.abs(a.starts.length - 100) < 35);
});

test("data have mean 0 and deviation 1, whatever the file holds", async () => {
  const { tomogram: one } = tomogram([ribosome]);
  const { x } = await sampleBatch(createSampler([one], { ...plain, shift: 5 }), new Random(5));
  for (let item = 0; item < 4; item++) {
    const patch = x.subarray(item * 512, (item + 1) * 512);
    const mean = patch.reduce((sum, value) => sum + value, 0) / 512;
    const variance = patch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 512;
    assert.ok(Math.abs(mean) < 1e-6 && Math.abs(variance - 1) < 1e-5, `${mean}, ${variance}`);
  }
});

test("half of the patches are turned about y, data and labels alike", async () => {
  const { tomogram: one } = tomogram([ribosome]);
  const straight = Uint8Array.from(await one.labels.readBox([5, 7, 11], [8, 8, 8]));
  const turned = Uint8Array.from(straight);
  turnAboutTiltAxis(turned, 8);
  const { x, labels } = await sampleBatch(
    createSampler([one], { ...plain, tiltAxisTurn: true, batch: 60 }),
    new Random(6),
  );
  let turns = 0;
  for (let item = 0; item < 60; item++) {
    const [density, truth] = [x, labels].map((all) => all.subarray(item * 512, (item + 1) * 512));
    const isTurned = Buffer.from(turned).equals(truth as Uint8Array);
    assert.ok(isTurned || Buffer.from(straight).equals(truth as Uint8Array));
    turns += isTurned ? 1 : 0;
    assertSamePattern(density as Float32Array, truth as Uint8Array);
  }
  assert.ok(turns > 18 && turns < 42, `${turns} of 60`);
});

/** The density grows with the label, so data and labels changed alike keep one value a label, in order. */
function assertSamePattern(density: Float32Array, labels: Uint8Array): void {
  const values = [0, 1, 2, 3].map((label) => density[labels.indexOf(label)]!);
  assert.ok(values.every((value, label) => label === 0 || value > values[label - 1]!));
  for (let i = 0; i < labels.length; i++) assert.equal(density[i], values[labels[i]!]);
}

test("mirrors change data and labels alike, and only along y", async () => {
  const { tomogram: one } = tomogram([ribosome]);
  const straight = await one.labels.readBox([5, 7, 11], [8, 8, 8]);
  const { x, labels } = await sampleBatch(
    createSampler([one], { ...plain, mirror: true, batch: 40 }),
    new Random(7),
  );
  const kinds = new Set<string>();
  for (let item = 0; item < 40; item++) {
    const truth = labels.subarray(item * 512, (item + 1) * 512);
    assertSamePattern(x.subarray(item * 512, (item + 1) * 512), truth);
    const isMirrored = truth.every(
      (label, i) => label === straight[Math.floor(i / 64) * 64 + (7 - (Math.floor(i / 8) % 8)) * 8 + (i % 8)],
    );
    kinds.add(isMirrored ? "mirrored" : Buffer.from(straight).equals(truth) ? "straight" : "other");
  }
  assert.deepEqual([...kinds].sort(), ["mirrored", "straight"]);
});

test("with both half turns each of the four orientations comes as often, data and labels alike", async () => {
  const { tomogram: one } = tomogram([ribosome]);
  const straight = await one.labels.readBox([5, 7, 11], [8, 8, 8]);
  const turns = { ...plain, tiltAxisTurn: true, inPlaneTurn: true, batch: 200 };
  const { x, labels } = await sampleBatch(createSampler([one], turns), new Random(9));
  const counts = new Map<string, number>();
  for (let item = 0; item < 200; item++) {
    const truth = Uint8Array.from(labels.subarray(item * 512, (item + 1) * 512));
    assertSamePattern(x.subarray(item * 512, (item + 1) * 512), truth);
    const aboutY = turned(truth, turnAboutTiltAxis);
    const orientations = {
      none: truth,
      y: aboutY,
      z: turned(truth, turnAboutBeam),
      x: turned(aboutY, turnAboutBeam),
    };
    const [name] = Object.entries(orientations).find(([, cube]) => Buffer.from(straight).equals(cube)) ?? [
      "other",
    ];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ["none", "x", "y", "z"]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 50) < 22, `${[...counts]}`);
});

function turned(cube: Uint8Array, turn: (cube: Uint8Array, side: number) => void): Uint8Array {
  const copy = Uint8Array.from(cube);
  turn(copy, 8);
  return copy;
}

test("sample weights: objects are drawn in proportion to a field of their list, never where it is 0", async () => {
  const objects = [
    { label: 1, x: 6, y: 6, z: 6, score: 0.3, extra: { trust: "1" } },
    { label: 1, x: 20, y: 6, z: 6, score: 0.1, extra: { trust: "3" } },
    { label: 1, x: 6, y: 18, z: 6, score: 0, extra: { trust: "0" } },
    { label: 2, x: 20, y: 18, z: 6, score: 0.4, extra: { trust: " 4 " } },
  ];
  const shares = async (sampleWeight: string, bootstrap: boolean) => {
    const { tomogram: one, starts } = tomogram(objects);
    await sampleBatch(
      createSampler([one], { ...plain, bootstrap, sampleWeight, batch: 800 }),
      new Random(10),
    );
    return objects.map(({ x, y }) => starts.filter((at) => at[1] === y - 4 && at[2] === x - 4).length / 800);
  };
  for (const [sampleWeight, bootstrap, expected] of [
    ["score", false, [3 / 8, 1 / 8, 0, 4 / 8]],
    ["trust", false, [1 / 8, 3 / 8, 0, 4 / 8]],
    ["trust", true, [1 / 8, 3 / 8, 0, 1 / 2]],
  ] as const) {
    const found = await shares(sampleWeight, bootstrap);
    assert.equal(found[2], 0);
    for (const [index, share] of found.entries())
      assert.ok(Math.abs(share - expected[index]!) < 0.05, `${sampleWeight}: ${found}`);
  }
});

test("an object without a weight, or weights that are all 0, are told", () => {
  const { tomogram: one } = tomogram([{ ...ribosome, extra: { trust: "high" } }]);
  assert.throws(() => createSampler([one], { ...plain, sampleWeight: "trust" }), {
    code: "sample-weight",
    message: /class 1 at x 15, y 11, z 9 has no weight: its `trust` is missing or no number/,
  });
  const { tomogram: none } = tomogram([{ ...ribosome, score: 0 }]);
  assert.throws(() => createSampler([none], { ...plain, sampleWeight: "score" }), { code: "no-objects" });
});

test("background patches lie anywhere", async () => {
  const { tomogram: one, starts } = tomogram([ribosome]);
  await sampleBatch(createSampler([one], { ...plain, background: 0.5, batch: 300 }), new Random(8));
  const around = starts.filter((start) => start.join() === "5,7,11").length;
  assert.ok(Math.abs(around - 150) < 35, `${around}`);
  assert.deepEqual([Math.min(...starts.map(([z]) => z)), Math.max(...starts.map(([z]) => z))], [0, 12]);
  assert.deepEqual([Math.min(...starts.map((s) => s[2])), Math.max(...starts.map((s) => s[2]))], [0, 20]);
});

test("equal random states give equal batches, and a batch moves the state on", async () => {
  const sampler = createSampler([tomogram([ribosome]).tomogram], {
    ...plain,
    shift: 5,
    tiltAxisTurn: true,
    intensityJitter: 0.1,
  });
  const random = new Random(9);
  const first = await sampleBatch(sampler, random);
  assert.deepEqual(await sampleBatch(sampler, new Random(9)), first);
  assert.notDeepEqual(await sampleBatch(sampler, random), first);
});

test("without objects there is nothing to sample", () => {
  const [a, b] = [tomogram([], "a"), tomogram([], "b")];
  assert.throws(() => createSampler([a.tomogram, b.tomogram], plain), {
    code: "no-objects",
    message: "no objects in a, b",
    hint: "patches are sampled around objects: list some",
  });
});

test("a label beyond the classes is refused, not counted elsewhere", async () => {
  const sampler = createSampler([tomogram([ribosome]).tomogram], { ...plain, classes: 3 });
  await assert.rejects(sampleBatch(sampler, new Random(0)), {
    code: "label-unknown",
    message: "t0: the target holds the label 3, the class table ends at 2",
  });
});

test("label frequencies: shares of the voxels, none of them 0", async () => {
  const { tomogram: one } = tomogram([ribosome]);
  const frequencies = await labelFrequencies(createSampler([one], plain), 5, new Random(1));
  assert.ok(Math.abs(frequencies.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
  for (const share of frequencies.slice(0, 4)) assert.ok(Math.abs(share - 0.25) < 0.05);
  assert.equal(frequencies[4], 1 / (8 * 4 * 512 + 5));
});
