/** One block of bzip2: symbols, move to front, inverse Burrows-Wheeler transform, runs. */
import { type BitReader, corrupt } from "./bit-reader.ts";
import { type Codes, readCodes, readSymbol } from "./huffman.ts";

/** The bytes of a block, whose checksum was read already; at most `blockSize` before the first run-length coding. */
export function readBlock(input: BitReader, blockSize: number): Uint8Array {
  if (input.bits(1)) throw corrupt("it uses the randomised blocks of bzip2 0.9, which are not read");
  const start = input.bits(24);
  const symbols = readSymbols(input);
  const codes = readCodes(input, symbols.length + 2);
  const last = new Uint32Array(blockSize);
  const counts = new Uint32Array(256);
  const length = readMovedToFront(input, { symbols, ...codes, last, counts });
  if (start >= length) throw corrupt("a block points outside itself");
  return expandRuns(invertTransform(last.subarray(0, length), counts, start));
}

/** The bytes that occur in the block. */
function readSymbols(input: BitReader): Uint8Array {
  const groups = input.bits(16);
  const symbols: number[] = [];
  for (let group = 0; group < 16; group++) {
    if (!(groups & (0x8000 >> group))) continue;
    const members = input.bits(16);
    for (let i = 0; i < 16; i++) if (members & (0x8000 >> i)) symbols.push(group * 16 + i);
  }
  if (symbols.length === 0) throw corrupt("a block without symbols");
  return Uint8Array.from(symbols);
}

interface MovedToFront extends Codes {
  readonly symbols: Uint8Array;
  /** Filled with the last column of the sorted rotations. */
  readonly last: Uint32Array;
  /** Filled with how often each byte occurs. */
  readonly counts: Uint32Array;
}

/** Decodes the block's symbols and returns how many bytes they stand for. */
function readMovedToFront(
  input: BitReader,
  { symbols, tables, selectors, last, counts }: MovedToFront,
): number {
  const front = symbols.slice();
  const end = symbols.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  const repeat = (byte: number, times: number) => {
    if (length + times > last.length) throw corrupt("a block holds more than it may");
    last.fill(byte, length, length + times);
    counts[byte] += times;
    length += times;
  };
  for (let read = 0; ; read++) {
    const selector = Math.floor(read / 50);
    if (selector >= selectors.length) throw corrupt("a block ends too late");
    const symbol = readSymbol(input, tables[selectors[selector]]);
    if (symbol <= 1) {
      run += weight << symbol;
      if (run > last.length) throw corrupt("a run longer than its block");
      weight <<= 1;
      continue;
    }
    if (run > 0) repeat(front[0], run);
    run = 0;
    weight = 1;
    if (symbol === end) return length;
    const byte = front[symbol - 1];
    front.copyWithin(1, 0, symbol - 1);
    front[0] = byte;
    if (length === last.length) throw corrupt("a block holds more than it may");
    last[length++] = byte;
    counts[byte]++;
  }
}

/** Inverse Burrows-Wheeler transform: follows each row's successor, kept in the upper 24 bits of `last`. */
function invertTransform(last: Uint32Array, counts: Uint32Array, start: number): Uint8Array {
  const next = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte++) next[byte] = next[byte - 1] + counts[byte - 1];
  for (let row = 0; row < last.length; row++) last[next[last[row] & 255]++] |= row << 8;
  const bytes = new Uint8Array(last.length);
  let position = last[start] >>> 8;
  for (let i = 0; i < bytes.length; i++) {
    const entry = last[position];
    bytes[i] = entry & 255;
    position = entry >>> 8;
  }
  return bytes;
}

/** After four equal bytes comes how many more of them there are. */
function expandRuns(bytes: Uint8Array): Uint8Array {
  let target = new Uint8Array(bytes.length * 2 + 256);
  let length = 0;
  let equal = 0;
  let before = -1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (length + 256 > target.length) target = enlarge(target);
    if (equal === 4) {
      target.fill(before, length, length + byte);
      length += byte;
      equal = 0;
      before = -1;
      continue;
    }
    equal = byte === before ? equal + 1 : 1;
    before = byte;
    target[length++] = byte;
  }
  return target.subarray(0, length);
}

function enlarge(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
