/** From the stored bytes of a chunk to its numbers. */
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { TomoflowError } from "../../core/error.ts";
import { swapBytes } from "../byte-swap.ts";
import { crc32c } from "../crc32c.ts";
import { decodeFloat16 } from "../float16.ts";
import type { VoxelArray } from "../volume.ts";
import { allocateVoxels } from "../voxel-type.ts";
import type { StoredNumbers } from "./array-metadata.ts";
import { unpackBlosc } from "./blosc.ts";
import type { Codec } from "./codecs.ts";
import { unpackLz4 } from "./lz4-block.ts";

export interface Unpacking {
  /** In the order of packing. */
  readonly packing: readonly Codec[];
  /** Bytes of the unpacked chunk. */
  readonly bytes: number;
  /** The chunk's key, for messages. */
  readonly shown: string;
}

/** The unpacked bytes. Throws `zarr-damaged` where they are not what the chunk should be. */
export async function unpackChunk(
  stored: Uint8Array,
  { packing, bytes, shown }: Unpacking,
): Promise<Uint8Array> {
  try {
    let unpacked = stored;
    for (const [index, codec] of [...packing.entries()].reverse())
      unpacked = await unpack(codec, unpacked, { index, packing, bytes });
    if (unpacked.length !== bytes) throw new Error(`it has ${unpacked.length} bytes instead of ${bytes}`);
    return unpacked;
  } catch (error) {
    throw damagedChunk(shown, error);
  }
}

export const damagedChunk = (shown: string, error: unknown): TomoflowError =>
  new TomoflowError(
    "zarr-damaged",
    `the chunk ${shown} is damaged: ${error instanceof Error ? error.message : String(error)}`,
    {
      hint: "copy the folder again; a chunk that cannot be had any more can be removed: it is read as the fill value then",
      cause: error,
    },
  );

interface Place {
  readonly index: number;
  readonly packing: readonly Codec[];
  readonly bytes: number;
}

/** A codec that others packed before it hands out some bytes more than the chunk has. */
function unpack(
  codec: Codec,
  stored: Uint8Array,
  { index, packing, bytes }: Place,
): Promise<Uint8Array> | Uint8Array {
  const before = packing.slice(0, index);
  const isExact = before.every((other) => other === "crc32c");
  const expected = bytes + 4 * before.length;
  const maxOutputLength = isExact ? expected : 2 * bytes + 65536;
  switch (codec) {
    case "gzip":
      return promisify(gunzip)(stored, { maxOutputLength });
    case "zlib":
      return promisify(inflate)(stored, { maxOutputLength });
    case "crc32c":
      return checked(stored);
    case "zstd":
      return unpackZstd(stored, isExact ? expected : undefined);
    case "lz4":
      return unpackPrefixed(stored, maxOutputLength);
    case "blosc":
      if (!isExact) throw new Error("blosc packs what another codec has packed");
      return unpackBlosc(stored, expected, unpackZstd);
  }
}

/** The last four bytes are the checksum of all before. */
export function checked(stored: Uint8Array): Uint8Array {
  if (stored.length < 4) throw new Error("it is cut off");
  const content = stored.subarray(0, -4);
  const view = new DataView(stored.buffer, stored.byteOffset + content.length, 4);
  if (view.getUint32(0, true) !== crc32c(content)) throw new Error("its checksum is wrong");
  return content;
}

/** As numcodecs packs LZ4: the length in four bytes, then one block. */
function unpackPrefixed(stored: Uint8Array, most: number): Uint8Array {
  if (stored.length < 4) throw new Error("it is cut off");
  const length = new DataView(stored.buffer, stored.byteOffset, 4).getUint32(0, true);
  if (length > most) throw new Error(`it unpacks to ${length} bytes, more than a chunk has`);
  const target = new Uint8Array(length);
  if (!unpackLz4(stored.subarray(4), target)) throw new Error("its LZ4 block is damaged");
  return target;
}

async function unpackZstd(stored: Uint8Array, expected: number | undefined): Promise<Uint8Array> {
  const told = zstdContentSize(stored);
  if (expected !== undefined && told !== undefined && told !== expected)
    throw new Error(`it unpacks to ${told} bytes instead of ${expected}`);
  const { default: Zstd } = await import("numcodecs/zstd");
  return Zstd.fromConfig({ id: "zstd" }).decode(stored);
}

const zstdMagic = 0xfd2fb528;

/** What a frame says that it unpacks to; undefined where it does not. Source: RFC 8878, 3.1.1.1. */
function zstdContentSize(frame: Uint8Array): number | undefined {
  if (frame.length < 18) return frame.length < 6 ? cutOff() : undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint32(0, true) !== zstdMagic) throw new Error("it is not Zstandard");
  const descriptor = frame[4]!;
  const isSingle = (descriptor & 32) !== 0;
  const at = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  switch (descriptor >> 6) {
    case 0:
      return isSingle ? frame[at] : undefined;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

function cutOff(): never {
  throw new Error("it is cut off");
}

/** The numbers in the bytes of a chunk; may share their memory. */
export function numbersOf(
  bytes: Uint8Array,
  { type, bytes: each, littleEndian, wide }: StoredNumbers,
): VoxelArray {
  const own = bytes.byteOffset % each === 0 ? bytes : bytes.slice();
  swapBytes(own, each, littleEndian);
  const count = own.length / each;
  const { buffer, byteOffset } = own;
  if (type === "float16") return decodeFloat16(new Uint16Array(buffer, byteOffset, count));
  if (wide === "signed") return Float64Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
  if (wide === "unsigned") return Float64Array.from(new BigUint64Array(buffer, byteOffset, count), Number);
  const numbers = allocateVoxels(type, 0);
  return new (numbers.constructor as new (b: ArrayBufferLike, o: number, n: number) => VoxelArray)(
    buffer,
    byteOffset,
    count,
  );
}
