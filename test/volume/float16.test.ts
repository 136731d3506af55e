import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFloat16, encodeFloat16 } from "../../src/volume/float16.ts";

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

test("each of the 65536 patterns decodes to its value", () => {
  const values = decodeFloat16(patterns);
  for (const pattern of patterns)
    assert.ok(Object.is(values[pattern], meaningOf(pattern)), `pattern ${pattern}: ${values[pattern]}`);
});

test("each pattern survives decoding and encoding; every NaN becomes the quiet one of its sign", () => {
  const again = encodeFloat16(decodeFloat16(patterns));
  for (const pattern of patterns) {
    const nan = Number.isNaN(meaningOf(pattern));
    if (nan) assert.equal(again[pattern] & 0x7fff, 0x7e00);
    else assert.equal(again[pattern], pattern);
  }
});

test("a value between two patterns goes to the nearer one, a tie to the even one, for every pair of neighbours", () => {
  for (let pattern = 0; pattern < 0x7bff; pattern++) {
    const [low, high] = [meaningOf(pattern), meaningOf(pattern + 1)];
    const middle = (low + high) / 2;
    const even = pattern % 2 === 0 ? pattern : pattern + 1;
    const below = Math.fround(low + (high - low) * 0.499);
    const above = Math.fround(low + (high - low) * 0.501);
    assert.deepEqual(
      [...encodeFloat16([middle, below, above])],
      [even, pattern, pattern + 1],
      `after ${pattern}`,
    );
    assert.deepEqual([...encodeFloat16([-middle, -above])], [even | 0x8000, (pattern + 1) | 0x8000]);
  }
});

test("what is too large becomes infinite, what is too small becomes zero", () => {
  const bits = encodeFloat16([65504, 65519.99, 65520, 1e30, -1e30, 2 ** -25, 2 ** -25 * 1.001, -(2 ** -26)]);
  assert.deepEqual([...bits], [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 1, 0x8000]);
});
