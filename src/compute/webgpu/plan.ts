/** Which values share a buffer: one is taken again as soon as the last dispatch that needs its value is done. */
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

export function planBuffers(graph: Graph, { dispatches, bytes }: LoweredGraph): BufferPlan {
  const places: number[] = [];
  const placeOf = new Map<BufferId, number>();
  const free: number[] = [];
  const lastUse = lastUses(graph, dispatches);
  const place = (buffer: BufferId) => {
    if (!placeOf.has(buffer)) placeOf.set(buffer, takePlace(places, free, bytes[buffer]!));
  };
  for (const value of Object.values(graph.inputs)) place(value);
  dispatches.forEach((dispatch, index) => {
    for (const { buffer } of dispatch.writes) place(buffer);
    for (const buffer of new Set([...dispatch.reads, ...dispatch.writes].map((binding) => binding.buffer)))
      if (lastUse.get(buffer) === index) free.push(placeOf.get(buffer)!);
  });
  const readBytes = Object.values(graph.outputs).reduce((sum, value) => sum + bytes[value]!, 0);
  return { bytes: places, placeOf, totalBytes: places.reduce((sum, size) => sum + size, readBytes) };
}

/** Index of the last dispatch that needs each buffer; the graph's inputs and outputs are needed to the end. */
function lastUses(graph: Graph, dispatches: readonly Dispatch[]): ReadonlyMap<BufferId, number> {
  const lastUse = new Map<BufferId, number>();
  dispatches.forEach(({ reads, writes }, index) => {
    for (const { buffer } of [...reads, ...writes]) lastUse.set(buffer, index);
  });
  for (const value of [...Object.values(graph.inputs), ...Object.values(graph.outputs)])
    lastUse.set(value, Number.POSITIVE_INFINITY);
  return lastUse;
}

/** The smallest free buffer that is large enough, else the largest free one enlarged, else a new one. */
function takePlace(places: number[], free: number[], size: number): number {
  if (free.length === 0) return places.push(size) - 1;
  const bySize = free.toSorted((a, b) => places[a]! - places[b]!);
  const place = bySize.find((candidate) => places[candidate]! >= size) ?? bySize.at(-1)!;
  free.splice(free.indexOf(place), 1);
  places[place] = Math.max(places[place]!, size);
  return place;
}
