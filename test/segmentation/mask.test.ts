import assert from "node:assert/strict";
import { test } from "node:test";
import { volumeInMemory } from "../../src/volume/in-memory.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { countingEngine } from "../support/feeds.ts";
import { placeOf, segmentNoise } from "../support/tiny-segmentation.ts";
import { tinyEngine } from "../support/tiny-training.ts";

const shape: Shape3 = [11, 22, 17];
const voxels = 11 * 22 * 17;

/** A slanted slab, as a lamella is, away from every border but one. */
const mask = Float32Array.from({ length: voxels }, (_, i) => {
  const [z, y, x] = placeOf(i, shape);
  return z + Math.floor(x / 6) >= 4 && z + Math.floor(x / 6) < 8 && y > 2 && y < 13 ? -2.5 : 0;
});

test("inside the mask as without it, bit for bit, in every tiling; outside it background", async () => {
  const free = await segmentNoise(shape, { scores: true });
  for (const tile of [undefined, [4, 22, 17], [11, 8, 6]] as const) {
    const options = { mask: volumeInMemory({ data: mask, shape }), ...(tile && { tile }) };
    const { labels, scores } = await segmentNoise(shape, { ...options, scores: true });
    for (let i = 0; i < voxels; i++) {
      const inside = mask[i] !== 0;
      assert.equal(labels[i], inside ? free.labels[i] : 0, `voxel ${placeOf(i, shape)}`);
      for (const label of [0, 1, 2]) {
        const background = label === 0 ? 1 : 0;
        assert.equal(scores[label * voxels + i], inside ? free.scores[label * voxels + i] : background);
      }
    }
    assert.deepEqual((await segmentNoise(shape, options)).labels, labels, "labels alone");
  }
  assert.ok(
    free.labels.some((label, i) => label !== 0 && mask[i] === 0),
    "there was something to leave out",
  );
});

test("only what the mask needs is computed", async () => {
  const engine = await tinyEngine();
  const counting = countingEngine(engine);
  const sizes: number[] = [];
  const compile: typeof engine.compile = (graph) => {
    const { shape: labels } = graph.values[graph.outputs.labels!]!;
    sizes.push(labels.reduce((product, length) => product * length, 1));
    return counting.compile(graph);
  };
  await segmentNoise(
    shape,
    { mask: volumeInMemory({ data: mask, shape }), tile: [11, 12, 17] },
    { ...engine, compile },
  );
  // y 3 … 11 of the first tile, 12 of the second; z 2 … 7, all of x
  assert.deepEqual(sizes, [6 * 9 * 17, 6 * 1 * 17]);
  const nothing = { mask: volumeInMemory({ data: new Float32Array(voxels), shape }) };
  const { labels, tiles } = await segmentNoise(shape, nothing, { ...engine, compile });
  assert.equal(sizes.length, 2, "an empty mask: nothing is computed");
  assert.equal(tiles, 1);
  assert.ok(labels.every((label) => label === 0));
  assert.equal(counting.open(), 0);
});

test("a mask works with DeepFinder's tiling and with test-time augmentation too", async () => {
  const small: Shape3 = [7, 8, 6];
  const inside = Float32Array.from({ length: 7 * 8 * 6 }, (_, i) => (i % 5 < 3 && i > 100 ? 1 : 0));
  for (const options of [
    { tiling: "deepfinder", tile: [56, 56, 56] },
    { testTimeAugmentation: "turns" },
  ] as const) {
    const free = await segmentNoise(small, options);
    const { labels } = await segmentNoise(small, {
      ...options,
      mask: volumeInMemory({ data: inside, shape: small }),
    });
    assert.deepEqual(
      labels,
      free.labels.map((label, i) => (inside[i] === 0 ? 0 : label)),
    );
  }
});

test("a mask of another shape is told", async () => {
  const other = volumeInMemory({ data: new Float32Array(11 * 22 * 16), shape: [11, 22, 16] });
  await assert.rejects(segmentNoise(shape, { mask: other }), {
    code: "mask-shape",
    message: "the mask is 11×22×16 but the tomogram is 11×22×17 (z, y, x)",
  });
});
