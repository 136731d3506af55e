import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { openFileSource } from "../../src/volume/byte-source.ts";
import { decompressBzip2 } from "../../src/volume/bzip2/decompress.ts";
import { type Compression, openCompressed } from "../../src/volume/decompress.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { fixture } from "./fixtures.ts";

async function unpack(chunks: readonly Uint8Array[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of decompressBzip2(Readable.from(chunks))) parts.push(part);
  return Buffer.concat(parts);
}

/** In pieces of `length` bytes, to cross every boundary. */
const pieces = (bytes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );

test("bzip2 unpacks two streams after each other, however the bytes arrive", async () => {
  const packed = await readFile(fixture("mrc/packed.mrc.bz2"));
  const original = await readFile(fixture("mrc/mode2.mrc"));
  for (const length of [1, 7, 4096]) assert.deepEqual(await unpack(pieces(packed, length)), original);
});

test("bzip2 unpacks many blocks, long runs and every byte value as bzip2 packed them", async () => {
  const packed = await readFile(fixture("blocks.bz2"));
  const unpacked = await unpack([packed]);
  assert.equal(unpacked.length, 260_000);
  for (let i = 0; i < 200_000; i++) if (unpacked[i] !== 65) assert.fail(`byte ${i} is ${unpacked[i]}`);
  for (let i = 0; i < 60_000; i++)
    if (unpacked[200_000 + i] !== Math.floor((i * i) / 8) % 256) assert.fail(`byte ${200_000 + i}`);
});

test("every cut of a bzip2 file is noticed", async () => {
  const packed = await readFile(fixture("mrc/packed.mrc.bz2"));
  for (let length = packed.length - 1; length > 300; length -= 13)
    await assert.rejects(
      unpack([packed.subarray(0, length)]).then((bytes) => assert.equal(bytes.length, 0)),
      {
        code: "bzip2-corrupt",
      },
    );
});

test("every flipped bit of a bzip2 file is noticed", async () => {
  const packed = await readFile(fixture("mrc/packed.mrc.bz2"));
  for (let byte = 0; byte < packed.length; byte += 5) {
    const damaged = Buffer.from(packed);
    damaged[byte] ^= 1 << (byte % 8);
    await assert.rejects(unpack([damaged]), `a flipped bit in byte ${byte}`);
  }
});

test("what is too large for memory is unpacked into a file that has no name left", async (context) => {
  const path = join(await temporaryFolder(context), "noise.gz");
  const content = Buffer.from(
    Uint32Array.from({ length: 90_000 }, (_, i) => Math.imul(i, 2654435761)).buffer,
  );
  await writeFile(path, gzipSync(content));
  const before = await temporaryFolders();
  const source = await unpackFile(path, "gzip", { memoryLimitBytes: 100_000 });
  const left = (await temporaryFolders()).filter((name) => !before.includes(name));
  assert.deepEqual(left, process.platform === "win32" ? left : []);
  const target = Buffer.alloc(1000);
  await source.read(299_500, target);
  assert.equal(source.size, 360_000);
  assert.deepEqual(target, content.subarray(299_500, 300_500));
  await source.close();
  assert.deepEqual(
    (await temporaryFolders()).filter((name) => !before.includes(name)),
    [],
  );
});

/** Folders of unpacked files; tests running beside this one make folders of other names. */
const temporaryFolders = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("tomoflow-unpacked-"));

test("unpacking stops when it is aborted", async () => {
  const signal = AbortSignal.abort();
  for (const [name, compression] of [
    ["packed.mrc.gz", "gzip"],
    ["packed.mrc.bz2", "bzip2"],
  ] as const)
    await assert.rejects(unpackFile(fixture(`mrc/${name}`), compression, { signal }), {
      name: "AbortError",
    });
});

test("zeros behind the end fill up a block and are nothing; other bytes are refused; neither is an interruption", async (context) => {
  const folder = await temporaryFolder(context);
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 31) & 255));
  const packed = gzipSync(bytes);
  const unpack = async (parts: readonly Uint8Array[]) => {
    const path = join(folder, "padded.gz");
    await writeFile(path, Buffer.concat(parts));
    const source = await unpackFile(path, "gzip");
    const target = new Uint8Array(source.size);
    await source.read(0, target);
    await source.close();
    return target;
  };
  const long = Buffer.alloc(3 << 20);
  assert.deepEqual(await unpack([packed, Buffer.alloc(512)]), new Uint8Array(bytes));
  assert.deepEqual(await unpack([packed, long]), new Uint8Array(bytes), "more than is read at once");
  const twice = await unpack([packed, packed, long]);
  assert.deepEqual(twice, new Uint8Array(Buffer.concat([bytes, bytes])), "two members");
  const corrupt = { code: "gzip-corrupt" };
  await assert.rejects(unpack([packed, long, Buffer.from("x")]), corrupt);
  await assert.rejects(unpack([packed, Buffer.from("garbage")]), corrupt);
  await assert.rejects(unpack([packed.subarray(0, packed.length - 9)]), corrupt);
});

/** The unpacked bytes of a file, which is closed again. */
async function unpackFile(
  path: string,
  compression: Compression,
  options?: Parameters<typeof openCompressed>[2],
) {
  const packed = await openFileSource(path);
  try {
    return await openCompressed(packed, compression, options);
  } finally {
    await packed.close();
  }
}
