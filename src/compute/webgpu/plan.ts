/** Which values share a buffer: one is taken again once the last dispatch that needs its value is done. */
import type { Graph } from "../../network/graph.ts";
import type { BufferId, Dispatch } from "./dispatch.ts";
import type { LoweredGraph } from "./lower.ts";
import { readerSets } from "./readers.ts";

export interface BufferPlan {
  /** Bytes of each shared buffer, largest first. */
  readonly bytes: readonly number[];
  /** Which of them holds a value or scratch space. */
  readonly placeOf: ReadonlyMap<BufferId, number>;
  /** Bytes of the kept inputs, which share nothing. */
  readonly keptBytes: ReadonlyMap<BufferId, number>;
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
  { dispatches, bytes }: LoweredGraph,
  kept: ReadonlySet<string> = new Set(),
): BufferPlan {
  const keptBytes = new Map(
    [...kept].map((name) => [graph.inputs[name]!, bytes[graph.inputs[name]!]!] as const),
  );
  const places: { readonly bytes: number; readonly lives: Life[] }[] = [];
  const placeOf = new Map<BufferId, number>();
  const bySize = [...livesOf(graph, dispatches)]
    .filter(([buffer]) => !keptBytes.has(buffer))
    .sort(([a], [b]) => bytes[b]! - bytes[a]!);
  for (const [buffer, life] of bySize) {
    const free = places.findLastIndex(({ lives }) => lives.every((other) => !overlap(life, other)));
    const place = free >= 0 ? free : places.push({ bytes: bytes[buffer]!, lives: [] }) - 1;
    places[place]!.lives.push(life);
    placeOf.set(buffer, place);
  }
  const readBytes = sum(readOutputs(graph, kept).map(([, value]) => bytes[value]!));
  const sizes = places.map((place) => place.bytes);
  const totalBytes = sum(sizes) + sum([...keptBytes.values()]) + readerSets * readBytes;
  return { bytes: sizes, placeOf, keptBytes, totalBytes };
}

/** The outputs that every run brings back: those that are not kept. */
export const readOutputs = (
  { outputs }: Graph,
  kept: ReadonlySet<string>,
): readonly (readonly [name: string, value: number])[] =>
  Object.entries(outputs).filter(([name]) => !kept.has(name));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const overlap = (a: Life, b: Life): boolean => a[0] <= b[1] && b[0] <= a[1];

/** Inputs are there before the first dispatch, outputs are needed after the last. */
function livesOf(graph: Graph, dispatches: readonly Dispatch[]): ReadonlyMap<BufferId, Life> {
  const lives = new Map<BufferId, Life>();
  for (const value of Object.values(graph.inputs)) lives.set(value, [-1, -1]);
  dispatches.forEach(({ reads, writes }, index) => {
    for (const { buffer } of [...reads, ...writes])
      lives.set(buffer, [lives.get(buffer)?.[0] ?? index, index]);
  });
  for (const value of Object.values(graph.outputs))
    lives.set(value, [lives.get(value)![0], Number.POSITIVE_INFINITY]);
  return lives;
}
