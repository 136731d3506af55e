import assert from "node:assert/strict";
import { test } from "node:test";
import { largestClass } from "../../src/segmentation/largest-class.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { denseNetwork, paddedNoise, placeOf, segmentNoise } from "../support/tiny-segmentation.ts";

const shape: Shape3 = [7, 8, 6];
const voxels = 7 * 8 * 6;
const side = 56;
const margin = 25;

/** First voxels of the cubes: every P + 1 − 55, and one at the end. */
const starts: readonly (readonly number[])[] = [[0, 1], [0, 2], [0]];

test("overlapping cubes of the padded volume, 25 voxels off each side, averaged", async () => {
  const full = shape.map((length) => length + 2 * margin) as unknown as Shape3;
  const padded = paddedNoise(shape, full);
  const network = await denseNetwork([side, side, side]);
  const sums = new Float64Array(3 * voxels);
  const counts = new Float64Array(voxels);
  for (const z0 of starts[0]!)
    for (const y0 of starts[1]!)
      for (const x0 of starts[2]!) {
        const cube = Float32Array.from({ length: side ** 3 }, (_, i) => {
          const [z, y, x] = placeOf(i, [side, side, side]);
          return padded[((z0 + z) * full[1] + y0 + y) * full[2] + x0 + x]!;
        });
        const scores = await network.scores(cube);
        for (let i = 0; i < voxels; i++) {
          const [z, y, x] = placeOf(i, shape);
          const inner = [z - z0, y - y0, x - x0];
          if (inner.some((at) => at < 0 || at >= side - 2 * margin)) continue;
          const [cz, cy, cx] = inner.map((at) => at + margin) as [number, number, number];
          for (let c = 0; c < 3; c++)
            sums[c * voxels + i]! += scores[c * side ** 3 + (cz * side + cy) * side + cx]!;
          counts[i]!++;
        }
      }
  await network.dispose();
  assert.deepEqual([Math.min(...counts), Math.max(...counts)], [1, 4]);

  const tile: Shape3 = [side, side, side];
  const { labels, scores, tiles } = await segmentNoise(shape, { tiling: "deepfinder", tile, scores: true });
  assert.equal(tiles, 1);
  for (const [i, score] of scores.entries())
    assert.ok(Math.abs(score - sums[i]! / counts[i % voxels]!) < 1e-5, `voxel ${i}`);
  assert.deepEqual(labels, largestClass(scores, voxels));
  const exact = await segmentNoise(shape, { scores: true });
  assert.notDeepEqual(scores, exact.scores, "the original's scores depend on its cubes");
});

test("cubes that do not fit, or leave nothing, are refused", async () => {
  for (const cube of [52, 58, 60])
    await assert.rejects(segmentNoise(shape, { tiling: "deepfinder", tile: [cube, cube, cube] }), {
      code: "tile-size",
      message: `DeepFinder's tiling cannot cut cubes of ${cube}³ from 57×58×56 voxels (the volume with its margin)`,
      hint: "use a tileSize that is a multiple of 4, from 56 to 56",
    });
});

test("memory is planned before anything is computed, with a side that fits as advice", async () => {
  const large: Shape3 = [14, 15, 16];
  const options = { tiling: "deepfinder", memoryBytes: 70e6 } as const;
  const cubeOf = (side: number) => ({ ...options, tile: [side, side, side] as Shape3 });
  await assert.rejects(segmentNoise(large, cubeOf(64)), {
    code: "memory-too-small",
    message: /^DeepFinder's tiling in cubes of 64³ takes \d+ MB of memory, but 70 MB may be used$/,
    hint: /^give tileSize: 56, which fits \(the labels depend on it\), or use tiling: exact/,
  });
  await assert.rejects(segmentNoise(large, cubeOf(60)), { code: "memory-too-small" });
  const enough = new Error("one cube is enough");
  const onProgress = () => {
    throw enough;
  };
  await assert.rejects(segmentNoise(large, { ...cubeOf(56), onProgress }), enough);
});

test("where no cube fits, the advice is the exact tiling", async () =>
  assert.rejects(segmentNoise(shape, { tiling: "deepfinder", tile: [56, 56, 56], memoryBytes: 1e5 }), {
    code: "memory-too-small",
    hint: "use tiling: exact, or allow more with `resources: {memory: …}`",
  }));
