/**
 * Chunks packed as HDF5's filters do: bytes of equal worth brought together (shuffle), then deflate. Zlib works on threads of
 * its own. Densities are noise, in which a search for repetitions finds nothing and takes most of the time; so only runs are
 * searched, which label maps have, and the rest is coded by how often each byte occurs (Z_RLE).
 */
import { promisify } from "node:util";
import { constants, deflate, deflateSync, inflate, inflateSync } from "node:zlib";
import { shuffle, unshuffle } from "./shuffle.ts";

export const filterIds = { deflate: 1, shuffle: 2 } as const;

const deflateBytes = promisify<Buffer | Uint8Array, object, Buffer>(deflate);
const inflateBytes = promisify<Buffer | Uint8Array, object, Buffer>(inflate);

/** Packed bytes whose unpacking takes longer than to hand them to another thread. */
const worthAThread = 8192;

/** Packs the bytes of a chunk: on another thread, or at once where `quick`, which pays where they are few once packed. */
export async function packChunk(
  bytes: Uint8Array,
  bytesPerVoxel: number,
  quick: boolean,
): Promise<Uint8Array> {
  // Room for all that comes out, so that one call to the other thread is enough.
  const room = bytes.length + (bytes.length >> 8) + 1024;
  const options = { level: 1, strategy: constants.Z_RLE, chunkSize: quick ? undefined : room };
  return (quick ? deflateSync : deflateBytes)(shuffle(bytes, bytesPerVoxel), options);
}

/** True for chunks that became so small that the next ones are better packed at once. */
export const packsQuickly = (packed: Uint8Array): boolean => packed.length < worthAThread;

/** How a data set's chunks were packed. */
export interface Packing {
  readonly bytesPerVoxel: number;
  readonly shuffled: boolean;
  readonly deflated: boolean;
}

/** The `length` bytes of a packed chunk. Rejects with zlib's error, or an Error where there are more or fewer. */
export async function unpackChunk(
  packed: Uint8Array,
  { bytesPerVoxel, shuffled, deflated }: Packing,
  length: number,
): Promise<Uint8Array> {
  const options = { chunkSize: Math.max(64, length), maxOutputLength: length };
  const unpack = packsQuickly(packed) ? inflateSync : inflateBytes;
  const bytes = deflated ? await unpack(packed, options) : packed;
  if (bytes.length !== length) throw new Error(`a chunk holds ${bytes.length} bytes instead of ${length}`);
  return shuffled ? unshuffle(bytes, bytesPerVoxel) : bytes;
}
