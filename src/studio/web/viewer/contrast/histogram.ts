/** The histogram of what is in sight, and contrast from it. */
import type { Contrast } from "../viewer-store.ts";

export interface Histogram {
  /** How many voxels have each of the 65536 codes. */
  readonly counts: Uint32Array;
  readonly total: number;
  /** Counted over a complete picture; false: over the first coarse tiles. */
  readonly final?: boolean;
  /** The value of code c is `offset + scale × c`. */
  readonly code: { readonly offset: number; readonly scale: number };
}

/** Counts codes, e.g. of all tiles in sight; null when there are none. */
export function histogramOf(
  parts: readonly Uint16Array[],
  code: { readonly offset: number; readonly scale: number },
): Histogram | null {
  const counts = new Uint32Array(65536);
  let total = 0;
  for (const part of parts) {
    for (const one of part) counts[one]!++;
    total += part.length;
  }
  return total === 0 ? null : { counts, total, code };
}

/** The value below which this part (0 to 1) of the voxels lies. */
export function valueAt({ counts, total, code }: Histogram, part: number): number {
  const wanted = Math.min(total, Math.max(1, part * total));
  let below = 0;
  let last = 0;
  for (let one = 0; one < counts.length; one++) {
    if (counts[one] === 0) continue;
    below += counts[one]!;
    last = one;
    if (below >= wanted) break;
  }
  return code.offset + code.scale * last;
}

/** Contrast from a part of the darkest to a part of the brightest voxels, e.g. 0.01 and 0.99. */
export function percentileContrast(histogram: Histogram, low: number, high: number): Contrast {
  return widened(valueAt(histogram, low), valueAt(histogram, high), histogram);
}

/**
 * IMOD's automatic contrast: mean grey 150 and standard deviation 40 of 255, dark protein dark. Mean and deviation are the median
 * and half the distance of the 16th from the 84th percentile, so that beads of gold and holes of zeros do not count.
 */
export function autoContrast(histogram: Histogram): Contrast {
  const middle = valueAt(histogram, 0.5);
  const deviation = (valueAt(histogram, 0.84) - valueAt(histogram, 0.16)) / 2;
  const [least, most] = [valueAt(histogram, 0), valueAt(histogram, 1)];
  if (!(deviation > 0)) return widened(least, most, histogram);
  const low = Math.max(least, middle - (150 / 40) * deviation);
  const high = Math.min(most, middle + (105 / 40) * deviation);
  return widened(low, high, histogram);
}

/** Never one value alone: the smallest window is one code wide. */
const widened = (low: number, high: number, { code }: Histogram): Contrast =>
  high > low
    ? { low, high, inverted: false }
    : { low: low - code.scale / 2, high: low + code.scale / 2, inverted: false };

/** What a drawing of the histogram spans: all but the outermost 0.05 %, a tenth wider, and the contrast itself. */
export function shownRange(histogram: Histogram, { low, high }: Contrast): { from: number; to: number } {
  const from = valueAt(histogram, 0.0005);
  const to = valueAt(histogram, 0.9995);
  const margin = Math.max(to - from, histogram.code.scale) * 0.1;
  return { from: Math.min(from - margin, low), to: Math.max(to + margin, high) };
}

/** The histogram in so many bins over a range, each 0 to 1 of the fullest; square roots, so that rare values are seen. */
export function binned(
  { counts, code }: Histogram,
  { from, to }: { from: number; to: number },
  bins: number,
): Float32Array {
  const sums = new Float32Array(bins);
  const width = (to - from) / bins;
  const [first, last] = [(from - code.offset) / code.scale, (to - code.offset) / code.scale];
  for (let one = Math.max(0, Math.ceil(first)); one <= Math.min(65535, last); one++) {
    const bin = Math.min(bins - 1, Math.floor((code.offset + code.scale * one - from) / width));
    sums[bin]! += counts[one]!;
  }
  const fullest = Math.max(1, ...sums);
  return sums.map((sum) => Math.sqrt(sum / fullest));
}

/** A value as people read it: four digits that count, no more. */
export function shortValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100_000 || size < 1e-4) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}
