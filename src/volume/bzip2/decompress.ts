/**
 * Decompression of bzip2, block by block, checksums verified; several streams after each other (pbzip2) are one file.
 * Method: Huffman codes, move to front, run lengths, inverse Burrows-Wheeler transform, run lengths again, as in
 * J. Seward's bzip2 1.0 and J. Tsai's format description. Node has no bzip2, and the packages for it are unmaintained.
 */
import { BitReader, corrupt } from "./bit-reader.ts";
import { readBlock } from "./block.ts";

/** No compressed block is larger: 900 kB of input grow by 1 % and tables of 30 kB at most. */
const largestBlockBytes = 2 << 20;

/** The decompressed bytes, a block (at most 900 kB) at a time. Throws `bzip2-corrupt`. */
export async function* decompressBzip2(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new BitReader();
  const iterator = chunks[Symbol.asyncIterator]();
  let ended = false;
  const fill = async () => {
    while (!ended && input.remainingBytes < largestBlockBytes) {
      const { done, value } = await iterator.next();
      if (done) ended = true;
      else input.push(value);
    }
  };
  let streams = 0;
  for (await fill(); input.remainingBytes > 0; await fill()) {
    if (streams > 0 && input.peek(8) === 0) return await expectZeros(input, fill);
    const blockSize = readStreamHeader(input);
    streams++;
    let combined = 0;
    for (;;) {
      await fill();
      const checksum = readBlockStart(input);
      if (checksum === null) break;
      const block = readBlock(input, blockSize);
      if (checksumOf(block) !== checksum) throw corrupt("a block's checksum does not agree");
      combined = ((combined << 1) | (combined >>> 31)) ^ checksum;
      yield block;
    }
    if (input.bits(32) !== combined >>> 0) throw corrupt("the file's checksum does not agree");
    input.alignToByte();
  }
}

/** Zeros that fill up the last block of a tape or disk, to the end of the file. */
async function expectZeros(input: BitReader, fill: () => Promise<void>): Promise<void> {
  for (; input.remainingBytes > 0; await fill())
    for (let left = input.remainingBytes; left > 0; left--)
      if (input.bits(8) !== 0) throw corrupt("other bytes follow where its data end");
}

/** Returns the largest number of bytes a block of this stream holds before the first run-length coding. */
function readStreamHeader(input: BitReader): number {
  const level = (input.bits(24) === 0x425a68 ? input.bits(8) : 0) - 48;
  if (level < 1 || level > 9) throw corrupt("it does not start as bzip2 does");
  return level * 100000;
}

/** The block's checksum, or null at the end of the stream. */
function readBlockStart(input: BitReader): number | null {
  const magic = input.bits(24) * 16777216 + input.bits(24);
  if (magic === 0x177245385090) return null;
  if (magic !== 0x314159265359) throw corrupt("a block does not start where it should");
  return input.bits(32) | 0;
}

let checksumTable: Int32Array | undefined;

/** CRC-32 with the polynomial 04C11DB7, most significant bit first. */
function checksumOf(bytes: Uint8Array): number {
  checksumTable ??= Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
    return value;
  });
  let checksum = -1;
  for (let i = 0; i < bytes.length; i++)
    checksum = (checksum << 8) ^ checksumTable[(checksum >>> 24) ^ bytes[i]];
  return ~checksum;
}
