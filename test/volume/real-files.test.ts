/** Files that other programs wrote, against what mrcfile reads in them. They lie beside the repository where there are any. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "../../src/core/hash.ts";
import { openVolume } from "../../src/volume/formats.ts";
import { measureVoxels } from "../../src/volume/statistics.ts";
import { bytesOf } from "../../src/volume/voxel-type.ts";
import { expectedVolumes, fixture } from "./fixtures.ts";

interface Facts {
  readonly shape: readonly number[];
  readonly type: string;
  readonly voxelSizeAngstrom: readonly number[];
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly standardDeviation: number;
  /** Of the voxels, little-endian, float16 as float32. */
  readonly sha256: string;
}

const facts = JSON.parse(readFileSync(fixture("real-files.json"), "utf8")) as Record<string, Facts>;
const folder = new URL("../../../shared/data/", import.meta.url).pathname;

async function checkFile(path: string, expected: Facts): Promise<void> {
  const reader = await openVolume(path);
  try {
    const { shape, type, voxelSizeAngstrom } = reader.info;
    const voxels = await reader.readBox([0, 0, 0], shape);
    const measured = measureVoxels(voxels);
    const near = (actual: number, wanted: number) =>
      assert.ok(
        Math.abs(actual - wanted) <= 1e-6 * Math.max(1e-3, Math.abs(wanted)),
        `${actual}, not ${wanted}`,
      );
    assert.deepEqual(
      [shape, type, sha256(bytesOf(voxels))],
      [expected.shape, expected.type, expected.sha256],
    );
    assert.deepEqual([measured.minimum, measured.maximum], [expected.minimum, expected.maximum]);
    near(measured.mean, expected.mean);
    near(measured.standardDeviation, expected.standardDeviation);
    voxelSizeAngstrom?.forEach((length, axis) => void near(length, expected.voxelSizeAngstrom[axis]));
    assert.notEqual(voxelSizeAngstrom, null);
  } finally {
    await reader.close();
  }
}

for (const [name, expected] of Object.entries(facts))
  if (existsSync(folder + name))
    test(`${name} is read as mrcfile reads it`, () => checkFile(folder + name, expected));

if (!existsSync(folder))
  test("NO FILES OF OTHER PROGRAMS IN ../shared/data: the committed ones of mrcfile are checked instead", async () => {
    for (const name of ["mode0", "mode1", "mode2", "mode6", "mode12", "extended", "big-mode2"]) {
      const { values, shape, type } = expectedVolumes[`mrc/${name}.mrc`];
      const array = { int8: Int8Array, int16: Int16Array, uint16: Uint16Array }[type] ?? Float32Array;
      const voxels = array.from(values);
      const voxelSizeAngstrom = [13.48, 2.5, 1.25];
      const expected = {
        ...measureVoxels(voxels),
        shape,
        type,
        voxelSizeAngstrom,
        sha256: sha256(bytesOf(voxels)),
      };
      await checkFile(fixture(`mrc/${name}.mrc`), expected);
    }
  });
