/** Sample weights: objects that are drawn more often than others, in proportion to a field of the object lists. */
import { TomoflowError } from "../core/error.ts";
import type { Random } from "../core/random.ts";
import type { TomogramObject } from "../objects/object-list.ts";

/** Draws an index; how often each comes is fixed. */
export type DrawIndex = (random: Random) => number;

/**
 * The weight of an object: its `score`, `margin` or `clusterSize`, or an extra column or attribute of its list.
 *
 * @throws TomoflowError `sample-weight` when the field is missing, no number, or below 0
 */
export function sampleWeightOf(object: TomogramObject, field: string): number {
  const weight = readSampleWeight(object, field);
  if (weight !== undefined) return weight;
  const { label, x, y, z } = object;
  throw new TomoflowError(
    "sample-weight",
    `the object of class ${label} at x ${x}, y ${y}, z ${z} has no weight: its \`${field}\` is missing or no number of at least 0`,
    { hint: "give every object one, or leave `sampleWeight` out" },
  );
}

/** The weight, or undefined where there is none that can be used. */
export function readSampleWeight(object: TomogramObject, field: string): number | undefined {
  const known: Readonly<Record<string, number | undefined>> = {
    score: object.score,
    margin: object.margin,
    clusterSize: object.clusterSize,
  };
  const text = object.extra?.[field];
  const weight = known[field] ?? (text === undefined || text.trim() === "" ? Number.NaN : Number(text));
  return Number.isFinite(weight) && weight >= 0 ? weight : undefined;
}

/** Draws indices in proportion to `weights`; when all are alike (`weighted: false`), by one whole random number. */
export function drawInProportion(weights: readonly number[], weighted: boolean): DrawIndex {
  if (!weighted) return (random) => random.integer(0, weights.length - 1);
  const sums: number[] = [];
  let total = 0;
  for (const weight of weights) {
    total += weight;
    sums.push(total);
  }
  return (random) => {
    const at = random.uniform() * total;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
