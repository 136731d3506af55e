/**
 * IEEE 754 binary16 to and from binary32, exactly: decoding by a table of all 65536 patterns, encoding to the nearest,
 * ties to even, subnormals and infinities kept. Node 20 has no Float16Array.
 */

/** Largest finite float16. */
export const largestFloat16 = 65504;

let decoded: Float32Array | undefined;

/** The values of float16 bit patterns; `target` (same length) takes them when given. */
export function decodeFloat16(bits: Uint16Array, target = new Float32Array(bits.length)): Float32Array {
  decoded ??= decodeAllPatterns();
  const table = decoded;
  for (let i = 0; i < bits.length; i++) target[i] = table[bits[i]];
  return target;
}

/** The float16 bit patterns nearest to `values`; what exceeds 65519.99… becomes infinite. */
export function encodeFloat16(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const magnitude = word & 0x7fffffff;
    // What stays a normal number, as nearly all do, without a branch: half a unit less one is added, one more to odd numbers.
    bits[i] =
      magnitude >= 0x38800000 && magnitude < 0x477ff000
        ? ((word >>> 16) & 0x8000) | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
        : encodeWord(word);
  }
  return bits;
}

function decodeAllPatterns(): Float32Array {
  return Float32Array.from({ length: 65536 }, (_, pattern) => {
    const sign = pattern & 0x8000 ? -1 : 1;
    const exponent = (pattern >> 10) & 31;
    const fraction = pattern & 1023;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
  });
}

/** `word` is a float32 bit pattern. */
function encodeWord(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude <= 0x33000000) return sign;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13);
  const shift = 126 - (magnitude >>> 23);
  return shift > 24 ? sign : sign | roundShift((magnitude & 0x7fffff) | 0x800000, shift);
}

/** `value` / 2^`shift`, to the nearest integer, ties to even. */
function roundShift(value: number, shift: number): number {
  const floor = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && floor & 1) ? floor + 1 : floor;
}
