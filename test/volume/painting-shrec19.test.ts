import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compareWithShrec19 } from "../../bench/shrec19.ts";
import { paintShapes } from "../../src/volume/painting.ts";
import { prepareMask } from "../../src/volume/turned-mask.ts";

const folder = process.env.TOMOFLOW_DATA ?? join(import.meta.dirname, "../../../shared/data");

test("shape targets of the SHREC'19 list are DeepFinder's, voxel by voxel, in seconds", async (context) => {
  if (!existsSync(join(folder, "reference/target_shapes.json"))) {
    context.diagnostic(`REDUCED: no SHREC'19 data in ${folder}; painting a list of that size alone`);
    return paintListOfThatSize();
  }
  const result = await compareWithShrec19(folder);
  assert.equal(result.objects, 2498);
  assert.deepEqual(result.countDifferences, new Array(13).fill(0));
  assert.equal(result.cropDifferences, 0);
  assert.ok(result.paintSeconds < 4, `${result.paintSeconds} s`);
});

/** As many objects with masks of 40³ voxels, unturned, on a lattice: every one must have its 13³ voxels, in time. */
function paintListOfThatSize(): void {
  const side = 40;
  const mask = new Uint8Array(side ** 3).map((_, index) =>
    [Math.floor(index / side ** 2), Math.floor(index / side) % side, index % side].every(
      (position) => Math.abs(position - side / 2) <= 6,
    )
      ? 1
      : 0,
  );
  const objects = Array.from({ length: 2498 }, (_, index) => ({
    label: 1,
    x: 10 + 16 * (index % 31),
    y: 10 + 16 * (Math.floor(index / 31) % 31),
    z: 10 + 16 * Math.floor(index / 961),
    phi: 90 * (index % 4),
    psi: 180,
    the: 90,
  }));
  const data = new Uint8Array(200 * 512 * 512);
  const started = performance.now();
  paintShapes({ data, shape: [200, 512, 512], start: [0, 0, 0] }, objects, {
    masks: new Map([[1, prepareMask({ data: mask, shape: [side, side, side] })]]),
    rounding: "truncate",
  });
  assert.ok(performance.now() - started < 4000);
  assert.equal(
    data.reduce((sum, label) => sum + label, 0),
    2498 * 13 ** 3,
  );
}
