/** Files larger than memory should hold, made sparse so that they take no room on the disk. */
import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openVolume, readVolumeInfo } from "../../src/volume/formats.ts";
import { buildHeader } from "../../src/volume/mrc/write-header.ts";
import type { VolumeSpec } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";

const spec: VolumeSpec = {
  shape: [1300, 2000, 2001],
  type: "int8",
  voxelSizeAngstrom: [4, 4, 4],
  originAngstrom: [0, 0, 0],
};

test("voxels beyond 4 GiB are read at their place, and memory stays small", async (context) => {
  const path = join(await temporaryFolder(context), "large.mrc");
  const planeBytes = 2000 * 2001;
  const file = await open(path, "w");
  await file.write(buildHeader(spec, 0, null), 0, 1024, 0);
  await file.write(Int8Array.from([1, -2, 3]), 0, 3, 1024 + 1299 * planeBytes + 1999 * 2001 + 1998);
  await file.write(Int8Array.from([9]), 0, 1, 1024 + 1250 * planeBytes + 7 * 2001 + 5);
  await file.truncate(1024 + 1300 * planeBytes);
  await file.close();
  const reader = await openVolume(path);
  const before = process.memoryUsage().arrayBuffers;
  try {
    assert.deepEqual([...(await reader.readBox([1299, 1999, 1996], [1, 1, 5]))], [0, 0, 1, -2, 3]);
    const cube = await reader.readBox([1245, 0, 0], [10, 10, 10]);
    assert.equal(cube[5 * 100 + 7 * 10 + 5], 9);
    assert.equal(Array.from(cube).filter((value) => value !== 0).length, 1);
    assert.ok(process.memoryUsage().arrayBuffers - before < 16e6);
  } finally {
    await reader.close();
  }
});

test("a huge extended header is skipped, not read", async (context) => {
  const path = join(await temporaryFolder(context), "extended.mrc");
  const extended = 2_000_000_000;
  const header = buildHeader({ ...spec, shape: [1, 1, 4] }, 0, null);
  new DataView(header.buffer).setInt32(92, extended, true);
  const file = await open(path, "w");
  await file.write(header, 0, 1024, 0);
  await file.write(Int8Array.from([5, 6, 7, 8]), 0, 4, 1024 + extended);
  await file.close();
  const reader = await openVolume(path);
  assert.deepEqual([...(await reader.readBox([0, 0, 1], [1, 1, 3]))], [6, 7, 8]);
  await reader.close();
  const info = await readVolumeInfo(path);
  assert.match(info.oddities.map(({ message }) => message).join(), /extended header of 2000000000 bytes/);
});
