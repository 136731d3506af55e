/** Strips and tiles of TIFF: unpacked, and differences between neighbours summed up. Source: TIFF 6.0; Adobe's technical notes 1 and 3. */
import { promisify } from "node:util";
import { inflate } from "node:zlib";

export const compressions: ReadonlyMap<number, string> = new Map([
  [1, "not compressed"],
  [5, "LZW"],
  [8, "Deflate"],
  [32946, "Deflate"],
  [32773, "PackBits"],
]);

/** `expected` bytes, or more. Throws an Error that says what is wrong, without a file. */
export async function unpackPiece(
  stored: Uint8Array,
  compression: number,
  expected: number,
): Promise<Uint8Array> {
  switch (compression) {
    case 5:
      return unpackLzw(stored, expected);
    case 8:
    case 32946:
      // the last strip may be packed as long as the others
      return promisify(inflate)(stored, { maxOutputLength: Math.max(1, 4 * expected + 65536) });
    case 32773:
      return unpackBits(stored, expected);
    default:
      return stored;
  }
}

function unpackBits(stored: Uint8Array, expected: number): Uint8Array {
  const target = new Uint8Array(expected);
  let to = 0;
  for (let from = 0; from < stored.length && to < expected; ) {
    const count = stored[from++]!;
    if (count < 128) {
      const part = stored.subarray(from, Math.min(from + count + 1, from + expected - to));
      target.set(part, to);
      to += part.length;
      from += count + 1;
    } else if (count > 128) {
      const end = Math.min(expected, to + 257 - count);
      target.fill(stored[from++] ?? 0, to, end);
      to = end;
    }
  }
  if (to < expected) throw new Error("a piece is cut off");
  return target;
}

const clearCode = 256;
const endCode = 257;

/** Codes of 9 to 12 bits, the highest bit first; their length grows one code early. */
function unpackLzw(stored: Uint8Array, expected: number): Uint8Array {
  const target = new Uint8Array(expected);
  // each code stands for bytes that were written before, and one more
  const [starts, lengths] = [new Int32Array(4097), new Int32Array(4097)];
  let [to, next, width, previous] = [0, 258, 9, -1];
  let [bits, held, from] = [0, 0, 0];
  while (to < expected) {
    while (held < width) {
      if (from >= stored.length) throw new Error("a piece is cut off");
      bits = ((bits << 8) | stored[from++]!) & 0xffffff;
      held += 8;
    }
    const code = (bits >> (held - width)) & ((1 << width) - 1);
    held -= width;
    if (code === endCode) break;
    if (code === clearCode) {
      [next, width, previous] = [258, 9, -1];
      continue;
    }
    const isNew = code >= next;
    if ((isNew && (code > next || previous < 0)) || next > 4096) throw new Error("a piece is damaged");
    const start = to;
    const of = isNew ? previous : code;
    const length = of < 256 ? 1 : lengths[of]!;
    const source = of < 256 ? -1 : starts[of]!;
    for (let i = 0; i < length && to < expected; i++) target[to++] = source < 0 ? of : target[source + i]!;
    if (isNew && to < expected) target[to++] = target[start]!;
    if (previous >= 0) {
      // what came before, and the first byte of this: they lie one behind the other
      const before = previous < 256 ? 1 : lengths[previous]!;
      starts[next] = start - before;
      lengths[next] = before + 1;
      next++;
      if (next >= (1 << width) - 1 && width < 12) width++;
    }
    previous = code;
  }
  if (to < expected) throw new Error("a piece is cut off");
  return target;
}

interface Rows {
  /** Numbers in a row. */
  readonly width: number;
  /** Bytes of a number. */
  readonly bytes: number;
  readonly littleEndian: boolean;
}

/** Predictor 2, in place: each number is stored as its difference from the one before. */
export function sumDifferences(piece: Uint8Array, { width, bytes, littleEndian }: Rows): void {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  const rowBytes = width * bytes;
  for (let row = 0; row + rowBytes <= piece.length; row += rowBytes)
    for (let at = row + bytes; at < row + rowBytes; at += bytes) {
      if (bytes === 1) piece[at] = piece[at]! + piece[at - 1]!;
      else if (bytes === 2)
        view.setUint16(
          at,
          view.getUint16(at, littleEndian) + view.getUint16(at - 2, littleEndian),
          littleEndian,
        );
      else if (bytes === 4)
        view.setUint32(
          at,
          view.getUint32(at, littleEndian) + view.getUint32(at - 4, littleEndian),
          littleEndian,
        );
      else
        view.setBigUint64(
          at,
          view.getBigUint64(at, littleEndian) + view.getBigUint64(at - 8, littleEndian),
          littleEndian,
        );
    }
}

/** Predictor 3: the bytes of floats, the highest of all first, as differences. Returns them in the file's order. */
export function sumFloatDifferences(
  piece: Uint8Array,
  { width, bytes, littleEndian }: Rows,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(piece.length);
  const rowBytes = width * bytes;
  for (let row = 0; row + rowBytes <= piece.length; row += rowBytes) {
    for (let at = row + 1; at < row + rowBytes; at++) piece[at] = piece[at]! + piece[at - 1]!;
    for (let column = 0; column < width; column++)
      for (let byte = 0; byte < bytes; byte++)
        result[row + column * bytes + (littleEndian ? bytes - 1 - byte : byte)] =
          piece[row + byte * width + column]!;
  }
  return result;
}
