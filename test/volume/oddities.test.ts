import assert from "node:assert/strict";
import { test } from "node:test";
import { readVolumeInfo } from "../../src/volume/formats.ts";
import { expectedVolumes, fixture, split } from "./fixtures.ts";

/** Every oddity that `volume info` explains, by fixture; a fixture that is not listed has none. */
const oddities: Readonly<Record<string, readonly string[]>> = {
  "mrc/big-mode0.mrc": ["big-endian"],
  "mrc/big-mode1.mrc": ["big-endian"],
  "mrc/big-mode2.mrc": ["big-endian"],
  "mrc/big-mode6.mrc": ["big-endian"],
  "mrc/big-mode12.mrc": ["big-endian"],
  "mrc/stamp-4420.mrc": ["machine-stamp-unusual"],
  "mrc/stamp-4411.mrc": ["machine-stamp-wrong"],
  "mrc/stamp-0000.mrc": ["machine-stamp-missing"],
  "mrc/stamp-1111.mrc": ["machine-stamp-wrong"],
  "mrc/big-stamp-0000.mrc": ["big-endian", "machine-stamp-missing"],
  "mrc/big-stamp-4444.mrc": ["big-endian", "machine-stamp-wrong"],
  "mrc/big-stamp-4411.mrc": ["big-endian", "machine-stamp-wrong"],
  "mrc/map-id-missing.mrc": ["map-id-missing"],
  "mrc/map-id-wrong.mrc": ["map-id-wrong"],
  "mrc/imod-unsigned.mrc": ["unsigned-bytes"],
  "mrc/imod-origin.mrc": ["origin-inverted"],
  "mrc/unsigned-by-range.mrc": ["unsigned-bytes"],
  "mrc/range-ambiguous.mrc": ["bytes-ambiguous"],
  "mrc/mode101.mrc": ["packed-voxels"],
  "mrc/imod-packed.mrc": ["packed-bytes"],
  "mrc/axes-xzy.mrc": ["axis-order"],
  "mrc/axes-yxz.mrc": ["axis-order"],
  "mrc/axes-yzx.mrc": ["axis-order"],
  "mrc/axes-zxy.mrc": ["axis-order"],
  "mrc/axes-zyx.mrc": ["axis-order"],
  "mrc/axes-missing.mrc": ["axis-order-missing"],
  "mrc/axes-wrong.mrc": ["axis-order-wrong"],
  "mrc/extended.mrc": ["extended-header"],
  "mrc/no-voxel-size.mrc": ["voxel-size-missing"],
  "mrc/no-intervals.mrc": ["intervals-missing"],
  "mrc/unit-voxel.mrc": ["voxel-size-one"],
  "mrc/start.mrc": ["origin-from-start"],
  "mrc/cell-angles.mrc": ["cell-angles"],
  "mrc/image-stack.mrc": ["image-stack"],
  "mrc/label-count.mrc": ["label-count"],
  "mrc/version.mrc": ["version-unknown"],
  "mrc/no-statistics.mrc": ["statistics-missing"],
  "mrc/left-over.mrc": ["bytes-left-over"],
  "hdf5/types.h5:int64": ["wide-integers", "voxel-size-missing"],
  "hdf5/types.h5:uint64": ["wide-integers", "voxel-size-missing"],
  "hdf5/types.h5:big-int64": ["wide-integers", "voxel-size-missing"],
  "hdf5/types.h5:big-uint64": ["wide-integers", "voxel-size-missing"],
  "hdf5/axes.h5:four": ["axes-unusual", "voxel-size-missing"],
  "hdf5/axes.h5:two": ["axes-unusual", "voxel-size-missing"],
  "hdf5/misnamed.mrc:dataset": ["name-misleading"],
  "hdf5/dataset.h5:dataset": [],
};

/** The fixtures' voxel is no cube, so that swapped axes show; each says so. */
const uneven = (key: string): string[] =>
  key.startsWith("mrc/") && !["mrc/no-voxel-size.mrc", "mrc/unit-voxel.mrc"].includes(key)
    ? ["voxel-size-uneven"]
    : [];

for (const [key, expected] of Object.entries(expectedVolumes))
  test(`${key}: what is odd is reported, and nothing else`, async () => {
    const { path, dataset } = split(key);
    const info = await readVolumeInfo(path, { dataset });
    const plain = key.startsWith("hdf5/") ? ["voxel-size-missing"] : [];
    const wanted = [...(oddities[key] ?? expected.oddities ?? plain), ...uneven(key)];
    assert.deepEqual(info.oddities.map(({ code }) => code).sort(), wanted.sort());
    for (const { message } of info.oddities) assert.ok(message.length > 20, message);
  });

test("the only volume of an HDF5 file is found without its name, and that is reported", async () => {
  const info = await readVolumeInfo(fixture("hdf5/nested.h5"));
  assert.deepEqual(info.shape, [3, 4, 5]);
  assert.ok(
    info.oddities.some(
      ({ code, message }) => code === "dataset-unnamed" && message.includes("group/inner/volume"),
    ),
  );
});

test("labels, format and extended header are told", async () => {
  const info = await readVolumeInfo(fixture("mrc/extended.mrc"));
  assert.deepEqual(info.labels, ["made for the tests of tomoflow"]);
  assert.equal(info.format, "MRC mode 1 (int16)");
  const extended = info.oddities.find(({ code }) => code === "extended-header");
  assert.match(extended!.message, /160 bytes \(Thermo Fisher, version 1\)/);
  assert.equal((await readVolumeInfo(fixture("mrc/packed.mrc.bz2"))).format, "MRC mode 2 (float32), bzip2");
});
