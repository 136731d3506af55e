/** HDF5 as ilastik, vigra and EMAN2 write it; make_programs.py made the files. Their voxels are held by ../reading.test.ts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { TomoflowError } from "../../../src/core/error.ts";
import { binVolume, cropVolume } from "../../../src/volume/bin.ts";
import { openVolume, readVolume, readVolumeInfo } from "../../../src/volume/formats.ts";
import { binVolumeFile, convertVolumeFile, cropVolumeFile } from "../../../src/volume/rewrite.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { expectedVolumes, fixture } from "../fixtures.ts";

const oddities = async (name: string, dataset?: string) => {
  const info = await readVolumeInfo(fixture(name), { dataset });
  return info.oddities.filter(({ code }) => code !== "voxel-size-missing").map(({ message }) => message);
};

test("what turned the axes is said, and what was left out", async () => {
  assert.deepEqual(await oddities("hdf5/axes-earliest.h5", "zyx"), []);
  assert.deepEqual(await oddities("hdf5/axes-earliest.h5", "xyzc"), [
    "the data set has 4 axes (5×4×3×1); read as one volume",
    "the axes of the data set are x, y, z, c (axistags); voxels are handed out in (z, y, x) order all the same",
  ]);
  assert.deepEqual(await oddities("hdf5/axes-labels.h5", "yxz"), [
    "the axes of the data set are y, x, z (dimension labels); voxels are handed out in (z, y, x) order all the same",
  ]);
  assert.deepEqual(await oddities("hdf5/axes-labels.h5", "scales-plain"), [
    "the axes of the data set are y, x, z (dimension scales); voxels are handed out in (z, y, x) order all the same",
  ]);
  assert.deepEqual(await oddities("hdf5/axes-labels.h5", "unknown"), [
    "the axes are named phony_dim_0, phony_dim_1, phony_dim_2 (dimension labels), which does not say what z, y and x are; taken in this order",
  ]);
});

const refusals: readonly [name: string, dataset: string | undefined, code: string, message: RegExp][] = [
  [
    "hdf5/axes-unnamed.h5",
    "two-channels",
    "hdf5-not-volume",
    /`two-channels` has the shape 3×4×5×2, which is no volume/,
  ],
  ["hdf5/axes-unnamed.h5", "two-channels-tagged", "hdf5-not-volume", /has 2 channels \(axis 3 of 3×4×5×2\)/],
  ["hdf5/axes-unnamed.h5", "three-times", "hdf5-not-volume", /has 3 times \(axis 0 of 3×3×4×5\)/],
  [
    "hdf5/axes-labels.h5",
    "half",
    "hdf5-not-volume",
    /has the axes x, \?, \? \(dimension labels\), which do not tell all/,
  ],
  [
    "hdf5/axes-labels.h5",
    "contradicted",
    "hdf5-axes",
    /are z, y, x by its axistags, x, y, z by its dimension labels/,
  ],
  // The only array of a file is refused for what it is, not told to be missing.
  ["hdf5/ilastik-channels.h5", undefined, "hdf5-not-volume", /`exported_data` has 2 channels/],
];

for (const [name, dataset, code, message] of refusals)
  test(`${name}:${dataset ?? ""} is refused as ${code}`, async () => {
    await assert.rejects(openVolume(fixture(name), { dataset }), (error) => {
      assert.ok(error instanceof TomoflowError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(fixture(name)));
      assert.ok(error.hint);
      if (code === "hdf5-not-volume") assert.match(error.hint, /channel or time .* data set of its own/);
      return true;
    });
  });

test("ilastik's data set is found among others, EMAN2's where it is the only one", async () => {
  const { values } = expectedVolumes["hdf5/axes-earliest.h5:zyx"];
  const ilastik = await readVolume(fixture("hdf5/ilastik.h5"));
  assert.deepEqual([...ilastik.data], values);
  assert.match(
    (await oddities("hdf5/ilastik.h5"))[0],
    /there is no data set `dataset`; read `exported_data`/,
  );
  const eman = await readVolume(fixture("hdf5/eman-one.hdf"));
  assert.deepEqual([...eman.data], expectedVolumes["hdf5/eman.hdf:MDF/images/0/image"].values);
  await assert.rejects(openVolume(fixture("hdf5/eman.hdf")), {
    code: "hdf5-dataset-missing",
    hint: /MDF\/images\/0\/image, MDF\/images\/1\/image, .*--dataset/,
  });
});

test("a stored range is told", async () => {
  const info = await readVolumeInfo(fixture("hdf5/eman.hdf"), { dataset: "MDF/images/1/image" });
  assert.equal(info.properties?.["stored range"], "12 bits for -2.5 to 3.25");
  assert.ok(info.oddities.some(({ code }) => code === "stored-range"));
  assert.match(info.format, /uint16/);
});

test("turned axes and stored ranges go through convert, crop and bin", async (context) => {
  const folder = await temporaryFolder(context);
  for (const [name, dataset] of [
    ["hdf5/axes-earliest.h5", "xzy-packed"],
    ["hdf5/axes-v110.h5", "yzx"],
    ["hdf5/axes-labels.h5", "cxyz"],
    ["hdf5/eman.hdf", "MDF/images/0/image"],
  ] as const) {
    const input = fixture(name);
    const whole = await readVolume(input, { dataset });
    const output = (what: string) => join(folder, `${what}.mrc`);
    await convertVolumeFile(input, output("whole"), { dataset });
    assert.deepEqual(
      [...(await readVolume(output("whole"))).data],
      expectedVolumes[`${name}:${dataset}`].values,
    );
    const box = { start: [1, 0, 2], shape: [2, 3, 2] } as const;
    await cropVolumeFile(input, output("part"), { dataset, box });
    assert.deepEqual([...(await readVolume(output("part"))).data], [...cropVolume(whole, box).data]);
    await binVolumeFile(input, output("binned"), { dataset, factor: 2, method: "mean" });
    const binned = binVolume(whole, 2);
    assert.deepEqual([...(await readVolume(output("binned"))).data], [...binned.data]);
  }
});
