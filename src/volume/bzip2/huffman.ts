/** The Huffman codes of a bzip2 block: up to six tables, one chosen for every 50 symbols. */
import { type BitReader, corrupt } from "./bit-reader.ts";

export interface Codes {
  readonly tables: readonly HuffmanTable[];
  /** The table of each run of 50 symbols. */
  readonly selectors: Uint8Array;
}

/** Reads the tables of a block for an alphabet of so many symbols, and which table each run of symbols uses. */
export function readCodes(input: BitReader, alphabet: number): Codes {
  const tableCount = input.bits(3);
  const selectorCount = input.bits(15);
  if (tableCount < 2 || tableCount > 6 || selectorCount < 1) throw corrupt("a block without codes");
  const order = [0, 1, 2, 3, 4, 5];
  const selectors = new Uint8Array(selectorCount);
  for (let i = 0; i < selectorCount; i++) {
    let position = 0;
    while (input.bits(1)) if (++position >= tableCount) throw corrupt("an unknown code table");
    order.unshift(...order.splice(position, 1));
    selectors[i] = order[0];
  }
  const tables = Array.from({ length: tableCount }, () => buildTable(readCodeLengths(input, alphabet)));
  return { tables, selectors };
}

function readCodeLengths(input: BitReader, alphabet: number): Uint8Array {
  const lengths = new Uint8Array(alphabet);
  let length = input.bits(5);
  for (let symbol = 0; symbol < alphabet; symbol++) {
    while (input.bits(1)) length += input.bits(1) ? -1 : 1;
    if (length < 1 || length > 20) throw corrupt("a code of impossible length");
    lengths[symbol] = length;
  }
  return lengths;
}

/** Codes up to this many bits are looked up at once. */
const quickBits = 10;

/** Canonical Huffman code. */
export interface HuffmanTable {
  /** By the next `quickBits` bits: length · 512 + symbol, or 0 where the code is longer. */
  readonly quick: Uint16Array;
  /** Symbols by code. */
  readonly sorted: Uint16Array;
  /** Largest code of each length, −1 where there is none. */
  readonly limits: Int32Array;
  /** Index in `sorted` of a code of this length = code − base. */
  readonly bases: Int32Array;
}

function buildTable(lengths: Uint8Array): HuffmanTable {
  const sorted = Uint16Array.from(lengths.keys()).sort((a, b) => lengths[a] - lengths[b] || a - b);
  const quick = new Uint16Array(1 << quickBits);
  const limits = new Int32Array(21).fill(-1);
  const bases = new Int32Array(21);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 20; length++) {
    bases[length] = code - index;
    for (; index < sorted.length && lengths[sorted[index]] === length; index++) {
      const entry = length * 512 + sorted[index];
      if (length <= quickBits)
        quick.fill(entry, code << (quickBits - length), (code + 1) << (quickBits - length));
      limits[length] = code++;
    }
    code <<= 1;
  }
  return { quick, sorted, limits, bases };
}

/** Reads one symbol. */
export function readSymbol(input: BitReader, table: HuffmanTable): number {
  const entry = table.quick[input.peek(quickBits)];
  if (entry === 0) return readLongSymbol(input, table);
  input.skip(entry >> 9);
  return entry & 511;
}

function readLongSymbol(input: BitReader, { sorted, limits, bases }: HuffmanTable): number {
  for (let length = quickBits + 1; length <= 20; length++) {
    const code = input.peek(length);
    if (code > limits[length]) continue;
    input.skip(length);
    return sorted[code - bases[length]];
  }
  throw corrupt("an unknown code");
}
