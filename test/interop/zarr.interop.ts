/**
 * Our OME-Zarr opened by zarr-python, its description checked by ome-zarr-models. TOMOFLOW_PYTHON names the interpreter (python3);
 * what is missing there fails the test. What they wrote is read in test/volume/zarr.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import type { Volume } from "../../src/volume/volume.ts";
import { voxelTypes } from "../../src/volume/voxel-type.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { voxelDigest } from "../volume/zarr/stores.ts";

const python = process.env.TOMOFLOW_PYTHON ?? "python3";
const script = new URL("zarr_interop.py", import.meta.url).pathname;

interface Facts {
  readonly version: string;
  readonly axes: readonly (readonly [name: string, unit: string])[];
  readonly levels: readonly {
    readonly shape: readonly number[];
    readonly type: string;
    readonly sha256: string;
    readonly scale: readonly number[];
    readonly translation: readonly number[];
  }[];
}

const volume: Volume = {
  data: Float32Array.from({ length: 37 * 131 * 260 }, (_, i) => (i * 37) % 101),
  shape: [37, 131, 260],
  voxelSizeAngstrom: [13.48, 9, 8],
  originAngstrom: [100, -20.5, 3],
};

test("zarr reads every type and level of our OME-Zarr, and finds its description valid", async (context) => {
  const folder = await temporaryFolder(context);
  const made = voxelTypes.flatMap((type) => (["0.4", "0.5"] as const).map((omeZarr) => ({ type, omeZarr })));
  const pathOf = ({ type, omeZarr }: (typeof made)[number]) => join(folder, `${type}-${omeZarr}.zarr`);
  for (const one of made) await writeVolume(pathOf(one), volume, one);
  const answer = execFileSync(python, [script, "describe", ...made.map(pathOf)], { encoding: "utf8" });
  const facts = JSON.parse(answer) as Readonly<Record<string, Facts>>;
  for (const one of made) {
    const { version, axes, levels } = facts[pathOf(one)]!;
    assert.equal(version, one.omeZarr);
    assert.deepEqual(axes, [
      ["z", "angstrom"],
      ["y", "angstrom"],
      ["x", "angstrom"],
    ]);
    assert.equal(levels.length, 3);
    for (const [index, level] of levels.entries()) {
      const ours = await readVolume(`${pathOf(one)}#/${index}`);
      assert.deepEqual([level.shape, level.type], [ours.shape, one.type]);
      assert.equal(level.sha256, voxelDigest(ours.data));
      assert.deepEqual([level.scale, level.translation], [ours.voxelSizeAngstrom, ours.originAngstrom]);
    }
    assert.equal(levels[0]!.sha256, voxelDigest(volume.data));
  }
});
