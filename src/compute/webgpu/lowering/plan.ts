/** Which values share a buffer: one is taken again once the last dispatch that needs its value is done. */
import type { Graph } from "../../../network/graph.ts";
import { readerSets } from "../program/readers.ts";
import type { BufferId } from "./dispatch.ts";
import type { LoweredGraph } from "./lower.ts";
import { planSubmissions, type Submission } from "./submissions.ts";

export interface BufferPlan {
  /** Bytes of each shared buffer, largest first. */
  readonly bytes: readonly number[];
  /** Which of them holds a value or scratch space. */
  readonly placeOf: ReadonlyMap<BufferId, number>;
  /** Bytes of the kept inputs, which share nothing. */
  readonly keptBytes: ReadonlyMap<BufferId, number>;
  /** Bytes of the buffers through which the results of a submission are read, largest first. */
  readonly readerBytes: readonly number[];
  readonly submissions: readonly Submission[];
  /** Bytes of all buffers, and of those through which outputs are read. */
  readonly totalBytes: number;
}

/** Dispatches from the one that makes a value to the last that needs it. */
type Life = readonly [first: number, last: number];

/**
 * Largest first, each into the smallest buffer that is free for its whole life (Pisarchyk and Lee 2020, "greedy by size").
 * `kept`: names of the inputs that stay from run to run.
 */
export function planBuffers(
  graph: Graph,
  lowered: LoweredGraph,
  { kept = new Set(), submissionWork }: { kept?: ReadonlySet<string>; submissionWork?: number } = {},
): BufferPlan {
  const { bytes } = lowered;
  const submissions = planSubmissions(graph, lowered, { kept, most: submissionWork });
  const keptBytes = new Map(
    [...kept].map((name) => [graph.inputs[name]!, bytes[graph.inputs[name]!]!] as const),
  );
  const places: { readonly bytes: number; readonly taken: Lives }[] = [];
  const placeOf = new Map<BufferId, number>();
  const bySize = [...livesOf(graph, lowered, { kept, submissions })]
    .filter(([buffer]) => !keptBytes.has(buffer))
    .sort(([a], [b]) => bytes[b]! - bytes[a]!);
  for (const [buffer, life] of bySize) {
    const free = places.findLastIndex(({ taken }) => taken.isFree(life));
    const place = free >= 0 ? free : places.push({ bytes: bytes[buffer]!, taken: new Lives() }) - 1;
    places[place]!.taken.add(life);
    placeOf.set(buffer, place);
  }
  const readerBytes = readersOf(submissions, (name) => bytes[graph.outputs[name]!]!);
  const sizes = places.map((place) => place.bytes);
  const totalBytes = sum(sizes) + sum([...keptBytes.values()]) + readerSets * sum(readerBytes);
  return { bytes: sizes, placeOf, keptBytes, readerBytes, submissions, totalBytes };
}

/** Buffers in which the results of every submission find place, the larger ones in the larger ones. */
function readersOf(
  submissions: readonly Submission[],
  bytesOf: (output: string) => number,
): readonly number[] {
  const most: number[] = [];
  for (const { results } of submissions)
    for (const [index, bytes] of results
      .map(bytesOf)
      .sort((a, b) => b - a)
      .entries())
      most[index] = Math.max(most[index] ?? 0, bytes);
  return most;
}

/** Lives of the values in one place, which do not overlap; looked for by bisection, since there may be thousands. */
class Lives {
  /** In order. */
  readonly #lives: Life[] = [];

  isFree([first, last]: Life): boolean {
    const next = this.#lives[this.#after(first)];
    const previous = this.#lives[this.#after(first) - 1];
    return (next === undefined || next[0] > last) && (previous === undefined || previous[1] < first);
  }

  add(life: Life): void {
    this.#lives.splice(this.#after(life[0]), 0, life);
  }

  /** Index of the first life that begins after `at`. */
  #after(at: number): number {
    let [low, high] = [0, this.#lives.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#lives[middle]![0] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Inputs are there before the submission that reads them first, outputs are needed until what reads them is submitted. */
function livesOf(
  graph: Graph,
  { dispatches }: LoweredGraph,
  { kept, submissions }: { kept: ReadonlySet<string>; submissions: readonly Submission[] },
): ReadonlyMap<BufferId, Life> {
  const lives = new Map<BufferId, Life>();
  const extend = (buffer: BufferId, index: number) =>
    lives.set(buffer, [lives.get(buffer)?.[0] ?? index, Math.max(index, lives.get(buffer)?.[1] ?? index)]);
  for (const { feeds, dispatches: range } of submissions)
    for (const name of feeds) extend(graph.inputs[name]!, range[0]);
  for (const [index, { reads, writes }] of dispatches.entries())
    for (const { buffer } of [...reads, ...writes]) extend(buffer, index);
  for (const { results, dispatches: range } of submissions)
    for (const name of results) extend(graph.outputs[name]!, Math.max(range[0], range[1] - 1));
  for (const name of kept) if (name in graph.outputs) extend(graph.outputs[name]!, dispatches.length);
  return lives;
}
