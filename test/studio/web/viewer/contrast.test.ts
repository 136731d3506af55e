import assert from "node:assert/strict";
import { test } from "node:test";
import {
  autoContrast,
  binned,
  type Histogram,
  histogramOf,
  percentileContrast,
  shortValue,
  shownRange,
  valueAt,
} from "../../../../src/studio/web/viewer/contrast/histogram.ts";
import { lengthWords, scaleBar } from "../../../../src/studio/web/viewer/scale-bar.ts";

/** Codes around the middle, as a normal distribution has them, with a bead of gold and a hole of zeros. */
function noisy(code: Histogram["code"]): Histogram {
  const codes: number[] = [];
  for (let step = 1; step < 2000; step++) {
    const part = step / 2000;
    // logistic quantile, close to normal
    codes.push(Math.round(32768 + 3000 * Math.log(part / (1 - part))));
  }
  codes.push(...Array<number>(10).fill(0), ...Array<number>(10).fill(65535));
  return histogramOf([Uint16Array.from(codes)], code)!;
}

for (const [name, code] of [
  ["±0.001", { offset: -0.001, scale: 0.002 / 65535 }],
  ["±40,000", { offset: -40_000, scale: 80_000 / 65535 }],
] as const)
  test(`automatic contrast of ${name}: mean grey 150, deviation 40, dark below, whatever gold and holes do`, () => {
    const histogram = noisy(code);
    const { low, high, inverted } = autoContrast(histogram);
    const middle = valueAt(histogram, 0.5);
    const deviation = (valueAt(histogram, 0.84) - valueAt(histogram, 0.16)) / 2;
    assert.equal(inverted, false);
    assert.ok(Math.abs((255 * (middle - low)) / (high - low) - 150) < 0.01);
    assert.ok(Math.abs((255 * deviation) / (high - low) - 40) < 0.01);
  });

test("a volume of one value still has a contrast", () => {
  const flat = histogramOf([new Uint16Array(100).fill(7)], { offset: 2, scale: 0.5 })!;
  assert.deepEqual(autoContrast(flat), { low: 5.25, high: 5.75, inverted: false });
  assert.deepEqual(percentileContrast(flat, 0.01, 0.99), { low: 5.25, high: 5.75, inverted: false });
  const { from, to } = shownRange(flat, { low: 5.25, high: 5.75, inverted: false });
  assert.ok(from <= 5.25 && to >= 5.75);
  assert.equal(histogramOf([], flat.code), null);
});

test("percentiles are values of voxels, the ends the least and the most", () => {
  const histogram = histogramOf([Uint16Array.from({ length: 100 }, (_, index) => index + 1)], {
    offset: -10,
    scale: 2,
  })!;
  assert.deepEqual(
    [0, 0.01, 0.5, 0.99, 1].map((part) => valueAt(histogram, part)),
    [-8, -8, 90, 188, 190],
  );
});

test("bins count every voxel of their range once", () => {
  const histogram = histogramOf([Uint16Array.of(0, 0, 0, 0, 1, 2, 3)], { offset: 0, scale: 1 })!;
  assert.deepEqual([...binned(histogram, { from: 0, to: 4 }, 4)], [1, 0.5, 0.5, 0.5]);
  assert.deepEqual([...binned(histogram, { from: 0.5, to: 2.5 }, 2)], [1, 1]);
});

test("values and lengths are written short", () => {
  assert.deepEqual([0, 0.00098, 0.0000123, 12.34567, 123_456].map(shortValue), [
    "0",
    "0.00098",
    "1.23e-5",
    "12.35",
    "1.23e+5",
  ]);
  assert.deepEqual([50, 100, 2000, 10_000].map(lengthWords), ["50 Å", "10 nm", "200 nm", "1 µm"]);
  assert.deepEqual(scaleBar(0.5, 140), { angstrom: 200, width: 100, words: "20 nm" });
  assert.equal(scaleBar(0.5, 100).angstrom, 200);
  assert.equal(scaleBar(0.5, 99).angstrom, 100);
});
