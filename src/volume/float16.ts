/**
 * IEEE 754 binary16 to and from binary32, exactly: encoding to the nearest, ties to even, subnormals and infinities kept; on
 * vectors where there are any, else one after another. Node 20 has no Float16Array.
 */
import { blockBytes, lanes } from "./simd/kernels.ts";
import { type VectorUnit, vectorUnit } from "./simd/vector-unit.ts";

/** Largest finite float16. */
export const largestFloat16 = 65504;

/**
 * Room for the bit patterns of `values` in the second half of their own memory, from where `decodeFloat16` spreads them from the
 * front on and never reaches one that is still to come.
 */
export const roomForFloat16 = (values: Float32Array): Uint16Array =>
  new Uint16Array(values.buffer, values.byteOffset + 2 * values.length, values.length);

/**
 * The values of float16 bit patterns; `target` (same length) takes them when given, and may be whose memory they lie in (see
 * `roomForFloat16`). `unit` null: by plain code.
 */
export function decodeFloat16(
  bits: Uint16Array,
  target: Float32Array = new Float32Array(bits.length),
  unit: VectorUnit | null = vectorUnit(),
): Float32Array {
  const whole = unit ? bits.length - (bits.length % lanes) : 0;
  for (let start = 0; unit && start < whole; start += atOnce) {
    const part = bits.subarray(start, Math.min(whole, start + atOnce));
    unit.float16Bits.set(part);
    unit.run("decodeFloat16", part.byteLength);
    target.set(unit.decoded.subarray(0, part.length), start);
  }
  decodePlainly(bits.subarray(whole), target.subarray(whole));
  return target;
}

/**
 * The float16 bit patterns nearest to `values`, in `bits` (same length) when given; what exceeds 65519.99… becomes infinite.
 * `unit` null: by plain code.
 */
export function encodeFloat16(
  values: ArrayLike<number>,
  bits: Uint16Array = new Uint16Array(values.length),
  unit: VectorUnit | null = vectorUnit(),
): Uint16Array {
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  const whole = unit ? floats.length - (floats.length % lanes) : 0;
  for (let start = 0; unit && start < whole; start += atOnce) {
    const part = floats.subarray(start, Math.min(whole, start + atOnce));
    unit.float32.set(part);
    unit.run("encodeFloat16", part.byteLength);
    bits.set(unit.float16Bits.subarray(0, part.length), start);
  }
  encodePlainly(floats.subarray(whole), bits.subarray(whole));
  return bits;
}

/** A whole block of float32, coming in or out. */
const atOnce = blockBytes / 4;

let decoded: Float32Array | undefined;

function decodePlainly(bits: Uint16Array, target: Float32Array): void {
  if (bits.length === 0) return;
  decoded ??= decodeAllPatterns();
  for (let i = 0; i < bits.length; i++) target[i] = decoded[bits[i]];
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

function encodePlainly(floats: Float32Array, bits: Uint16Array): void {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  for (let i = 0; i < words.length; i++) bits[i] = encodeWord(words[i]!);
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
