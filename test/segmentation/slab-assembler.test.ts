import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { extentOf } from "../../src/network/restrict.ts";
import { largestClass } from "../../src/segmentation/largest-class.ts";
import { type Slab, SlabAssembler } from "../../src/segmentation/slab-assembler.ts";
import { tilesOf } from "../../src/segmentation/tiling.ts";
import { copyBox } from "../../src/volume/box.ts";
import type { Shape3 } from "../../src/volume/volume.ts";

const shape: Shape3 = [11, 22, 17];
const voxels = 11 * 22 * 17;
const random = new Random(2);
/** (class, z, y, x). */
const scores = Float32Array.from({ length: 3 * voxels }, () => random.uniform());
const labels = largestClass(scores, voxels);

const tileSizes = [
  [11, 22, 17],
  [2, 22, 17],
  [1, 9, 17],
  [3, 6, 4],
  [4, 99, 7],
] as const;

function assemble(tile: Shape3, options: ConstructorParameters<typeof SlabAssembler>[1]): Slab[] {
  const assembler = new SlabAssembler(shape, options);
  return tilesOf(shape, tile).flatMap((box) => {
    const part = { start: box.map(([start]) => start) as unknown as Shape3, shape: extentOf(box) };
    const maps = [0, 1, 2].map((c) => copyBox(scores.subarray(c * voxels, (c + 1) * voxels), shape, part));
    return [
      ...assembler.add({
        box,
        labels: copyBox(labels, shape, part) as Uint8Array,
        scores: Float32Array.from(maps.flatMap((map) => [...map])),
      }),
    ];
  });
}

for (const tile of tileSizes)
  test(`tiles of ${tile.join("×")} become slabs of whole planes, in order`, () => {
    const slabs = assemble(tile, { classes: 3, bins: false });
    assert.equal(slabs.length, new Set(tilesOf(shape, tile).map(([[z]]) => z)).size);
    assert.deepEqual(Uint8Array.from(slabs.flatMap((slab) => [...slab.labels])), labels);
    for (let c = 0; c < 3; c++)
      assert.deepEqual(
        Float32Array.from(slabs.flatMap((slab) => [...slab.scores![c]!])),
        scores.subarray(c * voxels, (c + 1) * voxels),
      );
    assert.ok(slabs.every(({ binned }) => binned === undefined));
  });

for (const bias of [undefined, [-0.5, 0.2, 0]])
  test(`binned labels: means over 2×2×2, whatever the slabs; what is left over is dropped${bias ? "; biased" : ""}`, () => {
    const means = new Float32Array(3 * 5 * 11 * 8);
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < 5 * 11 * 8; i++) {
        const [z, y, x] = [Math.floor(i / 88), Math.floor(i / 8) % 11, i % 8];
        const cell = copyBox(scores.subarray(c * voxels), shape, {
          start: [2 * z, 2 * y, 2 * x],
          shape: [2, 2, 2],
        });
        means[c * 440 + i] = [...cell].reduce((sum, value) => sum + value, 0) / 8;
      }
    const expected = largestClass(means, 440, bias);
    assert.notDeepEqual(expected, largestClass(means, 440, [0, -0.1, 0.1]));
    for (const tile of tileSizes) {
      const slabs = assemble(tile, { classes: 3, bins: true, bias });
      assert.deepEqual(Uint8Array.from(slabs.flatMap(({ binned }) => [...binned!])), expected, `${tile}`);
    }
  });

test("without scores there are labels alone", () => {
  const slabs = assemble([4, 22, 17], { classes: 0, bins: false });
  assert.deepEqual(Uint8Array.from(slabs.flatMap((slab) => [...slab.labels])), labels);
  assert.ok(slabs.every((slab) => slab.scores === undefined && slab.binned === undefined));
});
