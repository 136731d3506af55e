/** Bytes at positions: a file, or what a compressed file unpacks to. */
import { type FileHandle, open } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { checkRegularFile } from "../core/regular-file.ts";

export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** Fills `target` with the bytes from `position` on, all of which must exist. */
  read(position: number, target: Uint8Array): Promise<void>;
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
    return handleSource(file, path, (await file.stat()).size);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The first `size` bytes of an open file; closing the source closes the file. */
export const handleSource = (file: FileHandle, path: string, size: number): ByteSource => ({
  size,
  read: (position, target) => readFully(file, path, { position, target }),
  close: () => file.close(),
});

/** Bytes in memory. */
export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: async (position, target) => target.set(bytes.subarray(position, position + target.length)),
  close: async () => {},
});

interface ReadRequest {
  readonly position: number;
  readonly target: Uint8Array;
}

async function readFully(file: FileHandle, path: string, { position, target }: ReadRequest): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(largestRead, target.length - done);
    const { bytesRead } = await file.read(target, done, length, position + done).catch((error) => {
      throw explainSystemError(error, path);
    });
    if (bytesRead === 0)
      throw new TomoflowError("file-changed", `${path} became shorter while it was read`, {
        hint: "wait until the program that writes it has finished, then run again",
      });
    done += bytesRead;
  }
}
