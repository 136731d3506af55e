/**
 * Matches every source to a target of its own at the least total cost, where that can be done: successive shortest
 * augmenting paths with potentials (Jonker and Volgenant 1987; sparse, with a heap). A source's neighbours are looked at
 * from the cheapest on, and only as far as the path found could still be shortened, so that of the pairs of a dense
 * blob few are ever seen.
 */
import { createHeap } from "./heap.ts";
import type { NearestFirst } from "./nearest-first.ts";

export interface CheapestMatching {
  /** Gives one more source a target along the shortest path. */
  add(source: number): void;
  /** By source; -1 for those not added. */
  readonly targetOf: Int32Array;
}

export function createCheapestMatching(
  edges: NearestFirst,
  { sourceCount, targetCount }: { readonly sourceCount: number; readonly targetCount: number },
): CheapestMatching {
  const targetOf = new Int32Array(sourceCount).fill(-1);
  const sourceOf = new Int32Array(targetCount).fill(-1);
  /** Cost of an edge less both potentials is 0 or more, 0 for matched ones; those of targets are 0 or less. */
  const sourcePotential = new Float64Array(sourceCount);
  const targetPotential = new Float64Array(targetCount);
  /** Of the search at work: length of the path to a target, and the source before it. */
  const length = new Float64Array(targetCount);
  const cameFrom = new Int32Array(targetCount);
  const reachedIn = new Int32Array(targetCount);
  const settledIn = new Int32Array(targetCount);
  const settled: number[] = [];
  /** Length of the path to a source, and the rank of its next neighbour. */
  const sourceLength = new Float64Array(sourceCount);
  const nextRank = new Int32Array(sourceCount);
  /** Targets by their number, and sources with neighbours left as -1 - number. */
  const heap = createHeap();
  let search = 0;
  let sink = -1;
  let sinkLength = Number.POSITIVE_INFINITY;

  /** `least` is the length of the path but for the target's potential. */
  const reach = (target: number, source: number, least: number): void => {
    const reached = least - targetPotential[target];
    if (reached >= sinkLength || settledIn[target] === search) return;
    if (reachedIn[target] === search && reached >= length[target]) return;
    reachedIn[target] = search;
    length[target] = reached;
    cameFrom[target] = source;
    if (sourceOf[target] < 0) {
      sink = target;
      sinkLength = reached;
    } else heap.push(reached, target);
  };

  /** Looks at the neighbours of a source as long as one of them may be the nearest of all that is left. */
  const lookOn = (source: number): void => {
    const base = sourceLength[source] - sourcePotential[source];
    for (let rank = nextRank[source]; ; ) {
      const { costs, targets } = edges.upTo(source, rank);
      for (; rank < costs.length; rank++) {
        // no potential of a target is above 0: no neighbour left is nearer than this
        const least = base + costs[rank];
        if (least >= sinkLength) return;
        if (least > heap.leastKey()) {
          nextRank[source] = rank;
          heap.push(least, -1 - source);
          return;
        }
        reach(targets[rank], source, least);
      }
      if (edges.upTo(source, rank).costs.length <= rank) return;
    }
  };

  const start = (source: number, at: number): void => {
    sourceLength[source] = at;
    nextRank[source] = 0;
    lookOn(source);
  };

  const settle = (target: number): void => {
    if (settledIn[target] === search) return;
    settledIn[target] = search;
    settled.push(target);
    start(sourceOf[target], length[target]);
  };

  const raisePotentials = (first: number): void => {
    sourcePotential[first] += sinkLength;
    for (const target of settled) {
      const slack = sinkLength - length[target];
      targetPotential[target] -= slack;
      sourcePotential[sourceOf[target]] += slack;
    }
  };

  const rearrange = (): void => {
    for (let target = sink; target >= 0; ) {
      const source = cameFrom[target];
      const previous = targetOf[source];
      targetOf[source] = target;
      sourceOf[target] = source;
      target = previous;
    }
  };

  return {
    add(source) {
      search++;
      settled.length = 0;
      heap.clear();
      sink = -1;
      sinkLength = Number.POSITIVE_INFINITY;
      start(source, 0);
      while (heap.leastKey() < sinkLength) {
        const next = heap.pop();
        if (next < 0) lookOn(-1 - next);
        else settle(next);
      }
      if (sink < 0) throw new RangeError(`source ${source} cannot be matched`);
      raisePotentials(source);
      rearrange();
    },
    targetOf,
  };
}
