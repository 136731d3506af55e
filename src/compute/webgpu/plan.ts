/** Which values share a buffer: one is taken again once the last dispatch that needs its value is done. */
import type { Graph } from "../../network/graph.ts";
import type { BufferId, Dispatch } from "./dispatch.ts";
import type { LoweredGraph } from "./lower.ts";

export interface BufferPlan {
  /** Bytes of each buffer to make. */
  readonly bytes: readonly number[];
  /** Which of them holds a value or scratch space. */
  readonly placeOf: ReadonlyMap<BufferId, number>;
  /** Bytes of all buffers, and of those through which outputs are read. */
  readonly totalBytes: number;
}

/** Dispatches from the one that makes a value to the last that needs it. */
type Life = readonly [first: number, last: number];

/** Largest first, each into the smallest buffer that is free for its whole life (Pisarchyk and Lee 2020, "greedy by size"). */
export function planBuffers(graph: Graph, { dispatches, bytes }: LoweredGraph): BufferPlan {
  const places: { readonly bytes: number; readonly lives: Life[] }[] = [];
  const placeOf = new Map<BufferId, number>();
  const bySize = [...livesOf(graph, dispatches)].sort(([a], [b]) => bytes[b]! - bytes[a]!);
  for (const [buffer, life] of bySize) {
    const free = places.findLastIndex(({ lives }) => lives.every((other) => !overlap(life, other)));
    const place = free >= 0 ? free : places.push({ bytes: bytes[buffer]!, lives: [] }) - 1;
    places[place]!.lives.push(life);
    placeOf.set(buffer, place);
  }
  const readBytes = Object.values(graph.outputs).reduce((sum, value) => sum + bytes[value]!, 0);
  const sizes = places.map((place) => place.bytes);
  return { bytes: sizes, placeOf, totalBytes: sizes.reduce((sum, size) => sum + size, readBytes) };
}

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
