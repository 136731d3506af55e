import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { decodeFloat16, encodeFloat16, roomForFloat16 } from "../../src/volume/float16.ts";
import { vectorUnit } from "../../src/volume/simd/vector-unit.ts";

const patterns = Uint16Array.from({ length: 65536 }, (_, pattern) => pattern);

/** The value of a pattern, straight from IEEE 754: fields of 1, 5 and 10 bits. */
function meaningOf(pattern: number): number {
  const [, sign, exponent, fraction] = /^(.)(.{5})(.{10})$/.exec(pattern.toString(2).padStart(16, "0"))!;
  const negative = sign === "1" ? -1 : 1;
  const significand = Number.parseInt(fraction, 2) / 1024;
  const power = Number.parseInt(exponent, 2);
  if (power === 31) return significand ? Number.NaN : negative * Number.POSITIVE_INFINITY;
  return negative * (power ? 2 ** (power - 15) * (1 + significand) : 2 ** -14 * significand);
}

/** Asserts one number at a time only where something is wrong: there are many. */
function assertBits(actual: Uint16Array, expected: readonly number[], values: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  const wrong = expected.findIndex((bits, i) => bits !== actual[i]);
  assert.equal(wrong, -1, `${values[wrong]} became ${actual[wrong]} instead of ${expected[wrong]}`);
}

test("the machine that runs these tests has vectors", () => {
  assert.ok(vectorUnit());
});

for (const [way, unit] of [["on vectors", vectorUnit()] as const, ["by plain code", null] as const]) {
  test(`each of the 65536 patterns decodes to its value, ${way}`, () => {
    const values = decodeFloat16(patterns, undefined, unit);
    for (const pattern of patterns)
      assert.ok(Object.is(values[pattern], meaningOf(pattern)), `pattern ${pattern}: ${values[pattern]}`);
  });

  test(`each pattern survives decoding and encoding; every NaN becomes the quiet one of its sign, ${way}`, () => {
    const again = encodeFloat16(decodeFloat16(patterns, undefined, unit), undefined, unit);
    for (const pattern of patterns) {
      const nan = Number.isNaN(meaningOf(pattern));
      if (nan) assert.equal(again[pattern] & 0x7fff, 0x7e00);
      else assert.equal(again[pattern], pattern);
    }
  });

  test(`a value between two patterns goes to the nearer one, a tie to the even one, for every pair of neighbours, ${way}`, () => {
    const values: number[] = [];
    const expected: number[] = [];
    for (let pattern = 0; pattern < 0x7bff; pattern++) {
      const [low, high] = [meaningOf(pattern), meaningOf(pattern + 1)];
      const middle = (low + high) / 2;
      const even = pattern % 2 === 0 ? pattern : pattern + 1;
      const below = Math.fround(low + (high - low) * 0.499);
      const above = Math.fround(low + (high - low) * 0.501);
      values.push(middle, below, above, -middle, -above);
      expected.push(even, pattern, pattern + 1, even | 0x8000, (pattern + 1) | 0x8000);
    }
    assertBits(encodeFloat16(values, undefined, unit), expected, values);
  });

  test(`what is too large becomes infinite, what is too small becomes zero, ${way}`, () => {
    const values = [65504, 65519.99, 65520, 1e30, -1e30, 2 ** -25, 2 ** -25 * 1.001, -(2 ** -26)];
    const expected = [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 1, 0x8000];
    assertBits(encodeFloat16(values, undefined, unit), expected, values);
  });
}

test("vectors and plain code give the same bits: any upper half of a float32 with lower halves about each tie", () => {
  const lower = [
    0, 1, 0x0fff, 0x1000, 0x1001, 0x1fff, 0x2000, 0x3000, 0x7fff, 0x8000, 0xefff, 0xf000, 0xffff,
  ];
  for (const low of lower) {
    const words = Uint32Array.from({ length: 65536 }, (_, high) => high * 65536 + low);
    const floats = new Float32Array(words.buffer);
    assertBits(encodeFloat16(floats), [...encodeFloat16(floats, undefined, null)], [...floats]);
  }
});

test("lengths that are no multiple of a vector, nor of a block, keep every value", () => {
  const random = new Random(4);
  for (const length of [0, 1, 7, 8, 9, 32768, 32771, 70_001]) {
    const values = Float32Array.from({ length }, () => 1000 * random.normal());
    const bits = encodeFloat16(values);
    assertBits(bits, [...encodeFloat16(values, undefined, null)], [...values]);
    assert.deepEqual(decodeFloat16(bits), decodeFloat16(bits, undefined, null));
  }
});

test("patterns in the second half of the values' own memory are spread without loss", () => {
  for (const length of [1, 3, 8, 40_003, 131_072])
    for (const unit of [undefined, null]) {
      const bits = Uint16Array.from({ length }, (_, i) => (i * 37) % 31_000);
      const values = new Float32Array(length);
      roomForFloat16(values).set(bits);
      assert.equal(decodeFloat16(roomForFloat16(values), values, unit), values);
      assert.deepEqual(values, decodeFloat16(bits));
    }
});
