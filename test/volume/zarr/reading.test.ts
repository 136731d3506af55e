/** What zarr-python, numcodecs and ome-zarr wrote, read to the same numbers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { copyBox } from "../../../src/volume/box.ts";
import { openVolume, readVolume, readVolumeInfo } from "../../../src/volume/formats.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { expectedStores, memoryFolder, storeOf, voxelDigest, writeStore } from "./stores.ts";

const folderOf = (name: string, opened?: string[]) => memoryFolder(storeOf(name), opened, `${name}.zarr`);

for (const [key, expected] of Object.entries(expectedStores)) {
  const [name, dataset] = key.split("#") as [string, string | undefined];
  test(`${key} holds what its program says`, async () => {
    const reader = await openVolume(folderOf(name), { dataset });
    const { info } = reader;
    assert.deepEqual([info.shape, info.type], [expected.shape, expected.type]);
    assert.deepEqual(
      [info.voxelSizeAngstrom, info.originAngstrom],
      [expected.voxelSizeAngstrom, expected.originAngstrom],
    );
    assert.deepEqual(info.oddities.map(({ code }) => code).sort(), expected.oddities);
    const whole = await reader.readBox([0, 0, 0], info.shape);
    assert.equal(voxelDigest(whole), expected.sha256);
    const box = { start: [1, 2, 3], shape: [3, 6, 8] } as const;
    assert.deepEqual(await reader.readBox(box.start, box.shape), copyBox(whole, info.shape, box));
    await reader.close();
  });
}

test("only the chunks that a box touches are fetched, and each once", async () => {
  const opened: string[] = [];
  const reader = await openVolume(folderOf("v3-zstd", opened));
  opened.length = 0;
  await reader.readBox([2, 3, 4], [1, 2, 2]);
  assert.deepEqual(opened.toSorted(), ["c/1/0/0", "c/1/0/1", "c/1/1/0", "c/1/1/1"]);
  await reader.readBox([2, 3, 4], [2, 2, 2]);
  assert.equal(opened.length, 4, "the second time they are in memory");
  await reader.close();
});

test("a level and an image inside are named behind the folder", async (context) => {
  const folder = join(await temporaryFolder(context), "t.zarr");
  await writeStore(storeOf("ome-05"), folder);
  const labels = new Map([...storeOf("ome-04")].map(([key, bytes]) => [`labels/membranes/${key}`, bytes]));
  await writeStore(labels, folder);
  const at = async (path: string) => {
    const { info, sha256 } = {
      info: await readVolumeInfo(path),
      sha256: voxelDigest((await readVolume(path)).data),
    };
    return { voxelSize: info.voxelSizeAngstrom, sha256 };
  };
  const [fine, coarse] = [expectedStores["ome-05"]!, expectedStores["ome-05#/s1"]!];
  assert.deepEqual(await at(`${folder}/`), { voxelSize: fine.voxelSizeAngstrom, sha256: fine.sha256 });
  assert.deepEqual(await at(`${folder}#/s1`), { voxelSize: coarse.voxelSizeAngstrom, sha256: coarse.sha256 });
  const inner = expectedStores["ome-04"]!;
  assert.deepEqual(await at(`${folder}#/labels/membranes`), {
    voxelSize: inner.voxelSizeAngstrom,
    sha256: inner.sha256,
  });
  await assert.rejects(readVolumeInfo(`${folder}#/7`), { code: "zarr-missing", hint: /levels are s0, s1/ });
});

test("a group of Bio-Formats is read by its first image, and that is told", async () => {
  const keys = new Map([...storeOf("ome-04")].map(([key, bytes]) => [`0/${key}`, bytes]));
  keys.set(".zgroup", Buffer.from('{"zarr_format": 2}'));
  const info = await readVolumeInfo(memoryFolder(keys));
  assert.deepEqual(info.voxelSizeAngstrom, [10, 9, 8]);
  assert.ok(info.oddities.some(({ code }) => code === "dataset-unnamed"));
});
