import assert from "node:assert/strict";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { binVolume, cropVolume } from "../../src/volume/bin.ts";
import { readVolume, readVolumeInfo, writeVolume } from "../../src/volume/formats.ts";
import { binVolumeFile, convertVolumeFile, cropVolumeFile } from "../../src/volume/rewrite.ts";
import type { Volume } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { expectedVolumes, fixture } from "./fixtures.ts";

test("conversion keeps voxels, sampling and labels across formats and types", async (context) => {
  const folder = await temporaryFolder(context);
  const [h5, mrc] = [join(folder, "a.h5"), join(folder, "a.mrc")];
  await convertVolumeFile(fixture("mrc/axes-yzx.mrc"), h5);
  await convertVolumeFile(h5, mrc, { type: "float32", voxelSizeAngstrom: [3, 4, 5] });
  const expected = expectedVolumes["mrc/axes-yzx.mrc"];
  const between = await readVolume(h5);
  assert.deepEqual([[...between.data], between.originAngstrom], [expected.values, expected.originAngstrom]);
  const { data, voxelSizeAngstrom, originAngstrom, labels } = await readVolume(mrc);
  assert.deepEqual([...data], expected.values);
  assert.ok(data instanceof Float32Array);
  assert.deepEqual([voxelSizeAngstrom, originAngstrom], [[3, 4, 5], expected.originAngstrom]);
  assert.deepEqual(labels, ["made for the tests of tomoflow", "Written by tomoflow"]);
});

test("data sets of input and output can be named", async (context) => {
  const path = join(await temporaryFolder(context), "b.h5");
  await convertVolumeFile(fixture("hdf5/types.h5"), path, { dataset: "big-int16", outputDataset: "half" });
  const { data } = await readVolume(path, { dataset: "half" });
  assert.deepEqual([...data], expectedVolumes["hdf5/types.h5:big-int16"].values);
});

test("a file can be converted in place", async (context) => {
  const path = join(await temporaryFolder(context), "a.mrc");
  await copyFile(fixture("mrc/big-mode1.mrc"), path);
  await convertVolumeFile(path, path, { voxelSizeAngstrom: [10, 10, 10] });
  assert.deepEqual([...(await readVolume(path)).data], expectedVolumes["mrc/mode1.mrc"].values);
  assert.deepEqual((await readVolumeInfo(path)).oddities, []);
});

test("a type that holds too little is refused with advice, and nothing is written", async (context) => {
  const folder = await temporaryFolder(context);
  await assert.rejects(
    convertVolumeFile(fixture("mrc/mode6.mrc"), join(folder, "a.mrc"), { type: "int16" }),
    {
      code: "voxel-out-of-range",
      hint: /--type float32/,
    },
  );
  await assert.rejects(
    convertVolumeFile(fixture("hdf5/types.h5"), join(folder, "a.mrc"), { dataset: "int32" }),
    {
      code: "mrc-type",
    },
  );
  assert.deepEqual(await readdir(folder), []);
});

/** Larger than a slab of 16 Mi voxels, so that slabs meet inside. */
const tall: Volume = {
  data: Uint8Array.from({ length: 9 * 2048 * 1031 }, (_, i) => (i * 2654435761) >>> 13),
  shape: [9, 2048, 1031],
  voxelSizeAngstrom: [2, 2, 2],
  originAngstrom: [1, 2, 3],
};

test("binning and cropping slab by slab give what they give in memory", async (context) => {
  const folder = await temporaryFolder(context);
  const at = (name: string) => join(folder, name);
  await writeVolume(at("tall.mrc"), { ...tall, data: tall.data.map((value) => value & 127) as Uint8Array });
  const whole = await readVolume(at("tall.mrc"));
  const fractions: number[] = [];
  const onProgress = (fraction: number) => void fractions.push(fraction);
  await binVolumeFile(at("tall.mrc"), at("binned.mrc"), { factor: 2, method: "mean", onProgress });
  const binned = await readVolume(at("binned.mrc"));
  const expected = binVolume(whole, 2);
  assert.deepEqual([binned.shape, binned.originAngstrom], [expected.shape, expected.originAngstrom]);
  assert.ok(Buffer.from(binned.data.buffer).equals(Buffer.from(expected.data.buffer)));
  assert.ok(fractions.length > 1 && fractions.at(-1) === 1, fractions.join());
  const box = { start: [1, 100, 7], shape: [8, 1900, 1000] } as const;
  await cropVolumeFile(at("tall.mrc"), at("part.mrc"), { box });
  const part = await readVolume(at("part.mrc"));
  const cropped = cropVolume(whole, box);
  assert.deepEqual([part.shape, part.originAngstrom], [cropped.shape, [3, 202, 17]]);
  assert.ok(Buffer.from(part.data.buffer).equals(Buffer.from(cropped.data.buffer)));
});

test("a box outside the volume writes nothing", async (context) => {
  const folder = await temporaryFolder(context);
  const box = { start: [0, 0, 3], shape: [1, 1, 3] } as const;
  await assert.rejects(cropVolumeFile(fixture("mrc/mode0.mrc"), join(folder, "a.mrc"), { box }), {
    code: "box-outside-volume",
  });
  assert.deepEqual(await readdir(folder), []);
});
