/** Bytes at positions: a file, a part of one, memory, what a compressed file unpacks to, an address that serves ranges. */
import { open } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { checkRegularFile } from "../core/regular-file.ts";

/** What a volume in one piece is read from. */
export interface ByteSource {
  /** What messages call it: the path of a file. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The file of this machine with just these bytes, where there is one: for libraries that open files themselves. */
  readonly localPath?: string;
  /** Fills `target` with the bytes from `position` on, all of which must exist. Reads may overlap in time. */
  read(position: number, target: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** As Node opens a file; said here, as the public types need nothing of Node's. */
interface OpenFile {
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

/** Bytes a single read asks for at most: one call of Node's takes less than 2 GiB, and aborts are noticed in between. */
const largestRead = 64 << 20;

/** Opens a file for reading at 64-bit positions. @throws as `checkRegularFile` */
export async function openFileSource(path: string): Promise<ByteSource> {
  await checkRegularFile(path);
  const file = await open(path, "r").catch((error) => {
    throw explainSystemError(error, path);
  });
  try {
    return { ...handleSource(file, path, (await file.stat()).size), localPath: path };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The first `size` bytes of an open file; closing the source closes the file. */
export const handleSource = (file: OpenFile, name: string, size: number): ByteSource => ({
  name,
  size,
  read: (position, target, signal) => readFully(file, name, { position, target, signal }),
  close: () => file.close(),
});

/** Bytes in memory. */
export const memorySource = (bytes: Uint8Array, name = "memory"): ByteSource => ({
  name,
  size: bytes.length,
  read: async (position, target) => {
    if (position + target.length > bytes.length) throw becameShorter(name);
    target.set(bytes.subarray(position, position + target.length));
  },
  close: async () => {},
});

interface ReadRequest {
  readonly position: number;
  readonly target: Uint8Array;
  readonly signal: AbortSignal | undefined;
}

async function readFully(
  file: OpenFile,
  name: string,
  { position, target, signal }: ReadRequest,
): Promise<void> {
  for (let done = 0; done < target.length; ) {
    signal?.throwIfAborted();
    const length = Math.min(largestRead, target.length - done);
    const { bytesRead } = await file.read(target, done, length, position + done).catch((error) => {
      throw explainSystemError(error, name);
    });
    if (bytesRead === 0) throw becameShorter(name);
    done += bytesRead;
  }
}

const becameShorter = (name: string): TomoflowError =>
  new TomoflowError("file-changed", `${name} became shorter while it was read`, {
    hint: "wait until the program that writes it has finished, then run again",
  });
