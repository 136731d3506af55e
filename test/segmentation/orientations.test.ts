import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ranges3 } from "../../src/network/restrict.ts";
import { largestClass } from "../../src/segmentation/largest-class.ts";
import { type Orientation, orientationsOf, turnBox, turnData } from "../../src/segmentation/orientations.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { noise, placeOf, segmentData, segmentNoise, tinyWeights } from "../support/tiny-segmentation.ts";

const shape: Shape3 = [6, 10, 7];
const voxels = 6 * 10 * 7;

/** The volume turned, voxel by voxel. */
function turnedByHand(data: Float32Array, orientation: Orientation): Float32Array {
  return data.map((_, i) => {
    const channel = Math.floor(i / voxels);
    const [z, y, x] = placeOf(i % voxels, shape).map((at, axis) =>
      orientation[axis] ? shape[axis]! - 1 - at : at,
    ) as [number, number, number];
    return data[channel * voxels + (z * shape[1] + y) * shape[2] + x]!;
  });
}

test("turns: as it is and half turns, which are no mirror images; mirrors: all eight", () => {
  const names = (orientations: readonly Orientation[]) =>
    orientations.map((axes) => ["z", "y", "x"].filter((_, axis) => axes[axis]).join("")).sort();
  assert.deepEqual(names(orientationsOf("none")), [""]);
  assert.deepEqual(names(orientationsOf("turns")), ["", "yx", "zx", "zy"].sort());
  assert.deepEqual(names(orientationsOf("mirrors")), ["", "x", "y", "yx", "z", "zx", "zy", "zyx"].sort());
});

test("data of several channels turn voxel by voxel; twice is nothing; the boxes go along", () => {
  const data = noise([12, 10, 7]); // two channels
  const whole: Ranges3 = [
    [0, 6],
    [0, 10],
    [0, 7],
  ];
  for (const orientation of orientationsOf("mirrors")) {
    const turned = turnData(data, whole, orientation);
    assert.deepEqual(turned, turnedByHand(data, orientation), `${orientation}`);
    assert.deepEqual(turnData(turned, whole, orientation), data);
  }
  const box: Ranges3 = [
    [1, 3],
    [0, 4],
    [5, 7],
  ];
  assert.deepEqual(turnBox(box, shape, [true, false, true]), [
    [3, 5],
    [0, 4],
    [0, 2],
  ]);
});

test("test-time augmentation is the mean over turned tomograms, for every tiling", async () => {
  for (const [testTimeAugmentation, tile] of [
    ["turns", [6, 10, 7]],
    ["turns", [4, 6, 7]],
    ["mirrors", [6, 10, 4]],
  ] as const) {
    const sums = new Float32Array(3 * voxels);
    const orientations = orientationsOf(testTimeAugmentation);
    for (const orientation of orientations) {
      const turned = turnedByHand(noise(shape), orientation);
      const back = turnedByHand((await segmentData(turned, shape, { scores: true })).scores, orientation);
      for (let i = 0; i < sums.length; i++) sums[i]! += back[i]!;
    }
    const expected = sums.map((sum) => sum / orientations.length);
    const found = await segmentNoise(shape, { testTimeAugmentation, tile, scores: true });
    assert.deepEqual(found.scores, expected, testTimeAugmentation);
    assert.deepEqual(found.labels, largestClass(expected, voxels));
    assert.deepEqual((await segmentNoise(shape, { testTimeAugmentation, tile })).labels, found.labels);
  }
});

test("test-time augmentation of an ensemble: over networks and turns alike", async () => {
  const options = { testTimeAugmentation: "turns", scores: true } as const;
  const [a, b] = [tinyWeights(6), tinyWeights(3)];
  const first = await segmentNoise(shape, { ...options, weights: [a] });
  const second = await segmentNoise(shape, { ...options, weights: [b] });
  const both = await segmentNoise(shape, { ...options, weights: [a, b] });
  const worst = both.scores.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (first.scores[i]! + second.scores[i]!) / 2)),
    0,
  );
  assert.ok(worst < 1e-6, `${worst}`);
});
