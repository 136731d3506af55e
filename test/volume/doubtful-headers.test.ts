/** MRC headers of real programs that say what cannot be: read where only one reading makes sense, and told in words that fit. */
import assert from "node:assert/strict";
import { truncate } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { readVolume, readVolumeInfo } from "../../src/volume/formats.ts";
import { type MrcFileContent, writeMrcFile } from "../support/mrc-file.ts";
import { fixture } from "./fixtures.ts";

const usual: MrcFileContent = { size: [4, 3, 2], intervals: [4, 3, 2], cell: [40, 30, 20] };

async function oddities(context: TestContext, content: Partial<MrcFileContent>) {
  const info = await readVolumeInfo(await writeMrcFile(context, { ...usual, ...content }));
  const found = info.oddities.filter(({ code }) => code !== "statistics-missing" && code !== "image-stack");
  return { info, codes: found.map(({ code }) => code), text: found.map(({ message }) => message).join("\n") };
}

test("an extended header that is counted but absent: the voxels follow the header", async (context) => {
  const voxels = Uint8Array.from({ length: 24 }, (_, index) => index + 1);
  const path = await writeMrcFile(context, { ...usual, countedBytes: 131072, voxels });
  const { data } = await readVolume(path);
  assert.deepEqual([...data], [...voxels]);
  const { codes, text } = await oddities(context, { countedBytes: 131072 });
  assert.deepEqual(codes, ["extended-header-absent"]);
  assert.match(text, /131072 bytes/);
  const lying = await readVolume(fixture("mrc/extended-lying.mrc"));
  assert.deepEqual(lying.data, (await readVolume(fixture("mrc/mode1.mrc"))).data, "2 GB are counted");
  await truncate(path, 1024 + 23);
  await assert.rejects(readVolume(path), { code: "mrc-truncated" }, "one byte less is cut off");
});

test("a negative, partly zero or infinite cell is no voxel size, and is told as it stands", async (context) => {
  for (const cell of [
    [-40, 30, 20],
    [40, 30, 0],
    [40, Number.NaN, 20],
    [Number.POSITIVE_INFINITY, 30, 20],
  ] as const) {
    const { info, codes, text } = await oddities(context, { cell });
    assert.equal(info.voxelSizeAngstrom, null);
    assert.deepEqual(codes, ["voxel-size-wrong"]);
    assert.ok(text.includes(cell.join(" × ")), text);
  }
  assert.deepEqual((await oddities(context, { cell: [0, 0, 0] })).codes, ["voxel-size-missing"]);
});

test("negative intervals are told as they stand", async (context) => {
  const { info, codes, text } = await oddities(context, { intervals: [-4, 3, 0] });
  assert.deepEqual(info.voxelSizeAngstrom, [10, 10, 10]);
  assert.deepEqual(codes, ["intervals-missing"]);
  assert.match(text, /-4, 3, 0/);
});

test("a first index without a voxel size gives no origin, and that is told", async (context) => {
  const { info, codes } = await oddities(context, { cell: [0, 0, 0], start: [1, 2, 3] });
  assert.deepEqual(info.originAngstrom, [0, 0, 0]);
  assert.deepEqual(codes, ["voxel-size-missing", "origin-unknown"]);
});

test("a skewed cell is told, the noise of float32 and angles never set are not", async (context) => {
  const skewed = await oddities(context, { angles: [90, 90, 120] });
  assert.deepEqual(skewed.codes, ["cell-angles"]);
  assert.match(skewed.text, /90, 90, 120°.*rectangular/);
  assert.deepEqual((await oddities(context, { angles: [90.001, 90, 89.999] })).codes, []);
  assert.deepEqual((await oddities(context, { angles: [0, 0, 0] })).codes, []);
});
