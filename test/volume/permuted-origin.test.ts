/** Where an MRC file begins that says it by NXSTART, NYSTART, NZSTART: those count along the file's columns, rows and sections. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readVolume, readVolumeInfo } from "../../src/volume/formats.ts";
import { binVolumeFile, convertVolumeFile, cropVolumeFile } from "../../src/volume/rewrite.ts";
import { type MrcFileContent, type Numbers, writeMrcFile } from "../support/mrc-file.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Voxels of 5, 3 and 2 Å (x, y, z): intervals need not be the number of voxels. */
const grid: MrcFileContent = { size: [4, 3, 2], intervals: [8, 6, 10], cell: [40, 18, 20] };

const orders: readonly Numbers[] = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
];

for (const axes of orders)
  for (const bigEndian of [false, true])
    test(`axes ${axes.join(", ")}, ${bigEndian ? "big" : "little"} endian`, async (context) => {
      const start: Numbers = [7, -2, 11];
      const along = (axis: number) => start[axes.indexOf(axis)]!;
      const path = await writeMrcFile(context, { ...grid, axes, start, bigEndian });
      const { originAngstrom } = await readVolumeInfo(path);
      assert.deepEqual(originAngstrom, [along(3) * 2, along(2) * 3, along(1) * 5]);
      const words: MrcFileContent = { ...grid, axes, start, bigEndian, origin: [1.5, 0, -4] };
      const given = await readVolumeInfo(await writeMrcFile(context, words));
      assert.deepEqual(given.originAngstrom, [-4, 0, 1.5], "origin words are x, y, z");
    });

test("what is written of such a file keeps every voxel at its place in Å", async (context) => {
  const path = await writeMrcFile(context, {
    ...grid,
    axes: [3, 1, 2],
    start: [7, -2, 11],
    voxels: Uint8Array.from({ length: 24 }, (_, index) => index),
  });
  const origin = [14, 33, -10] as const;
  const out = join(await temporaryFolder(context), "out.mrc");
  const written = async () => {
    const { shape, voxelSizeAngstrom, originAngstrom, data } = await readVolume(out);
    return { shape, voxelSizeAngstrom, originAngstrom, first: data[0] };
  };
  await convertVolumeFile(path, out, {});
  const whole = { shape: [4, 2, 3], voxelSizeAngstrom: [2, 3, 5] };
  assert.deepEqual(await written(), { ...whole, originAngstrom: origin, first: 0 });
  await cropVolumeFile(path, out, { box: { start: [1, 1, 2], shape: [3, 1, 1] } });
  // z = column 1, y = section 1, x = row 2
  assert.deepEqual(await written(), {
    ...whole,
    shape: [3, 1, 1],
    originAngstrom: [16, 36, 0],
    first: 12 + 8 + 1,
  });
  await binVolumeFile(path, out, { factor: 2, method: "mean" });
  const { originAngstrom, voxelSizeAngstrom } = await written();
  assert.deepEqual(voxelSizeAngstrom, [4, 6, 10]);
  assert.deepEqual(originAngstrom, [14 + 1, 33 + 1.5, -10 + 2.5], "the centre of the first eight voxels");
});
