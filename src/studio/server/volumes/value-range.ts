/** Ranges of voxels' values that leave some voxels at either end out, whatever the values: ±0.001 beside a single 40,000 too. */
import type { VoxelArray } from "../../../volume/volume.ts";
import type { Histogram } from "../../protocol/volumes.ts";

export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** Least and greatest finite value; 0 and 0 where there is none. */
export function extremesOf(taken: readonly VoxelArray[]): ValueRange {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const voxels of taken)
    for (let i = 0; i < voxels.length; i++) {
      const value = voxels[i]!;
      if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
      if (value > high && value < Number.POSITIVE_INFINITY) high = value;
    }
  return low > high ? { low: 0, high: 0 } : { low, high };
}

/** Of the finite values from `low` to `high`. */
export function countValues(
  taken: readonly VoxelArray[],
  { low, high }: ValueRange,
  number: number,
): Histogram {
  const counts = new Array<number>(number).fill(0);
  const scale = high > low ? number / (high - low) : 0;
  for (const voxels of taken)
    for (let i = 0; i < voxels.length; i++) {
      const value = voxels[i]!;
      if (value >= low && value <= high) counts[Math.min(number - 1, Math.floor((value - low) * scale))]!++;
    }
  return { from: low, to: high, counts };
}

const bins = 4096;
/** Where a range that was found is this much narrower than the one looked at, its bins were too coarse: it is looked at again. */
const zoom = 1 / 16;
const mostLooks = 12;

/**
 * The range that leaves out the part `dark` of the finite values below it, and `bright` above.
 * @param within the extremes of the values
 */
export function rangeWithout(
  taken: readonly VoxelArray[],
  within: ValueRange,
  { dark, bright }: { readonly dark: number; readonly bright: number },
): ValueRange {
  let range = within;
  /** Finite values in all, and those below what is looked at. */
  let [all, below] = [-1, 0];
  for (let look = 0; look < mostLooks && range.high > range.low; look++) {
    const { counts } = countValues(taken, range, bins);
    const inside = counts.reduce((sum, count) => sum + count, 0);
    if (all < 0) all = inside;
    const { first, last, before } = edges(counts, dark * all - below, all - bright * all - below);
    const width = (range.high - range.low) / bins;
    const found = {
      low: Math.max(range.low, range.low + first * width),
      high: Math.min(range.high, range.low + (last + 1) * width),
    };
    const narrow = found.high - found.low < (range.high - range.low) * zoom;
    // no number lies between: one value has nearly all voxels
    if (!(found.high > found.low) || (found.low === range.low && found.high === range.high)) return found;
    range = found;
    below += before;
    if (!narrow) return range;
  }
  return range;
}

/** The bins in which the counts from the left pass `from` and reach `to`, and what lies before the first. */
function edges(counts: readonly number[], from: number, to: number) {
  let [sum, first, before, last] = [0, -1, 0, counts.length - 1];
  for (const [bin, count] of counts.entries()) {
    if (first < 0 && sum + count > from) [first, before] = [bin, sum];
    sum += count;
    if (sum >= to) {
      last = bin;
      break;
    }
  }
  return { first: Math.max(0, first), last: Math.max(last, first), before };
}
