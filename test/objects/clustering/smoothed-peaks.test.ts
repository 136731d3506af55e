import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type ClusterOptions, clusterObjects } from "../../../src/objects/clustering/cluster-objects.ts";
import { gaussianPlanes } from "../../../src/objects/clustering/gaussian-planes.ts";
import { findSmoothedPeaks, nextBest } from "../../../src/objects/clustering/smoothed-peaks.ts";
import { voxelPointsOf } from "../../../src/objects/clustering/voxel-points.ts";
import { volumeInMemory } from "../../../src/volume/in-memory.ts";
import type { Shape3, Triple } from "../../../src/volume/volume.ts";

const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/objects/peaks.json", import.meta.url), "utf8"),
) as {
  readonly cases: readonly {
    readonly shape: Shape3;
    readonly sigma: number;
    readonly values: readonly number[];
    readonly smoothed: readonly number[];
    readonly maxima: readonly Triple[];
  }[];
};

for (const { shape, sigma, values, smoothed, maxima } of fixture.cases) {
  const data = Float32Array.from(values, (value) => value / 64);
  const name = `${shape.join("×")}, σ ${sigma}`;

  test(`a volume of ${name} is smoothed as by scipy`, async () => {
    const ours: number[] = [];
    for await (const plane of gaussianPlanes(volumeInMemory({ data, shape }), { sigma })) ours.push(...plane);
    assert.equal(ours.length, smoothed.length);
    for (const [at, value] of ours.entries())
      assert.ok(Math.abs(value - smoothed[at]!) < 3e-7, `voxel ${at}: ${value}, scipy ${smoothed[at]}`);
  });

  test(`the maxima of a volume of ${name} are scipy's, highest first`, async () => {
    const scores = new Map([[1, volumeInMemory({ data, shape })]]);
    const found = await findSmoothedPeaks(1, scores, { radius: 0.5, sigma, threshold: 0 });
    assert.deepEqual(
      found.map(({ voxel }) => voxel),
      maxima,
    );
  });

  test(`the next best class at each voxel of ${name} is smoothed the same`, async () => {
    const zeros = volumeInMemory({ data: new Float32Array(data.length), shape });
    const scores = new Map([
      [0, zeros],
      [1, zeros],
      [2, volumeInMemory({ data, shape })],
    ]);
    const [, height, width] = shape;
    const everywhere = smoothed.map((_, at) => {
      const voxel: Triple = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
      return { voxel, position: voxel, score: 1 };
    });
    const next = await nextBest(everywhere, scores, { label: 1, sigma });
    for (const [at, value] of next.entries())
      assert.ok(Math.abs(value - smoothed[at]!) < 3e-7, `voxel ${at}`);
  });
}

/** Probabilities of classes in a volume; the background has the rest. */
function scoresOf(
  shape: Shape3,
  classes: Readonly<Record<string, (z: number, y: number, x: number) => number>>,
) {
  const [depth, height, width] = shape;
  const background = new Float32Array(depth * height * width).fill(1);
  const labels = new Uint8Array(background.length);
  const all = new Map<number, Float32Array>();
  for (const [label, probability] of Object.entries(classes)) {
    const data = background.map((_, at) =>
      probability(Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width),
    );
    for (const [at, value] of data.entries()) background[at]! -= value;
    all.set(Number(label), data);
  }
  for (const at of labels.keys()) {
    let best = background[at]!;
    for (const [label, data] of all) if (data[at]! > best) [best, labels[at]] = [data[at]!, label];
  }
  const scores = new Map(
    [...new Map([[0, background], ...all])].map(([label, data]) => [label, volumeInMemory({ data, shape })]),
  );
  return { points: voxelPointsOf(labels, shape), scores };
}

const options: ClusterOptions = { method: "peaks", perClass: true, radius: 8, smoothing: 0.4, minSize: 1 };

describe("particles", () => {
  const shape: Shape3 = [40, 44, 60];
  const distance = (at: Triple, z: number, y: number, x: number) =>
    Math.hypot(z - at[0], y - at[1], x - at[2]);
  const blob = (at: Triple) => (z: number, y: number, x: number) =>
    0.9 * Math.exp(-(distance(at, z, y, x) ** 2) / 30);

  test("one between voxels is found within a twentieth of a voxel", async () => {
    const at: Triple = [18.3, 21.75, 30.4];
    const { points, scores } = scoresOf(shape, { 1: blob(at) });
    const [object, ...others] = await clusterObjects(points, { ...options, scores });
    assert.deepEqual(others, []);
    assert.ok(distance(at, object!.z, object!.y, object!.x) < 0.05, JSON.stringify(object));
    assert.ok(object!.score! > 0.3 && object!.score! < 0.9, `${object!.score}`);
    assert.equal(object!.margin, object!.score, "there is no other class; the background does not count");
  });

  test("a ring, whose middle is background, is one object there; without smoothing it is many", async () => {
    const ring = (z: number, y: number, x: number) =>
      0.95 * Math.exp(-((Math.hypot(y - 22, x - 30) - 5.5) ** 2 + (z - 20) ** 2) / 3);
    // ridges: the ring has no even height
    const rough = (z: number, y: number, x: number) =>
      ring(z, y, x) * (0.9 + 0.1 * Math.cos(x * 2.1) * Math.cos(y * 1.7));
    const { points, scores } = scoresOf(shape, { 1: rough });
    const found = await clusterObjects(points, { ...options, scores, smoothing: 0.5 });
    assert.equal(found.length, 1);
    assert.ok(distance([20, 22, 30], found[0]!.z, found[0]!.y, found[0]!.x) < 0.5, JSON.stringify(found));
    const { smoothing: _, ...rest } = options;
    assert.ok((await clusterObjects(points, { ...rest, scores })).length > 1);
  });

  test("of two classes at one place the better is kept, where it is asked for", async () => {
    const first = blob([20, 22, 30]);
    const second = (z: number, y: number, x: number) => 0.1 * blob([20, 22, 32])(z, y, x);
    const { points, scores } = scoresOf(shape, { 1: first, 2: second });
    const both = await clusterObjects(points, { ...options, scores, minSize: 0, threshold: 0.02 });
    assert.deepEqual(both.map(({ label }) => label).sort(), [1, 2]);
    const [stronger, weaker] = both;
    assert.ok(stronger!.margin! > 0.3 && stronger!.margin! < stronger!.score!, `${stronger!.margin}`);
    assert.ok(weaker!.margin! < -0.3, `${weaker!.margin}`);
    const better = await clusterObjects(points, {
      ...options,
      ...{ scores, minSize: 0, threshold: 0.02, suppressOverlap: 0.8 },
    });
    assert.deepEqual(
      better.map(({ label }) => label),
      [1],
    );
  });

  test("a class without a labelled voxel is searched with minSize 0 alone", async () => {
    const { points, scores } = scoresOf(shape, { 1: (z, y, x) => 0.4 * blob([20, 22, 30])(z, y, x) });
    assert.equal(points.index.length, 0);
    assert.deepEqual(await clusterObjects(points, { ...options, scores }), []);
    const found = await clusterObjects(points, { ...options, scores, minSize: 0, threshold: 0.1 });
    assert.equal(found.length, 1);
    assert.equal(found[0]!.clusterSize, 0);
  });

  test("regions are not searched, by any method", async () => {
    const { points, scores } = scoresOf(shape, { 1: blob([20, 22, 15]), 2: blob([20, 22, 45]) });
    for (const method of ["peaks", "mean-shift", "components"] as const) {
      const found = await clusterObjects(points, {
        ...{ method, perClass: true, radius: { 1: 8 }, scores, regions: [2] },
        ...(method === "peaks" && { smoothing: 0.4 }),
      });
      assert.deepEqual([...new Set(found.map(({ label }) => label))], [1], method);
    }
  });

  test("a score that is no probability is told with its voxel", async () => {
    const { points, scores } = scoresOf(shape, { 1: blob([20, 22, 30]) });
    const data = new Float32Array(40 * 44 * 60);
    data[(3 * 44 + 5) * 60 + 7] = Number.NaN;
    scores.set(1, volumeInMemory({ data, shape }));
    await assert.rejects(clusterObjects(points, { ...options, scores }), {
      code: "score-invalid",
      message: /class 1 at voxel \(z, y, x\) = \(3, 5, 7\) is NaN/,
    });
  });
});
