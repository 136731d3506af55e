import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { convertVoxels } from "../../src/volume/convert-voxels.ts";
import {
  createVolume,
  createVolumeSet,
  openVolume,
  readVolume,
  readVolumeInfo,
  writeVolume,
} from "../../src/volume/formats.ts";
import type { Shape3, Volume, VolumeSpec, VoxelType } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";

const shape: Shape3 = [5, 3, 4];
const data = Float32Array.from({ length: 60 }, (_, i) => ((i * 37) % 101) - 50);
const volume: Volume = {
  data,
  shape,
  voxelSizeAngstrom: [13.48, 2.5, 1.25],
  originAngstrom: [30, -20.25, 10.5],
  labels: ["from the microscope"],
};
const spec: VolumeSpec = { ...volume, type: "float32" };

const written: readonly [name: string, type: VoxelType, onDisk: VoxelType][] = [
  ["a.mrc", "int8", "int8"],
  ["a.rec", "int16", "int16"],
  ["a.map", "float32", "float32"],
  ["a.mrc", "float16", "float16"],
  ["a.h5", "int8", "int8"],
  ["a.h5", "int16", "int16"],
  ["a.h5", "int32", "int32"],
  ["a.h5", "float16", "float16"],
  ["a.hdf5", "float32", "float32"],
  ["a.hdf", "float64", "float64"],
];

for (const [name, type, onDisk] of written)
  test(`a volume of ${type} survives ${name.slice(1)}, with voxel size, origin and labels`, async (context) => {
    const path = join(await temporaryFolder(context), name);
    await writeVolume(path, volume, { type });
    const info = await readVolumeInfo(path);
    assert.equal(info.type, onDisk);
    const again = await readVolume(path);
    assert.deepEqual([...again.data], [...data]);
    assert.deepEqual(
      [again.shape, again.voxelSizeAngstrom, again.originAngstrom],
      [shape, [13.48, 2.5, 1.25], [30, -20.25, 10.5]],
    );
    assert.ok(again.labels?.includes("from the microscope"));
    assert.deepEqual(
      info.oddities.map(({ code }) => code),
      name.match(/\.h/) ? [] : ["voxel-size-uneven"],
    );
  });

test("unsigned types: uint16 as they are, uint8 as int8 where it fits and uint16 where not", async (context) => {
  const folder = await temporaryFolder(context);
  const cases: [Uint8Array | Uint16Array, string, VoxelType][] = [
    [Uint16Array.from(data, (value) => value + 40000), "a.mrc", "uint16"],
    [Uint8Array.from(data, (value) => value + 60), "b.mrc", "int8"],
    [Uint8Array.from(data, (value) => value + 160), "c.mrc", "uint16"],
    [Uint8Array.from(data, (value) => value + 160), "d.h5", "uint8"],
    [Uint16Array.from(data, (value) => value + 40000), "e.h5", "uint16"],
  ];
  for (const [voxels, name, type] of cases) {
    await writeVolume(join(folder, name), { ...volume, data: voxels });
    assert.equal((await readVolumeInfo(join(folder, name))).type, type, name);
    assert.deepEqual([...(await readVolume(join(folder, name))).data], [...voxels], name);
  }
});

test("an MRC header is what MRC2014 asks for, byte by byte", async (context) => {
  const path = join(await temporaryFolder(context), "a.mrc");
  await writeVolume(path, volume, { type: "int16" });
  const bytes = await readFile(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const integers = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => view.getInt32(at + 4 * i, true));
  const reals = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i, true));
  const mean = data.reduce((sum, value) => sum + value, 0) / 60;
  const rms = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 60);
  assert.equal(bytes.length, 1024 + 120);
  assert.deepEqual(integers(0, 10), [4, 3, 5, 1, 0, 0, 0, 4, 3, 5]);
  assert.deepEqual(reals(40, 6), [5, 7.5, 67.4, 90, 90, 90].map(Math.fround));
  assert.deepEqual(integers(64, 3), [1, 2, 3]);
  assert.deepEqual(reals(76, 3), [-50, 50, Math.fround(mean)]);
  assert.deepEqual(integers(88, 2), [1, 0]);
  assert.deepEqual(integers(108, 1), [20141]);
  assert.deepEqual(reals(196, 3), [10.5, -20.25, 30]);
  assert.equal(bytes.toString("latin1", 208, 216), "MAP DD\0\0");
  assert.deepEqual(reals(216, 1), [Math.fround(rms)]);
  assert.deepEqual(integers(220, 1), [2]);
  assert.equal(bytes.toString("latin1", 224, 304), "from the microscope".padEnd(80));
  assert.equal(bytes.toString("latin1", 304, 384), "Written by tomoflow".padEnd(80));
  assert.deepEqual(new Int16Array(bytes.buffer.slice(bytes.byteOffset + 1024)), Int16Array.from(data));
});

test("an unknown voxel size stays unknown", async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ["a.mrc", "a.h5"]) {
    await writeVolume(join(folder, name), { ...volume, voxelSizeAngstrom: null });
    assert.equal((await readVolumeInfo(join(folder, name))).voxelSizeAngstrom, null);
  }
});

test("equal volumes give equal files, whenever they are written", async (context) => {
  const folder = await temporaryFolder(context);
  const now = Date.now;
  for (const [name, type] of [
    ["a.mrc", "float32"],
    ["a.h5", "float32"],
    ["b.h5", "float16"],
  ] as const) {
    await writeVolume(join(folder, `1${name}`), volume, { type });
    Date.now = () => now() + 3_600_000;
    await writeVolume(join(folder, `2${name}`), volume, { type });
    Date.now = now;
    assert.deepEqual(
      await readFile(join(folder, `1${name}`)),
      await readFile(join(folder, `2${name}`)),
      name,
    );
  }
});

for (const name of ["a.mrc", "a.h5"]) {
  test(`planes may come one by one or several at a time (${name})`, async (context) => {
    const path = join(await temporaryFolder(context), name);
    const tall: VolumeSpec = { ...spec, shape: [41, 3, 4] };
    const voxels = Float32Array.from({ length: 41 * 12 }, (_, i) => Math.sin(i));
    const writer = await createVolume(path, tall);
    for (const [from, to] of [
      [0, 1],
      [1, 6],
      [6, 40],
      [40, 41],
    ])
      await writer.append(voxels.subarray(from * 12, to * 12));
    await writer.close();
    assert.deepEqual((await readVolume(path)).data, voxels);
  });

  test(`a file takes its name when it is complete; until then the old one stays (${name})`, async (context) => {
    const folder = await temporaryFolder(context);
    const path = join(folder, name);
    await writeFile(path, "old");
    const writer = await createVolume(path, spec);
    await writer.append(data.subarray(0, 24));
    assert.equal(await readFile(path, "utf8"), "old");
    await writer.abort();
    assert.deepEqual(await readdir(folder), [name]);
    assert.equal(await readFile(path, "utf8"), "old");
    await writeVolume(path, volume);
    assert.deepEqual(await readdir(folder), [name]);
    assert.deepEqual((await readVolume(path)).data, data);
  });

  test(`planes that are missing, torn or too many are refused, and nothing is left (${name})`, async (context) => {
    const folder = await temporaryFolder(context);
    const writer = await createVolume(join(folder, name), spec);
    await assert.rejects(writer.append(data.subarray(0, 13)), { code: "planes-wrong", message: /13 voxels/ });
    await writer.append(data.subarray(0, 48));
    await assert.rejects(writer.append(data.subarray(0, 24)), {
      code: "planes-wrong",
      message: /plane 6 of 5/,
    });
    await assert.rejects(writer.close(), { code: "volume-incomplete", message: /4 of its 5 planes/ });
    assert.deepEqual(await readdir(folder), []);
  });

  test(`a voxel out of range stops the writing, and nothing is left (${name})`, async (context) => {
    const folder = await temporaryFolder(context);
    const large = { ...volume, data: data.map((value) => value * 3) };
    await assert.rejects(writeVolume(join(folder, name), large, { type: "int8" }), {
      code: "voxel-out-of-range",
    });
    assert.deepEqual(await readdir(folder), []);
  });

  test(`an abort stops the writing, and nothing is left (${name})`, async (context) => {
    const folder = await temporaryFolder(context);
    await assert.rejects(writeVolume(join(folder, name), volume, { signal: AbortSignal.abort() }), {
      name: "AbortError",
    });
    assert.deepEqual(await readdir(folder), []);
  });

  test(`a missing folder is named as the user wrote it (${name})`, async (context) => {
    const path = join(await temporaryFolder(context), "none", name);
    await assert.rejects(writeVolume(path, volume), (error: Error & { code?: string }) => {
      assert.equal(error.code, "file-missing");
      assert.ok(error.message.includes(path) && !error.message.includes("partial"), error.message);
      return true;
    });
  });
}

test("what a format cannot hold is refused with advice", async (context) => {
  const folder = await temporaryFolder(context);
  for (const type of ["int32", "uint32", "float64"] as const)
    await assert.rejects(writeVolume(join(folder, "a.mrc"), volume, { type }), {
      code: "mrc-type",
      hint: /HDF5/,
    });
  for (const name of ["a.mrc.gz", "a.mrc.bz2", "a.png", "volume"])
    await assert.rejects(writeVolume(join(folder, name), volume), { code: "volume-format-unknown" });
  await assert.rejects(writeVolume(join(folder, "a.mrc"), { ...volume, shape: [5, 3, 3] }), {
    code: "volume-shape",
  });
  await assert.rejects(createVolume(join(folder, "a.mrc"), { ...spec, shape: [0, 3, 4] }), {
    code: "volume-shape",
  });
  await assert.rejects(createVolume(join(folder, "a.h5"), { ...spec, voxelSizeAngstrom: [1, 0, 1] }), {
    code: "voxel-size",
  });
  await assert.rejects(createVolumeSet(join(folder, "a.mrc"), spec, ["a"]), {
    code: "volume-format-unknown",
  });
  await assert.rejects(createVolume(join(folder, "a.h5"), spec, { dataset: "a/b" }), {
    code: "hdf5-dataset-name",
  });
  assert.deepEqual(await readdir(folder), []);
});

test("an HDF5 file holds several volumes, written side by side, float16 included", async (context) => {
  const path = join(await temporaryFolder(context), "scores.h5");
  const type = "float16";
  const writer = await createVolumeSet(path, { ...spec, type }, ["class0", "class1"]);
  for (let z = 0; z < 5; z++) {
    await writer.append(
      "class1",
      data.subarray(z * 12, z * 12 + 12).map((value) => -value),
    );
    await writer.append("class0", data.subarray(z * 12, z * 12 + 12));
  }
  await writer.close();
  const first = await readVolume(path, { dataset: "class0" });
  const second = await readVolume(path, { dataset: "class1" });
  assert.deepEqual([first.data, second.data], [data, data.map((value) => -value)]);
  assert.equal((await readVolumeInfo(path, { dataset: "class1" })).type, type);
  assert.deepEqual(second.voxelSizeAngstrom, [13.48, 2.5, 1.25]);
});

test("a data set can have another name, and is then found under it", async (context) => {
  const path = join(await temporaryFolder(context), "a.h5");
  await writeVolume(path, volume, { dataset: "tomogram" });
  assert.deepEqual((await readVolume(path, { dataset: "tomogram" })).data, data);
  const reader = await openVolume(path);
  assert.match(reader.info.format, /`tomogram`/);
  await reader.close();
});

test("the statistics of float16 voxels are those of the values in the file", async (context) => {
  const path = join(await temporaryFolder(context), "a.mrc");
  const thirds = { ...volume, data: data.map((value) => value / 3) };
  await writeVolume(path, thirds, { type: "float16" });
  const again = convertVoxels((await readVolume(path)).data, "float64");
  const maximum = new DataView((await readFile(path)).buffer).getFloat32(80, true);
  assert.equal(maximum, Math.max(...again));
  assert.notEqual(maximum, Math.max(...thirds.data));
});
