/**
 * Chunks packed as HDF5's filters do: bytes of equal worth brought together (shuffle.ts), then deflate. Zlib works on threads of
 * its own. Densities are noise, in which a search for repetitions finds nothing and takes most of the time; so only runs are
 * searched, which label maps have, and the rest is coded by how often each byte occurs (Z_RLE).
 */
import { promisify } from "node:util";
import { constants, deflate, deflateSync, inflate, inflateSync } from "node:zlib";

export const filterIds = { deflate: 1, shuffle: 2 } as const;

const deflateBytes = promisify<Buffer | Uint8Array, object, Buffer>(deflate);
const inflateBytes = promisify<Buffer | Uint8Array, object, Buffer>(inflate);

/** Packed bytes whose unpacking takes longer than to hand them to another thread. */
const worthAThread = 8192;

/** Deflates a shuffled chunk: on another thread, or at once where `quick`, which pays where few bytes are left of it. */
export async function deflateChunk(bytes: Uint8Array, quick: boolean): Promise<Uint8Array> {
  // Room for all that comes out, so that one call to the other thread is enough.
  const room = bytes.length + (bytes.length >> 8) + 1024;
  const options = { level: 1, strategy: constants.Z_RLE, chunkSize: quick ? undefined : room };
  return (quick ? deflateSync : deflateBytes)(bytes, options);
}

/** True for chunks that became so small that the next ones are better packed at once. */
export const packsQuickly = (packed: Uint8Array): boolean => packed.length < worthAThread;

/** The `length` bytes of a deflated chunk. Rejects with zlib's error, or an Error where there are fewer. */
export async function inflateChunk(packed: Uint8Array, length: number): Promise<Uint8Array> {
  const options = { chunkSize: Math.max(64, length), maxOutputLength: length };
  return checkLength(await (packsQuickly(packed) ? inflateSync : inflateBytes)(packed, options), length);
}

/** The bytes of a chunk, unless there are more or fewer than it has to have: then an Error. */
export function checkLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new Error(`a chunk holds ${bytes.length} bytes instead of ${length}`);
}
