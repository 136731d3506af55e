/**
 * A matching that grows along augmenting paths and never loses a member of either side once matched. What a search in
 * vain has reached is closed: no later path can leave it, so it is passed by from then on, and all searches in vain
 * together look at each pair once.
 */
import type { MatchGraph } from "./match-graph.ts";

export interface GrowingMatching {
  /** Matches one more source if any rearrangement of the matched ones allows it. */
  grow(source: number): boolean;
  readonly size: number;
  /** By source; -1 for those without. */
  readonly targetOf: Int32Array;
  /** By target; -1 for those without. */
  readonly sourceOf: Int32Array;
  /** By target: 1 where searches in vain have been. */
  readonly closedTargets: Uint8Array;
}

/** Most searches end with a free neighbour so near, as a share of the greatest distance. */
const nearShare = 1 / 16;

/** `from` is the side of the sources. */
export function createGrowingMatching(
  { greatestDistance, ...sides }: MatchGraph,
  from: "rows" | "columns" = "rows",
): GrowingMatching {
  const sources = sides[from];
  const targetCount = sides[from === "rows" ? "columns" : "rows"].count;
  const targetOf = new Int32Array(sources.count).fill(-1);
  const sourceOf = new Int32Array(targetCount).fill(-1);
  const closedTargets = new Uint8Array(targetCount);
  const cameFrom = new Int32Array(targetCount);
  const reachedIn = new Int32Array(targetCount);
  const queue: number[] = [];
  const reached: number[] = [];
  let search = 0;
  let size = 0;
  let open = targetCount;

  /** Gives the free target to the source that reached it, the target that source held to the one before, and so on. */
  const rearrange = (free: number): void => {
    for (let target = free; target >= 0; ) {
      const source = cameFrom[target];
      const previous = targetOf[source];
      targetOf[source] = target;
      sourceOf[target] = source;
      target = previous;
    }
    size++;
  };

  /** The neighbours of one source; the free target where there is one, else -1. */
  const reachFrom = (source: number): number => {
    let free = -1;
    sources.visitNeighbours(source, greatestDistance, (target) => {
      if (reachedIn[target] === search || closedTargets[target] === 1) return false;
      reachedIn[target] = search;
      cameFrom[target] = source;
      reached.push(target);
      if (sourceOf[target] < 0) free = target;
      else queue.push(sourceOf[target]);
      return free >= 0 || reached.length === open;
    });
    return free;
  };

  const takeNearFree = (source: number): boolean => {
    let free = -1;
    sources.visitNeighbours(source, greatestDistance * nearShare, (target) => {
      if (sourceOf[target] < 0) free = target;
      return free >= 0;
    });
    if (free < 0) return false;
    cameFrom[free] = source;
    rearrange(free);
    return true;
  };

  const grow = (start: number): boolean => {
    if (takeNearFree(start)) return true;
    search++;
    queue.length = 0;
    reached.length = 0;
    queue.push(start);
    for (let at = 0; at < queue.length && reached.length < open; at++) {
      const free = reachFrom(queue[at]);
      if (free < 0) continue;
      rearrange(free);
      return true;
    }
    for (const target of reached) closedTargets[target] = 1;
    open -= reached.length;
    return false;
  };

  return {
    grow,
    get size() {
      return size;
    },
    targetOf,
    sourceOf,
    closedTargets,
  };
}
