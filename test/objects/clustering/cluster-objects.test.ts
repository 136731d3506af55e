import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ClusterOptions, clusterObjects } from "../../../src/objects/clustering/cluster-objects.ts";
import { voxelPointsOf } from "../../../src/objects/clustering/voxel-points.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { volumeInMemory } from "../../../src/volume/in-memory.ts";
import type { Shape3 } from "../../../src/volume/volume.ts";

const shape: Shape3 = [20, 24, 50];
const [, height, width] = shape;

/** A label map of full spheres, later over earlier. */
function spheres(
  list: readonly { label: number; at: readonly [number, number, number]; radius: number }[],
): Uint8Array {
  const data = new Uint8Array(20 * 24 * 50);
  for (const { label, at, radius } of list)
    for (let i = 0; i < data.length; i++) {
      const [z, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      if ((z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2 <= radius ** 2) data[i] = label;
    }
  return data;
}

// Two classes side by side, far apart a small one of the first class.
const labels = spheres([
  { label: 1, at: [9, 11, 10], radius: 5 },
  { label: 3, at: [9, 11, 17], radius: 3 },
  { label: 1, at: [10, 12, 40], radius: 2 },
]);
const points = voxelPointsOf(labels, shape);

const meanShift: ClusterOptions = { method: "mean-shift", perClass: true, radius: { 1: 6, 3: 4 } };

const brief = (list: ObjectList) =>
  list.map(({ label, x, y, z, clusterSize }) => [
    label,
    ...[z, y, x].map((value) => Number(value.toFixed(2))),
    clusterSize,
  ]);

describe("mean-shift", () => {
  test("each class on its own, with its own radius", async () => {
    const found = brief(await clusterObjects(points, meanShift));
    assert.equal(found.length, 3);
    assert.deepEqual(found[1], [1, 10, 12, 40, 33]);
    assert.deepEqual(found[2], [3, 9, 11, 17, 123]);
    assert.deepEqual(found[0].slice(0, 3), [1, 9, 11]);
  });

  test("all together, the touching pair is one object of the majority's class", async () => {
    const found = brief(await clusterObjects(points, { ...meanShift, perClass: false, radius: 9 }));
    assert.deepEqual(
      found.map(([label, , , , size]) => [label, size]),
      [
        [1, points.index.length - 33],
        [1, 33],
      ],
    );
  });

  test("least sizes by class", async () => {
    const found = await clusterObjects(points, { ...meanShift, minSize: { 1: 34, 3: 123 } });
    assert.deepEqual(
      found.map(({ label }) => label),
      [1, 3],
    );
    assert.equal((await clusterObjects(points, { ...meanShift, minSize: 1000 })).length, 0);
  });

  test("a class without a radius is an error that names it", async () => {
    await assert.rejects(clusterObjects(points, { ...meanShift, radius: { 1: 6 } }), {
      code: "radius-missing",
      message: /class 3 has no radius/,
    });
    const progress: number[] = [];
    const onProgress = (label: number) => progress.push(label);
    await assert.rejects(clusterObjects(points, { ...meanShift, radius: {}, onProgress }), {
      code: "radius-missing",
      message: /classes 1, 3 have no radius/,
    });
    assert.deepEqual(progress, [], "before any class is clustered");
    await assert.rejects(clusterObjects(points, { ...meanShift, perClass: false }), {
      code: "radius-missing",
      message: /one radius for all/,
    });
  });
});

test("components: touching voxels of one class are an object", async () => {
  const perClass = brief(await clusterObjects(points, { method: "components", perClass: true }));
  assert.deepEqual(
    perClass.map(([label]) => label),
    [1, 1, 3],
  );
  const together = brief(await clusterObjects(points, { method: "components", perClass: false }));
  assert.deepEqual(
    together.map(([label, , , , size]) => [label, size]),
    [
      [1, points.index.length - 33],
      [1, 33],
    ],
  );
});

/** Scores: 0.8 for the voxel's class, 0.15 for the next one's, the rest background; class 3's get better along x. */
function scoreVolumes() {
  const own = new Map([0, 1, 3].map((label) => [label, new Float32Array(labels.length)]));
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    const next = label === 1 ? 3 : 1;
    own.get(0)![i] = label === 0 ? 1 : 0.05;
    if (label === 0) continue;
    own.get(label)![i] = label === 3 ? 0.5 + 0.01 * (i % width) : 0.8;
    own.get(next)![i] = 0.125;
  }
  return new Map([...own].map(([label, data]) => [label, volumeInMemory({ data, shape })]));
}

const close = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-6, `${actual}, not ${expected}`);

describe("scores", () => {
  test("score and margin are means over the cluster's voxels", async () => {
    const found = await clusterObjects(points, { ...meanShift, scores: scoreVolumes() });
    close(found[1].score, 0.8);
    close(found[1].margin, 0.8 - 0.125);
    close(found[2].score, 0.5 + 0.17);
    close(found[2].margin, 0.67 - 0.125);
  });

  test("the threshold drops what scores less, by class", async () => {
    const scores = scoreVolumes();
    const all = await clusterObjects(points, { ...meanShift, scores, threshold: { 3: 0.66 } });
    const some = await clusterObjects(points, { ...meanShift, scores, threshold: { 3: 0.68 } });
    assert.deepEqual([all.length, some.length], [3, 2]);
  });

  test("a threshold or peaks without scores, scores of another size, a class without scores", async () => {
    await assert.rejects(clusterObjects(points, { ...meanShift, threshold: 0.5 }), {
      code: "scores-missing",
    });
    await assert.rejects(clusterObjects(points, { ...meanShift, method: "peaks" }), {
      code: "scores-missing",
    });
    const small = new Map([[1, volumeInMemory({ data: new Float32Array(6), shape: [1, 2, 3] })]]);
    await assert.rejects(clusterObjects(points, { ...meanShift, scores: small }), {
      code: "scores-shape",
      message: /1×2×3 voxels, the labels 20×24×50/,
    });
    const two = new Map([...scoreVolumes()].filter(([label]) => label !== 3));
    await assert.rejects(clusterObjects(points, { ...meanShift, scores: two }), {
      code: "scores-class-missing",
    });
  });
});

describe("peaks", () => {
  const peaks: ClusterOptions = { ...meanShift, method: "peaks" };

  test("a plateau's peak is its centroid, a slope's is its end", async () => {
    const found = await clusterObjects(points, { ...peaks, scores: scoreVolumes() });
    assert.deepEqual(
      found.map(({ label, z, y, x }) => [label, z, y, Number(x.toFixed(2))]),
      [
        [1, 9, 11, 9.98],
        [1, 10, 12, 40],
        [3, 9, 11, 20],
      ],
    );
    close(found[2].score, 0.7);
    close(found[2].margin, 0.7 - 0.125);
    assert.equal(found[1].clusterSize, 33);
  });

  test("the threshold is on the peak", async () => {
    const found = await clusterObjects(points, { ...peaks, scores: scoreVolumes(), threshold: 0.75 });
    assert.deepEqual(
      found.map(({ label }) => label),
      [1, 1],
    );
  });

  test("a lower peak within the radius is suppressed, one beyond it stays", async () => {
    const data = new Uint8Array(2 * 3 * 40).fill(1);
    const score = new Float32Array(240).fill(0.5);
    for (const [x, value] of [
      [5, 0.9],
      [10, 0.8],
      [20, 0.7],
    ])
      score[40 + x] = value;
    const scores = new Map([
      [0, volumeInMemory({ data: new Float32Array(240), shape: [2, 3, 40] })],
      [1, volumeInMemory({ data: score, shape: [2, 3, 40] })],
    ]);
    const line = voxelPointsOf(data, [2, 3, 40]);
    const near = await clusterObjects(line, { ...peaks, radius: 5, scores });
    assert.deepEqual(
      near.map(({ x }) => x),
      [5, 20],
    );
    const nearer = await clusterObjects(line, { ...peaks, radius: 4.9, scores });
    assert.deepEqual(
      nearer.map(({ x }) => x),
      [5, 10, 20],
    );
  });
});

test("an empty label map has no objects", async () => {
  const empty = voxelPointsOf(new Uint8Array(labels.length), shape);
  assert.deepEqual(await clusterObjects(empty, meanShift), []);
  assert.deepEqual(await clusterObjects(empty, { ...meanShift, perClass: false, radius: 3 }), []);
});
