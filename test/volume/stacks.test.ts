/** TIFF stacks of tifffile and EM files of emfile, read to the same numbers, or refused by a coded error where they are damaged. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { TomoflowError } from "../../src/core/error.ts";
import { copyBox } from "../../src/volume/box.ts";
import { memorySource } from "../../src/volume/byte-source.ts";
import { openVolume, readVolume, readVolumeInfo, writeVolume } from "../../src/volume/formats.ts";
import type { Shape3, Volume, VoxelType } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { fixture } from "./fixtures.ts";
import { type ExpectedStore, voxelDigest } from "./zarr/stores.ts";

const { files, expected } = JSON.parse(readFileSync(fixture("stacks.json"), "utf8")) as {
  readonly files: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, ExpectedStore>>;
};
const bytesOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(files[name]!, "base64"));

for (const [name, wanted] of Object.entries(expected))
  test(`${name} holds what its program says`, async () => {
    const reader = await openVolume(memorySource(bytesOf(name), name));
    const { info } = reader;
    assert.deepEqual([info.shape, info.type], [wanted.shape, wanted.type]);
    assert.deepEqual(info.voxelSizeAngstrom, wanted.voxelSizeAngstrom);
    assert.deepEqual(info.oddities.map(({ code }) => code).sort(), wanted.oddities);
    const whole = await reader.readBox([0, 0, 0], info.shape);
    assert.equal(voxelDigest(whole), wanted.sha256);
    const box = { start: [info.shape[0] - 1, 6, 9], shape: [1, 12, 13] } as const;
    assert.deepEqual(await reader.readBox(box.start, box.shape), copyBox(whole, info.shape, box));
  });

const shape: Shape3 = [3, 5, 7];
const volume: Volume = {
  data: Float32Array.from({ length: 105 }, (_, i) => (i * 37) % 101),
  shape,
  voxelSizeAngstrom: [13.48, 10, 9.5],
  originAngstrom: [-100.5, 20, 0],
};

for (const type of ["int8", "int16", "int32", "float32", "float64"] as const satisfies readonly VoxelType[])
  test(`${type} is written as EM and read as it was, with voxel size and origin`, async (context) => {
    const path = join(await temporaryFolder(context), "t.em");
    await writeVolume(path, volume, { type });
    const [info, back] = [await readVolumeInfo(path), await readVolume(path)];
    assert.deepEqual([info.type, back.shape], [type, shape]);
    assert.deepEqual(Float32Array.from(back.data), volume.data);
    assert.deepEqual(back.voxelSizeAngstrom, volume.voxelSizeAngstrom);
    assert.deepEqual(back.originAngstrom, volume.originAngstrom);
    // nm, in thousandths, of x
    assert.equal((await readFile(path)).readInt32LE(120), 950);
  });

test("what EM or TIFF cannot hold is refused before anything is written", async (context) => {
  const folder = await temporaryFolder(context);
  await assert.rejects(writeVolume(join(folder, "t.em"), volume, { type: "uint16" }), { code: "em-type" });
  await assert.rejects(writeVolume(join(folder, "t.tif"), volume), {
    code: "volume-format-unknown",
    message: /TIFF is read, and not written/,
  });
});

test("a pixel size of EM whose unit nobody knows is told and not taken", async () => {
  const bytes = bytesOf("f4.em");
  new DataView(bytes.buffer).setInt32(120, 13480, true);
  const info = await readVolumeInfo(memorySource(bytes, "f4.em"));
  assert.equal(info.voxelSizeAngstrom, null);
  assert.match(
    info.oddities[0]!.message,
    /pixel size 13\.48, which some programs mean in nm and others in Å/,
  );
});

/** A generator of whole numbers below a limit (mulberry32). */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

for (const kind of [".tif", ".em"])
  test(`${kind} files with bytes changed or cut off are read or refused by a coded error`, async () => {
    const next = numbersFrom(5);
    const names = Object.keys(files).filter((name) => name.endsWith(kind));
    const codes = new Map<string, number>();
    const count = Number(process.env.TOMOFLOW_MUTATIONS ?? 1500);
    for (let round = 0; round < count; round++) {
      const name = names[next(names.length)]!;
      const bytes = bytesOf(name);
      // mostly where the descriptions are
      for (let change = next(4); change >= 0; change--)
        bytes[next(next(3) === 0 ? bytes.length : Math.min(bytes.length, 400))] = next(256);
      const cut = next(5) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
      try {
        const reader = await openVolume(memorySource(cut, name));
        const [z, y, x] = reader.info.shape;
        await reader.readBox([z - 1, 0, 0], [1, Math.min(y, 64), Math.min(x, 64)]);
        codes.set("read", (codes.get("read") ?? 0) + 1);
      } catch (error) {
        if (!(error instanceof TomoflowError)) throw new Error(`${name}, round ${round}`, { cause: error });
        codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      }
    }
    assert.ok((codes.get("read") ?? 0) > count / 20, JSON.stringify([...codes]));
    assert.ok(
      (codes.get(kind === ".em" ? "em-truncated" : "tiff-damaged") ?? 0) > count / 20,
      JSON.stringify([...codes]),
    );
  });
