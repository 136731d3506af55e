/** Unpacks `.gz` and `.bz2` so that any position can be read: small files into memory, large ones into a temporary file. */
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { type ByteSource, handleSource, memorySource } from "./byte-source.ts";
import { decompressBzip2 } from "./bzip2/decompress.ts";

export type Compression = "gzip" | "bzip2";

/** Unpacked bytes kept in memory; more go to a temporary file. */
export const memoryLimitBytes = 64 << 20;

const chunkBytes = 1 << 20;

/** How a file is compressed, by its first bytes. */
export function compressionOf(start: Uint8Array): Compression | null {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  if (start[0] === 0x42 && start[1] === 0x5a && start[2] === 0x68) return "bzip2";
  return null;
}

/** The unpacked bytes of a packed source, which is not closed. Closing what is returned gives its memory or temporary file back. */
export async function openCompressed(
  packed: ByteSource,
  compression: Compression,
  options: { signal?: AbortSignal; memoryLimitBytes?: number } = {},
): Promise<ByteSource> {
  const store = new UnpackedBytes(options.memoryLimitBytes ?? memoryLimitBytes);
  try {
    await unpackInto(store, packed, { compression, signal: options.signal });
    return store.source(packed.name);
  } catch (error) {
    await store.discard();
    throw explainUnpacking(error, packed.name);
  }
}

interface Unpacking {
  readonly compression: Compression;
  readonly signal: AbortSignal | undefined;
}

async function unpackInto(
  store: UnpackedBytes,
  packed: ByteSource,
  { compression, signal }: Unpacking,
): Promise<void> {
  const chunks = chunksOf(packed, 0, signal);
  if (compression === "gzip") return gunzipInto(store, packed, chunks);
  const append = async (unpacked: AsyncIterable<Uint8Array>) => {
    for await (const chunk of unpacked) await store.append(chunk);
  };
  await pipeline(chunks, decompressBzip2, append, { signal });
}

/** The bytes from `start` on, one chunk after another. */
async function* chunksOf(
  source: ByteSource,
  start: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let position = start; position < source.size; position += chunkBytes) {
    const chunk = new Uint8Array(Math.min(chunkBytes, source.size - position));
    await source.read(position, chunk, signal);
    yield chunk;
  }
}

/** Not by `pipeline`: it takes it for an abort that the packed data end before the file does. */
async function gunzipInto(
  store: UnpackedBytes,
  packed: ByteSource,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const unpacker = createGunzip({ chunkSize: chunkBytes });
  const stream = Readable.from(chunks, { objectMode: false, highWaterMark: chunkBytes });
  stream.on("error", (error) => unpacker.destroy(error));
  // writing goes on for a moment after the end
  unpacker.on("error", () => stream.destroy());
  stream.pipe(unpacker);
  try {
    for await (const chunk of unpacker) await store.append(chunk as Uint8Array);
  } finally {
    stream.destroy();
  }
  await checkBehindEnd(packed, unpacker.bytesWritten);
}

/** Zeros that fill up the last block of a tape or disk are nothing, as gunzip has it; anything else is. */
async function checkBehindEnd(packed: ByteSource, end: number): Promise<void> {
  for await (const chunk of chunksOf(packed, end))
    if (chunk.some((byte) => byte !== 0))
      throw new TomoflowError("gzip-corrupt", "other bytes follow where the gzip data end", {
        hint: "copy the file again, or test it with gzip -t",
      });
}

/** Bytes that arrive one after another, in memory until there are too many. */
class UnpackedBytes {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #file: FileHandle | undefined;
  #folder: string | undefined;
  readonly #memoryLimit: number;

  constructor(memoryLimit: number) {
    this.#memoryLimit = memoryLimit;
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#file || this.#size > this.#memoryLimit) await this.#spill();
  }

  source(name: string): ByteSource {
    if (!this.#file) return memorySource(Buffer.concat(this.#chunks), name);
    const source = handleSource(this.#file, `the temporary copy of ${name}`, this.#size);
    return { ...source, close: () => this.discard() };
  }

  async discard(): Promise<void> {
    this.#chunks = [];
    await this.#file?.close();
    this.#file = undefined;
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  async #spill(): Promise<void> {
    this.#file ??= await this.#createFile();
    for (const chunk of this.#chunks.splice(0)) await writeFully(this.#file, chunk);
  }

  /** The file loses its name at once where the system allows it, so that not even a killed process leaves it behind. */
  async #createFile(): Promise<FileHandle> {
    this.#folder = await mkdtemp(join(tmpdir(), "tomoflow-unpacked-"));
    const file = await open(join(this.#folder, "unpacked"), "wx+");
    if (process.platform !== "win32") await rm(this.#folder, { recursive: true, force: true });
    return file;
  }
}

async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done).catch((error) => {
      throw explainSystemError(error, `the temporary folder ${tmpdir()} (set TMPDIR to use another)`);
    });
    done += bytesWritten;
  }
}

function explainUnpacking(error: unknown, name: string): unknown {
  if (error instanceof TomoflowError)
    return new TomoflowError(error.code, `${name}: ${error.message}`, { hint: error.hint, cause: error });
  const code: unknown = (error as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== "string" || !code.startsWith("Z_")) return explainSystemError(error, name);
  return new TomoflowError("gzip-corrupt", `${name}: the gzip data are damaged or cut off`, {
    hint: "copy the file again, or test it with gzip -t",
    cause: error,
  });
}
