/** OME-Zarr that we write, read again: the same numbers, levels in their place, a folder that takes its name when it is complete. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { binVolume } from "../../../src/volume/bin.ts";
import { createVolume, readVolume, readVolumeInfo, writeVolume } from "../../../src/volume/formats.ts";
import { convertVolumeFile } from "../../../src/volume/rewrite.ts";
import type { OmeZarrVersion, Shape3, Volume, VoxelArray, VoxelType } from "../../../src/volume/volume.ts";
import { voxelTypes } from "../../../src/volume/voxel-type.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const shape: Shape3 = [9, 67, 140];
const volume: Volume = {
  data: Float32Array.from({ length: 9 * 67 * 140 }, (_, i) => (i * 37) % 101),
  shape,
  voxelSizeAngstrom: [10, 9, 8.5],
  originAngstrom: [100, -20.5, 3],
  labels: ["from the microscope"],
};

const versions: readonly OmeZarrVersion[] = ["0.4", "0.5"];

for (const omeZarr of versions)
  for (const type of voxelTypes)
    test(`${type} is written as OME-Zarr ${omeZarr} and read as it was`, async (context) => {
      const path = join(await temporaryFolder(context), "t.ome.zarr");
      await writeVolume(path, volume, { type, omeZarr });
      const [info, back] = [await readVolumeInfo(path), await readVolume(path)];
      assert.match(info.format, new RegExp(`OME-Zarr ${omeZarr}, array \`0\``));
      assert.deepEqual([info.type, back.shape], [type, shape]);
      assert.deepEqual(back.voxelSizeAngstrom, volume.voxelSizeAngstrom);
      assert.deepEqual(back.originAngstrom, volume.originAngstrom);
      assert.deepEqual(back.labels, volume.labels);
      assert.deepEqual(Float32Array.from(back.data), volume.data);
      assert.deepEqual(
        info.oddities.map(({ code }) => code),
        ["voxel-size-uneven"],
      );
    });

test("a coarser level of densities holds means, at the place of their middle", async (context) => {
  const path = join(await temporaryFolder(context), "t.zarr");
  await writeVolume(path, volume);
  const level = await readVolume(`${path}#/1`);
  const binned = binVolume(volume, 2);
  assert.deepEqual([level.shape, level.voxelSizeAngstrom], [binned.shape, binned.voxelSizeAngstrom]);
  assert.deepEqual(level.originAngstrom, binned.originAngstrom);
  assert.deepEqual(level.data, binned.data);
  assert.deepEqual((await readdir(path)).sort(), ["0", "1", "zarr.json"]);
});

test("a coarser level of labels holds labels alone, at the place of every second voxel", async (context) => {
  const path = join(await temporaryFolder(context), "t.zarr");
  const data = Int16Array.from(volume.data, (value) => (value % 2 === 0 ? 300 : 0));
  await writeVolume(path, { ...volume, data });
  const level = await readVolume(`${path}#/1`);
  assert.deepEqual(level.originAngstrom, volume.originAngstrom);
  assert.deepEqual([...new Set(level.data)].sort(), [0, 300]);
  const [, height, width] = level.shape;
  const at = (data: VoxelArray, [, rows, columns]: Shape3, [z, y, x]: Shape3) =>
    data[(z * rows + y) * columns + x];
  for (const place of [
    [0, 0, 0],
    [2, 5, 7],
    [3, height - 1, width - 1],
  ] as const)
    assert.equal(
      at(level.data, level.shape, place),
      at(data, shape, [2 * place[0], 2 * place[1], 2 * place[2]]),
    );
});

test("planes that come one by one make the same folder as all at once", async (context) => {
  const folder = await temporaryFolder(context);
  const [one, all] = [join(folder, "one.zarr"), join(folder, "all.zarr")];
  const type: VoxelType = "float32";
  await writeVolume(all, volume);
  const writer = await createVolume(one, { ...volume, type });
  const plane = shape[1] * shape[2];
  for (let z = 0; z < shape[0]; z++) await writer.append(volume.data.subarray(z * plane, (z + 1) * plane));
  await writer.close();
  const keys = (await readdir(all, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(keys.length >= 5);
  for (const { parentPath, name } of keys) {
    const path = join(parentPath, name);
    assert.deepEqual(await readFile(path), await readFile(path.replace(all, one)), path);
  }
});

test("without a voxel size none is made up", async (context) => {
  const path = join(await temporaryFolder(context), "t.zarr");
  await writeVolume(path, { ...volume, voxelSizeAngstrom: null });
  const info = await readVolumeInfo(path);
  assert.equal(info.voxelSizeAngstrom, null);
  assert.deepEqual(
    info.oddities.map(({ code }) => code),
    ["voxel-size-missing"],
  );
});

test("a folder takes its name when it is complete, in place of an older volume and of nothing else", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "t.zarr");
  const half = await createVolume(path, { ...volume, type: "float32" });
  await half.append(volume.data.subarray(0, shape[1] * shape[2]));
  assert.ok(!(await readdir(folder)).includes("t.zarr"));
  await assert.rejects(half.close(), { code: "volume-incomplete" });
  assert.deepEqual(await readdir(folder), [], "nothing stays behind");
  await writeVolume(path, volume);
  await writeVolume(`${path}/`, { ...volume, data: volume.data.map((value) => value + 1) });
  assert.equal((await readVolume(path)).data[1], volume.data[1]! + 1);
  assert.deepEqual(await readdir(folder), ["t.zarr"]);
  await mkdir(join(folder, "mine.zarr"));
  await writeFile(join(folder, "mine.zarr", "thesis.txt"), "all of it");
  await assert.rejects(writeVolume(join(folder, "mine.zarr"), volume), { code: "file-is-folder" });
  assert.equal(await readFile(join(folder, "mine.zarr", "thesis.txt"), "utf8"), "all of it");
});

test("from MRC to OME-Zarr and back nothing is lost", async (context) => {
  const folder = await temporaryFolder(context);
  const at = (name: string) => join(folder, name);
  await writeVolume(at("a.mrc"), volume);
  await convertVolumeFile(at("a.mrc"), at("a.zarr"), { omeZarr: "0.4" });
  await convertVolumeFile(at("a.zarr"), at("b.mrc"));
  assert.deepEqual(await readFile(at("b.mrc")), await readFile(at("a.mrc")));
});
