/** Every oddity that a header can have is set right, asked for, or told as what it is. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readVolume, readVolumeInfo, writeVolume } from "../../src/volume/formats.ts";
import { repairVolumeFile } from "../../src/volume/repair.ts";
import { convertVolumeFile, type RewriteOptions } from "../../src/volume/rewrite.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { expectedVolumes, fixture } from "./fixtures.ts";

/** What each needs beside the file. */
const answers: RewriteOptions = {
  voxelSizeAngstrom: [13.48, 2.5, 1.25],
  bytes: "signed",
  originAngstrom: [1, 2, 3],
};
/** The fixtures' voxel is no cube; that is as it is. */
const asItIs = ["voxel-size-uneven"];

for (const [name, expected] of Object.entries(expectedVolumes).filter(([key]) => key.startsWith("mrc/")))
  test(`${name} is repaired: nothing about it is odd, its voxels are the same`, async (context) => {
    const output = join(await temporaryFolder(context), "right.mrc");
    const before = await readVolumeInfo(fixture(name));
    const codes = before.oddities.map(({ code }) => code);
    const needs = (...some: string[]) => codes.some((code) => some.includes(code));
    const options: RewriteOptions = {
      ...(needs("voxel-size-missing", "voxel-size-one", "voxel-size-wrong") && {
        voxelSizeAngstrom: answers.voxelSizeAngstrom!,
      }),
      ...(needs("bytes-ambiguous") && { bytes: "signed" }),
      ...(needs("origin-unknown") && { originAngstrom: answers.originAngstrom! }),
    };
    if (Object.keys(options).length > 0)
      await assert.rejects(repairVolumeFile(fixture(name), output), { code: "repair-undecided" });
    const { mended, left } = await repairVolumeFile(fixture(name), output, options);
    assert.deepEqual(
      left.map(({ code }) => code).filter((code) => !asItIs.includes(code)),
      [],
    );
    assert.deepEqual(
      mended.map(({ code }) => code).sort(),
      codes.filter((code) => !asItIs.includes(code)).sort(),
    );
    const after = await readVolume(output);
    assert.deepEqual([after.shape, Array.from(after.data)], [expected.shape, expected.values]);
    if (!options.voxelSizeAngstrom) assert.deepEqual(after.voxelSizeAngstrom, before.voxelSizeAngstrom);
    if (!options.originAngstrom) assert.deepEqual(after.originAngstrom, before.originAngstrom);
  });

test("bytes that a file does not tell can be read either way", async (context) => {
  const output = join(await temporaryFolder(context), "right.h5");
  const signed = await readVolume(fixture("mrc/range-ambiguous.mrc"));
  await repairVolumeFile(fixture("mrc/range-ambiguous.mrc"), output, { bytes: "unsigned" });
  const { data } = await readVolume(output);
  assert.deepEqual(
    Array.from(data),
    Array.from(signed.data, (value) => value & 255),
  );
});

test("voxels that are not finite get the mean of the others, and are counted", async (context) => {
  const folder = await temporaryFolder(context);
  const [input, output] = [join(folder, "holes.mrc"), join(folder, "right.mrc")];
  const data = Float32Array.of(
    1,
    Number.NaN,
    3,
    Number.POSITIVE_INFINITY,
    5,
    7,
    -Number.POSITIVE_INFINITY,
    4,
  );
  await writeVolume(input, {
    data,
    shape: [2, 2, 2],
    voxelSizeAngstrom: [10, 10, 10],
    originAngstrom: [0, 0, 0],
  });
  await assert.rejects(repairVolumeFile(input, output), { code: "repair-undecided", hint: /--nan mean/ });
  const told: number[] = [];
  const onReplaced = (...numbers: number[]) => void told.push(...numbers);
  await convertVolumeFile(input, output, { notFinite: "mean", onReplaced });
  assert.deepEqual(Array.from((await readVolume(output)).data), [1, 4, 3, 4, 5, 7, 4, 4]);
  assert.deepEqual(told, [3, 4]);
  const { mended } = await repairVolumeFile(input, output, { notFinite: "mean" });
  assert.ok(mended.some(({ code }) => code === "not-finite"));
  await writeVolume(input, {
    data: new Float32Array(8).fill(Number.NaN),
    shape: [2, 2, 2],
    voxelSizeAngstrom: [10, 10, 10],
    originAngstrom: [0, 0, 0],
  });
  await assert.rejects(convertVolumeFile(input, output, { notFinite: "mean" }), { code: "no-finite-voxel" });
});
