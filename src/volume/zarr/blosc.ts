/**
 * Unpacks chunks of Blosc (version 1 of the format): blocks of shuffled bytes, each in one stream or in one a byte of a number, packed by
 * LZ4, Zstandard, zlib or BloscLZ. Ours, because the decoder of numcodecs hands out what happens to lie in its memory where a chunk is
 * damaged. Source: c-blosc 1.21, README_HEADER and its decompressor.
 */
import { inflateSync } from "node:zlib";
import { unshuffle } from "../shuffle.ts";
import { unpackBloscLz } from "./blosclz.ts";
import { unpackLz4 } from "./lz4-block.ts";

const headerBytes = 16;
const flags = { byteShuffle: 1, plainCopy: 2, bitShuffle: 4, oneStream: 16 } as const;
/** What blocks are parted into streams for: c-blosc's MAX_SPLITS and MIN_BUFFERSIZE. */
const mostStreams = 16;
const smallestStream = 128;

const formats = ["blosclz", "lz4", "snappy", "zlib", "zstd"] as const;

type UnpackZstd = (packed: Uint8Array, bytes: number) => Promise<Uint8Array>;

/** Blosc's description of a chunk. */
interface Header {
  readonly flags: number;
  /** Bytes of a number. */
  readonly typeBytes: number;
  readonly bytes: number;
  readonly blockBytes: number;
}

/** The unpacked chunk, of as many bytes as are expected. Throws an Error that says what is wrong, without a file. */
export async function unpackBlosc(
  packed: Uint8Array,
  expected: number,
  unpackZstd: UnpackZstd,
): Promise<Uint8Array> {
  const header = readHeader(packed, expected);
  const target = new Uint8Array(expected);
  if (header.flags & flags.plainCopy) {
    if (packed.length < headerBytes + expected) throw new Error("it is cut off");
    target.set(packed.subarray(headerBytes, headerBytes + expected));
    return target;
  }
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const blocks = Math.ceil(expected / header.blockBytes);
  if (headerBytes + 4 * blocks > packed.length) throw new Error("it is cut off");
  const room = new Uint8Array(header.blockBytes);
  for (let block = 0; block < blocks; block++) {
    const first = block * header.blockBytes;
    const length = Math.min(header.blockBytes, expected - first);
    const start = view.getInt32(headerBytes + 4 * block, true);
    const shuffled = room.subarray(0, length);
    await unpackBlock({ packed, view, start, header, unpackZstd }, shuffled);
    restoreOrder(shuffled, header, target.subarray(first, first + length));
  }
  return target;
}

function readHeader(packed: Uint8Array, expected: number): Header {
  if (packed.length < headerBytes) throw new Error("it is shorter than its header");
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const [bytes, blockBytes, packedBytes] = [4, 8, 12].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
  ];
  const [version, , bits, typeBytes] = packed as unknown as readonly [number, number, number, number];
  if (version < 1 || version > 2) throw new Error(`it is Blosc of version ${version}`);
  if (packedBytes !== packed.length)
    throw new Error(`it has ${packed.length} bytes, and says ${packedBytes}`);
  if (bytes !== expected) throw new Error(`it unpacks to ${bytes} bytes instead of ${expected}`);
  if (blockBytes === 0 || blockBytes > Math.max(expected, 1))
    throw new Error(`its blocks have ${blockBytes} bytes`);
  return { flags: bits, typeBytes: Math.max(1, typeBytes), bytes, blockBytes };
}

interface PackedBlock {
  readonly packed: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly header: Header;
  readonly unpackZstd: UnpackZstd;
}

/** Each stream is its packed length and its bytes, as they are where packing made them no shorter. */
async function unpackBlock(
  { packed, view, start, header, unpackZstd }: PackedBlock,
  target: Uint8Array,
): Promise<void> {
  const streams = streamsOf(header, target.length);
  const streamBytes = Math.floor(target.length / streams);
  const format = formats[header.flags >> 5];
  let at = start;
  for (let stream = 0; stream < streams; stream++) {
    if (at < headerBytes || at + 4 > packed.length) throw new Error("a block lies outside of it");
    const length = view.getInt32(at, true);
    at += 4;
    if (length <= 0 || at + length > packed.length) throw new Error("a block is cut off");
    const from = packed.subarray(at, at + length);
    const to = target.subarray(stream * streamBytes, (stream + 1) * streamBytes);
    if (length === streamBytes) to.set(from);
    else if (!(await unpackStream(format, from, { to, unpackZstd }))) throw new Error("a block is damaged");
    at += length;
  }
}

function streamsOf({ flags: bits, typeBytes, blockBytes }: Header, length: number): number {
  const parted =
    !(bits & flags.oneStream) &&
    length === blockBytes &&
    typeBytes <= mostStreams &&
    blockBytes / typeBytes >= smallestStream;
  return parted ? typeBytes : 1;
}

async function unpackStream(
  format: (typeof formats)[number] | undefined,
  from: Uint8Array,
  { to, unpackZstd }: { readonly to: Uint8Array; readonly unpackZstd: UnpackZstd },
): Promise<boolean> {
  switch (format) {
    case "lz4":
      return unpackLz4(from, to);
    case "blosclz":
      return unpackBloscLz(from, to);
    case "zlib":
      return put(inflateSync(from, { maxOutputLength: to.length }), to);
    case "zstd":
      return put(await unpackZstd(from, to.length), to);
    default:
      throw new Error(
        `its blocks are packed by ${format ?? "what Blosc does not define"}, which tomoflow cannot unpack`,
      );
  }
}

function put(bytes: Uint8Array, to: Uint8Array): boolean {
  if (bytes.length !== to.length) return false;
  to.set(bytes);
  return true;
}

function restoreOrder(shuffled: Uint8Array, { flags: bits, typeBytes }: Header, target: Uint8Array): void {
  const whole = shuffled.length - (shuffled.length % typeBytes);
  const isBitwise = (bits & flags.bitShuffle) !== 0;
  const turned = isBitwise
    ? (whole / typeBytes) % 8 === 0
    : (bits & flags.byteShuffle) !== 0 && typeBytes > 1;
  if (!turned || whole === 0) return void target.set(shuffled);
  const [from, to] = [shuffled.subarray(0, whole), target.subarray(0, whole)];
  if (isBitwise) unshuffleBits(from, typeBytes, to);
  else unshuffle(from, typeBytes, to);
  target.set(shuffled.subarray(whole), whole);
}

/** First the lowest bit of the first byte of all numbers, eight to a byte, then the next. Source: the bitshuffle library. */
function unshuffleBits(shuffled: Uint8Array, typeBytes: number, target: Uint8Array): void {
  const groups = shuffled.length / typeBytes / 8;
  target.fill(0);
  for (let byte = 0; byte < typeBytes; byte++)
    for (let bit = 0; bit < 8; bit++) {
      const row = (byte * 8 + bit) * groups;
      for (let group = 0; group < groups; group++) {
        const bits = shuffled[row + group]!;
        if (bits === 0) continue;
        const first = group * 8 * typeBytes + byte;
        for (let number = 0; number < 8; number++)
          if (bits & (1 << number)) target[first + number * typeBytes]! |= 1 << bit;
      }
    }
}
