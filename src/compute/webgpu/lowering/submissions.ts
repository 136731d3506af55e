/**
 * A run is submitted to the GPU in parts. Drivers stop work that takes seconds in one piece, inputs need not be there before the
 * part that reads them, and results come back while later parts are computed.
 */
import type { Graph, ValueId } from "../../../network/graph.ts";
import type { LoweredGraph } from "./lower.ts";

export interface Submission {
  /** Its dispatches: from the first up to, and without, the last. */
  readonly dispatches: readonly [first: number, end: number];
  /** Names of the inputs that are fed before it, which it is the first to read. */
  readonly feeds: readonly string[];
  /** Names of the outputs that are there after it. */
  readonly results: readonly string[];
}

/** Floating-point operations of a submission: a second of a slow GPU, some milliseconds of a fast one. */
export const usualWork = 1e11;

/** Kept inputs are neither fed nor read back. A submission does at most `most` floating-point operations, or one dispatch. */
export function planSubmissions(
  graph: Graph,
  lowered: LoweredGraph,
  { kept = new Set(), most = usualWork }: { kept?: ReadonlySet<string>; most?: number } = {},
): readonly Submission[] {
  const ranges = rangesOf(lowered.work, most);
  const { first, written } = usesOf(lowered, ranges);
  const isOf =
    (index: number, uses: (value: ValueId) => number | undefined) =>
    ([name, value]: readonly [string, ValueId]) =>
      !kept.has(name) && (uses(value) ?? 0) === index;
  const nameOf = ([name]: readonly [string, ValueId]) => name;
  const fedBefore = (value: ValueId) => first.get(value);
  const thereAfter = (value: ValueId) => written.get(value) ?? first.get(value);
  return ranges.map((dispatches, index) => ({
    dispatches,
    feeds: Object.entries(graph.inputs).filter(isOf(index, fedBefore)).map(nameOf),
    results: Object.entries(graph.outputs).filter(isOf(index, thereAfter)).map(nameOf),
  }));
}

function rangesOf(work: readonly number[], most: number): readonly (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  let first = 0;
  let sum = 0;
  for (const [index, one] of work.entries()) {
    if (one > 0 && sum > 0 && sum + one > most) {
      ranges.push([first, index]);
      [first, sum] = [index, 0];
    }
    sum += one;
  }
  return [...ranges, [first, work.length]];
}

/** The submissions that first use a value at all, and those that last write it. */
function usesOf({ dispatches }: LoweredGraph, ranges: readonly (readonly [number, number])[]) {
  const first = new Map<ValueId, number>();
  const written = new Map<ValueId, number>();
  for (const [index, [from, end]] of ranges.entries())
    for (const { reads, writes } of dispatches.slice(from, end)) {
      for (const { buffer } of [...reads, ...writes]) if (!first.has(buffer)) first.set(buffer, index);
      for (const { buffer } of writes) written.set(buffer, index);
    }
  return { first, written };
}
