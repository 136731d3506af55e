import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { findSeeds, meanShift, roundHalfToEven } from "../../../src/objects/clustering/mean-shift.ts";
import type { VoxelPoints } from "../../../src/objects/clustering/voxel-points.ts";
import { voxelPointsOf } from "../../../src/objects/clustering/voxel-points.ts";
import type { Shape3 } from "../../../src/volume/volume.ts";

interface Case {
  readonly name: string;
  readonly shape: Shape3;
  readonly radius: number;
  /** Differences of the points' indices. */
  readonly index: readonly number[];
  readonly centers: readonly (readonly number[])[];
  readonly nearest: readonly number[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/objects/meanshift.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[] };

function pointsOf({ shape, index }: Case): VoxelPoints {
  let sum = 0;
  const absolute = Uint32Array.from(index, (step) => {
    sum += step;
    return sum;
  });
  return { shape, index: absolute, label: new Uint16Array(index.length).fill(1) };
}

describe("mean-shift equals scikit-learn's", () => {
  for (const expected of fixture.cases)
    test(expected.name, async () => {
      const { centres, assigned, sizes } = await meanShift(pointsOf(expected), { radius: expected.radius });
      assert.equal(centres.length / 3, expected.centers.length, "number of clusters");
      expected.centers.flat().forEach((value, at) => {
        assert.ok(
          Math.abs(centres[at] - value) < 1e-9,
          `centre ${Math.floor(at / 3)}: ${centres[at]}, not ${value}`,
        );
      });
      const wrong = expected.nearest.filter((cluster, point) => cluster >= 0 && assigned[point] !== cluster);
      assert.deepEqual(wrong, [], "points of another cluster");
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        expected.index.length,
      );
    });
});

test("the reference of the design: same clusters, centres within 1e-3, under a second", async (context) => {
  const folder = new URL("../../../../shared/data/reference/", import.meta.url);
  if (!existsSync(folder)) {
    context.diagnostic(`${folder.pathname} is not there: checked on a sphere instead`);
    return checkSphere();
  }
  const file = gunzipSync(readFileSync(new URL("target_shapes_crop.mrc.gz", folder)));
  const reference = JSON.parse(readFileSync(new URL("meanshift_r8.json", folder), "utf8")) as {
    readonly voxels: number;
    readonly clusters: readonly { readonly center: readonly number[]; readonly size: number }[];
  };
  const shape: Shape3 = [file.readInt32LE(8), file.readInt32LE(4), file.readInt32LE(0)];
  const points = voxelPointsOf(new Uint8Array(file.subarray(1024)), shape);
  assert.equal(points.index.length, reference.voxels);
  const { centres, sizes } = await meanShift(points, { radius: 8 });
  assert.deepEqual(
    [...sizes],
    reference.clusters.map(({ size }) => size),
  );
  reference.clusters
    .flatMap(({ center }) => center)
    .forEach((value, at) => {
      assert.ok(Math.abs(centres[at] - value) < 1e-3, `coordinate ${at}`);
    });
});

/** A full sphere is one cluster at its centre. */
async function checkSphere(): Promise<void> {
  const shape: Shape3 = [21, 31, 43];
  const data = new Uint8Array(21 * 31 * 43);
  for (let z = 0; z < 21; z++)
    for (let y = 0; y < 31; y++)
      for (let x = 0; x < 43; x++)
        if ((z - 10) ** 2 + (y - 12) ** 2 + (x - 33) ** 2 <= 49) data[(z * 31 + y) * 43 + x] = 3;
  const { centres, sizes } = await meanShift(voxelPointsOf(data, shape), { radius: 8 });
  assert.deepEqual([...centres], [10, 12, 33]);
  assert.deepEqual([...sizes], [1419]);
}

test("no points, no clusters", async () => {
  const empty = { shape: [3, 4, 5] as const, index: new Uint32Array(0), label: new Uint16Array(0) };
  const { centres, assigned, sizes } = await meanShift(empty, { radius: 3 });
  assert.deepEqual([centres.length, assigned.length, sizes.length], [0, 0, 0]);
});

test("seeds are bins in the order of their first point, halves rounded to even", () => {
  assert.deepEqual([0.5, 1.5, 2.5, 2.49, 2.51, 3].map(roundHalfToEven), [0, 2, 2, 2, 3, 3]);
  const shape: Shape3 = [2, 3, 16];
  const data = new Uint8Array(96);
  for (const x of [2, 3, 5, 6, 10, 11]) data[1 * 48 + 2 * 16 + x] = 1;
  assert.deepEqual(findSeeds(voxelPointsOf(data, shape), 4), [
    [0, 0, 0],
    [0, 0, 4],
    [0, 0, 8],
    [0, 0, 12],
  ]);
});

test("an aborted signal ends the work", async () => {
  const shape: Shape3 = [48, 90, 100];
  const points = voxelPointsOf(new Uint8Array(48 * 90 * 100).fill(1), shape);
  await assert.rejects(meanShift(points, { radius: 3, signal: AbortSignal.abort() }), { name: "AbortError" });
});
