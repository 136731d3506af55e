import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { measureBlocks } from "../../src/volume/block-statistics.ts";
import { decodeFloat16, encodeFloat16 } from "../../src/volume/float16.ts";
import { openVolume } from "../../src/volume/formats.ts";
import { normaliseVolume, normaliseVoxels } from "../../src/volume/normalise.ts";
import {
  addFloat16,
  addVoxels,
  measureVolume,
  measureVoxels,
  noStatistics,
} from "../../src/volume/statistics.ts";
import { fixture } from "./fixtures.ts";

const allTypes = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;

/** Two passes over all values. */
function directly(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, standardDeviation: Math.sqrt(variance) };
}

const assertNear = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} instead of ${expected}`);

test("statistics of many blocks equal those of all values", () => {
  const random = new Random(7);
  const voxels = Float64Array.from({ length: 70_001 }, () => 3 + 2 * random.normal());
  const { count, notFinite, minimum, maximum, mean, standardDeviation } = measureVoxels(voxels);
  const expected = directly([...voxels]);
  assert.deepEqual([count, notFinite], [70_001, 0]);
  assert.equal(
    minimum,
    voxels.reduce((a, b) => Math.min(a, b)),
  );
  assert.equal(
    maximum,
    voxels.reduce((a, b) => Math.max(a, b)),
  );
  assertNear(mean, expected.mean, 1e-13);
  assertNear(standardDeviation, expected.standardDeviation, 1e-13);
});

test("the deviation does not cancel when the mean is large, as it does with sums of squares", () => {
  const voxels = Float64Array.from({ length: 50_000 }, (_, i) => 1e9 + (i % 2));
  assertNear(measureVoxels(voxels).standardDeviation, 0.5, 1e-9);
});

test("vectors and plain code give the same bits for voxels of every type", () => {
  const random = new Random(5);
  for (const type of allTypes) {
    const spread = type.BYTES_PER_ELEMENT === 1 ? 40 : 9000;
    const middle = /Uint/.test(type.name) ? 1.5 * spread : 0;
    for (const length of [1, 8, 13, 40_000, 150_003]) {
      const voxels = new type(length).map(() => middle + spread * Math.tanh(random.normal()));
      const [vectors, plain] = [undefined, null].map((unit) =>
        [...measureBlocks(voxels, unit)].map(({ statistics }) => statistics),
      );
      assert.deepEqual(vectors, plain, `${length} of ${type.name}`);
    }
  }
});

test("float16 patterns measure as the values that they stand for", () => {
  const random = new Random(9);
  for (const length of [5, 64, 40_001]) {
    const bits = encodeFloat16(Float32Array.from({ length }, () => 30 * random.normal()));
    assert.deepEqual(addFloat16(noStatistics, bits), measureVoxels(decodeFloat16(bits)));
    bits[2] = 0x7c00;
    assert.deepEqual(addFloat16(noStatistics, bits), measureVoxels(decodeFloat16(bits)));
    assert.equal(addFloat16(noStatistics, bits).notFinite, 1);
  }
});

test("statistics of small integers are exact, also of their extremes alone", () => {
  const cases = [
    Int8Array.of(-128, 127, -128, -128, 127, 127, -128, 127),
    Uint8Array.of(0, 255, 255, 255, 0, 0, 255, 0),
    new Int16Array(65536 * 2).fill(-32768),
    new Uint16Array(65536 * 2).fill(65535),
    Int16Array.from({ length: 65536 }, (_, i) => (i % 2 ? 32767 : -32768)),
    Uint16Array.from({ length: 65536 }, (_, i) => i),
    Int16Array.from({ length: 65536 }, (_, i) => 30_000 + (i % 2)),
  ];
  const expected = [
    [-0.5, 127.5],
    [127.5, 127.5],
    [-32768, 0],
    [65535, 0],
    [-0.5, 32767.5],
    [32767.5, Math.sqrt((65536 ** 2 - 1) / 12)],
    [30_000.5, 0.5],
  ];
  for (const [i, voxels] of cases.entries()) {
    const { mean, standardDeviation, minimum, maximum } = measureVoxels(voxels);
    assert.deepEqual([mean, standardDeviation], expected[i], `case ${i}`);
    const sorted = [...voxels].sort((a, b) => a - b);
    assert.deepEqual([minimum, maximum], [sorted[0], sorted.at(-1)]);
  }
});

test("minimum and maximum are found in every lane, in all types", () => {
  for (const type of allTypes)
    for (let lane = 0; lane < 16; lane++) {
      const voxels = new type(48).fill(5);
      voxels[16 + lane] = 99;
      voxels[32 + lane] = 1;
      const { minimum, maximum } = measureVoxels(voxels);
      assert.deepEqual([minimum, maximum], [1, 99], `${type.name}, ${lane}`);
    }
});

test("float64 voxels too large for a sum are still finite ones", () => {
  const { count, notFinite, maximum } = measureVoxels(new Float64Array(16).fill(1e308));
  assert.deepEqual([count, notFinite, maximum], [16, 0, 1e308]);
});

test("parts of unequal length give what the whole gives", () => {
  const random = new Random(1);
  const voxels = Int16Array.from({ length: 40_000 }, () => random.integer(-300, 900));
  const parts = [0, 1, 17_000, 17_001, 40_000];
  const total = parts
    .slice(1)
    .reduce((before, end, i) => addVoxels(before, voxels.subarray(parts[i], end)), noStatistics);
  const whole = measureVoxels(voxels);
  assert.deepEqual([total.count, total.minimum, total.maximum], [whole.count, whole.minimum, whole.maximum]);
  assertNear(total.mean, whole.mean, 1e-13);
  assertNear(total.standardDeviation, whole.standardDeviation, 1e-12);
});

test("voxels that are not finite are counted and left out", () => {
  const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
  const { count, notFinite, mean, maximum } = measureVoxels(
    Float32Array.from([nan, 1, infinite, 3, -infinite]),
  );
  assert.deepEqual([count, notFinite, mean, maximum], [2, 3, 2, 3]);
  assert.equal(measureVoxels(Float32Array.from([nan])).count, 0);
});

test("a file is measured by slabs", async () => {
  const reader = await openVolume(fixture("mrc/axes-zxy.mrc"));
  try {
    const whole = await reader.readBox([0, 0, 0], reader.info.shape);
    assert.deepEqual(await measureVolume(reader), measureVoxels(whole));
  } finally {
    await reader.close();
  }
});

test("a normalised volume has mean 0 and standard deviation 1, and the volume itself is left alone", () => {
  const data = Int16Array.from({ length: 24 }, (_, i) => 1000 + i * i);
  const volume = {
    data,
    shape: [2, 3, 4] as const,
    voxelSizeAngstrom: [10, 10, 10] as const,
    originAngstrom: [1, 2, 3] as const,
  };
  const normalised = normaliseVolume(volume);
  const { mean, standardDeviation } = measureVoxels(normalised.data);
  assert.ok(Math.abs(mean) < 1e-7, String(mean));
  assertNear(standardDeviation, 1, 1e-7);
  assert.deepEqual([normalised.shape, normalised.originAngstrom], [volume.shape, volume.originAngstrom]);
  assert.equal(data[5], 1025);
});

test("a part can be normalised by the statistics of the whole", () => {
  const whole = measureVoxels(Float32Array.from([0, 2, 4, 6]));
  const part = normaliseVoxels(Float32Array.from([3, 6]), whole);
  assert.deepEqual([...part], [0, Math.fround(3 / Math.sqrt(5))]);
});

test("voxels of every type, more than a block of them, are normalised to the nearest float32", () => {
  const values = Array.from({ length: 65536 + 5 }, (_, index) => (index * 37) % 101);
  const statistics = { ...noStatistics, count: values.length, mean: 49.7, standardDeviation: 29.3 };
  const expected = Float32Array.from(values, (value) => (value - 49.7) * (1 / 29.3));
  for (const type of [Int8Array, Uint8Array, Int16Array, Uint16Array, Float32Array])
    assert.deepEqual(normaliseVoxels(type.from(values), statistics), expected, type.name);
  const far = 2 ** 30 + 1;
  for (const type of [Int32Array, Uint32Array, Float64Array])
    assert.deepEqual(
      normaliseVoxels(type.from(values.map((value) => value + far)), { ...statistics, mean: 49 + far }),
      Float32Array.from(values, (value) => (value - 49) * (1 / 29.3)),
      type.name,
    );
});

test("equal voxels normalise to zeros, and NaN is refused", () => {
  assert.deepEqual([...normaliseVoxels(Uint8Array.from([7, 7]))], [0, 0]);
  assert.throws(() => normaliseVoxels(Float32Array.from([1, Number.NaN])), {
    code: "voxel-not-finite",
    message: /1 of 2 voxels/,
  });
});
