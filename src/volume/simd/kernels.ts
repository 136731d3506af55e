/**
 * Loops over blocks of voxels on 128-bit vectors. Each has a plain twin in TypeScript that gives the same bits, used where a
 * processor lacks such vectors and to test against: block-statistics.ts, normalise.ts, float16.ts.
 */
import {
  at,
  type Code,
  f32x4,
  f64,
  f64x2,
  firstVector,
  get,
  i16x8,
  i32,
  i32x4,
  i64x2,
  type Kernel,
  set,
  v128,
} from "./assembler.ts";
import { shuffleKernels } from "./shuffle-kernels.ts";

/** The largest block, bytes in and bytes out: both fit the processor's second cache, and JavaScript is seldom asked. */
export const blockBytes = 131072;

/** Where things lie in the kernels' memory, in bytes; what comes in lies at 0. */
export const addresses = {
  float32FromFloat16: blockBytes / 2,
  /** Two float64: mean, scale. */
  scaling: 2 * blockBytes,
  /** A float64 a lane each. */
  sums: 2 * blockBytes + 64,
  minima: 2 * blockBytes + 128,
  maxima: 2 * blockBytes + 192,
  /** Vectors of sums, squares, minima and maxima of integers. */
  integers: 2 * blockBytes + 256,
} as const;

export const pages = 5;

/** Sums run in so many lanes: value i of a block belongs to lane i mod 8. */
export const lanes = 8;
const pairs = lanes / 2;

interface Values {
  /** Eight values. */
  readonly bytes: number;
  /** Two of them as float64. */
  readonly load: (pair: number) => Code;
}

const float32: Values = {
  bytes: 32,
  load: (pair) => f64x2.fromFloat32(v128.loadHalf(8 * pair, get(at))),
};
const float64: Values = { bytes: 64, load: (pair) => v128.load(16 * pair, get(at)) };

const forPairs = (code: (pair: number) => Code): Code =>
  Array.from({ length: pairs }, (_, pair) => code(pair)).flat();

const storePairs = (address: number, first: number): Code =>
  forPairs((pair) => v128.store(address + 16 * pair, i32.const(0), get(first + pair)));

/** Sum, minimum and maximum of each lane. */
function rangeAndSum({ bytes, load }: Values): Kernel {
  const [sums, minima, maxima, value] = [0, 1, 2, 3].map((which) => firstVector + which * pairs);
  return {
    vectors: 3 * pairs + 1,
    step: bytes,
    before: forPairs((pair) => [...set(minima + pair, load(pair)), ...set(maxima + pair, load(pair))]),
    body: forPairs((pair) => [
      ...set(value, load(pair)),
      ...set(sums + pair, f64x2.add(get(sums + pair), get(value))),
      ...set(minima + pair, f64x2.lesser(get(minima + pair), get(value))),
      ...set(maxima + pair, f64x2.greater(get(maxima + pair), get(value))),
    ]),
    after: [
      ...storePairs(addresses.sums, sums),
      ...storePairs(addresses.minima, minima),
      ...storePairs(addresses.maxima, maxima),
    ],
  };
}

/**
 * Exact sums of integers of 8 or 16 bits, the latter without sign less 32768: four 32-bit lanes of values, two 64-bit lanes of
 * squares; minimum and maximum, eight 16-bit lanes. Two squares together need all 32 bits, no sign.
 */
function integerSums(bytes: number, load: Code): Kernel {
  const [value, sums, squares, minima, maxima, products] = [0, 1, 2, 3, 4, 5].map((n) => firstVector + n);
  const half = (part: (...operands: readonly Code[]) => Code) =>
    set(squares, i64x2.add(get(squares), part(get(products))));
  return {
    vectors: 6,
    step: bytes,
    before: [...set(minima, load), ...set(maxima, load)],
    body: [
      ...set(value, load),
      ...set(sums, i32x4.add(get(sums), i32x4.productsOfInt16(get(value), i16x8.of(1)))),
      ...set(products, i32x4.productsOfInt16(get(value), get(value))),
      ...half(i64x2.fromLowerUint32),
      ...half(i64x2.fromUpperUint32),
      ...set(minima, i16x8.lesser(get(minima), get(value))),
      ...set(maxima, i16x8.greater(get(maxima), get(value))),
    ],
    after: [sums, squares, minima, maxima].flatMap((vector, index) =>
      v128.store(addresses.integers + 16 * index, i32.const(0), get(vector)),
    ),
  };
}

const mean = f64.load(addresses.scaling);
const scale = f64.load(addresses.scaling + 8);

/** Sum of each lane of (value − mean)². */
function squaresAboutMean({ bytes, load }: Values): Kernel {
  const [sums, means, value] = [firstVector, firstVector + pairs, firstVector + pairs + 1];
  return {
    vectors: pairs + 2,
    step: bytes,
    before: set(means, f64x2.splat(mean)),
    body: forPairs((pair) => [
      ...set(value, f64x2.subtract(load(pair), get(means))),
      ...set(sums + pair, f64x2.add(get(sums + pair), f64x2.multiply(get(value), get(value)))),
    ]),
    after: storePairs(addresses.sums, sums),
  };
}

/** (value − mean) · scale in float64, then float32, in place. */
function scaleFloat32(): Kernel {
  const [means, scales] = [firstVector, firstVector + 1];
  const scaled = (pair: number) =>
    f64x2.multiply(f64x2.subtract(float32.load(pair), get(means)), get(scales));
  return {
    vectors: 2,
    step: float32.bytes,
    before: [...set(means, f64x2.splat(mean)), ...set(scales, f64x2.splat(scale))],
    body: forPairs((pair) => v128.storeHalf(8 * pair, get(at), f64x2.toFloat32(scaled(pair)))),
  };
}

const shiftLeft = (value: Code, bits: number): Code => i32x4.shiftLeft(value, i32.const(bits));
const shiftRight = (value: Code, bits: number): Code => i32x4.shiftRight(value, i32.const(bits));

/**
 * Eight float32 at a time to float16, in place. Of what becomes a normal number, half a unit less one is added to the bits, one
 * more to odd numbers, and 13 bits are dropped; what becomes subnormal is rounded by adding 0.5, whose last bit is worth as much
 * as that of a float16 subnormal. Source: F. Giesen, float→half conversion, round to nearest even (2016).
 */
function encodeFloat16(): Kernel {
  const [word, magnitude, ...halves] = [0, 1, 2, 3].map((which) => firstVector + which);
  const half = i32x4.of(0x3f000000);
  const odd = v128.and(shiftRight(get(magnitude), 13), i32x4.of(1));
  const normal = shiftRight(i32x4.add(i32x4.add(get(magnitude), i32x4.of(0xfff - 0x38000000)), odd), 13);
  const subnormal = i32x4.subtract(f32x4.add(get(magnitude), half), half);
  const greaterThan = (limit: number) => i32x4.greater(get(magnitude), i32x4.of(limit));
  const finite = v128.select(normal, subnormal, greaterThan(0x387fffff));
  const notFinite = v128.select(i32x4.of(0x7e00), i32x4.of(0x7c00), greaterThan(0x7f800000));
  const sign = v128.and(shiftRight(get(word), 16), i32x4.of(0x8000));
  const convert = (which: number): Code => [
    ...set(word, v128.load(16 * which, get(at))),
    ...set(magnitude, v128.and(get(word), i32x4.of(0x7fffffff))),
    ...set(halves[which], v128.or(v128.select(notFinite, finite, greaterThan(0x477fefff)), sign)),
  ];
  const target = i32.shiftRight(get(at), i32.const(1));
  const together = i32x4.toUint16(get(halves[0]), get(halves[1]));
  return { vectors: 4, step: 32, body: [...convert(0), ...convert(1), ...v128.store(0, target, together)] };
}

/** Eight float16 at a time to float32: exponents move by 112; subnormals get one and lose it again as a number, which is exact. */
function decodeFloat16(): Kernel {
  const [bits, magnitude] = [firstVector, firstVector + 1];
  const exponent = v128.and(get(bits), i32x4.of(0x7c00));
  const normal = i32x4.add(get(magnitude), i32x4.of(0x38000000));
  const notFinite = i32x4.add(get(magnitude), i32x4.of(0x70000000));
  const smallest = i32x4.of(0x38800000);
  const subnormal = f32x4.subtract(i32x4.add(get(magnitude), smallest), smallest);
  const finite = v128.select(subnormal, normal, i32x4.equal(exponent, i32x4.of(0)));
  const value = v128.select(notFinite, finite, i32x4.equal(exponent, i32x4.of(0x7c00)));
  const sign = shiftLeft(v128.and(get(bits), i32x4.of(0x8000)), 16);
  const target = i32.shiftLeft(get(at), i32.const(1));
  const convert = (which: number): Code => [
    ...set(bits, v128.loadUint16(8 * which, get(at))),
    ...set(magnitude, shiftLeft(v128.and(get(bits), i32x4.of(0x7fff)), 13)),
    ...v128.store(addresses.float32FromFloat16 + 16 * which, target, v128.or(value, sign)),
  ];
  return { vectors: 2, step: 16, body: [...convert(0), ...convert(1)] };
}

export const kernels = {
  rangeAndSumFloat32: rangeAndSum(float32),
  rangeAndSumFloat64: rangeAndSum(float64),
  squaresAboutMeanFloat32: squaresAboutMean(float32),
  squaresAboutMeanFloat64: squaresAboutMean(float64),
  sumsInt8: integerSums(8, v128.loadInt8(0, get(at))),
  sumsUint8: integerSums(8, v128.loadUint8(0, get(at))),
  sumsInt16: integerSums(16, v128.load(0, get(at))),
  sumsUint16: integerSums(16, v128.xor(v128.load(0, get(at)), i16x8.of(-32768))),
  scaleFloat32: scaleFloat32(),
  encodeFloat16: encodeFloat16(),
  decodeFloat16: decodeFloat16(),
  ...shuffleKernels,
} satisfies Readonly<Record<string, Kernel>>;
