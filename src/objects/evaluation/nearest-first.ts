/**
 * The neighbours of each member by cost, least first, equal ones by their number: as many as have been asked for. They are
 * told from the other side's places whenever they are wanted, so any of them can be forgotten to keep the memory bounded.
 */
import type { MatchSide } from "./match-graph.ts";

export interface NearestFirst {
  /** The neighbours up to this rank, from 0, and maybe more; fewer where there are no more. */
  upTo(member: number, rank: number): Neighbours;
}

/** By rank. */
export interface Neighbours {
  readonly targets: Int32Array;
  readonly costs: Float64Array;
}

/** Neighbours read at first, and how many times more each time they do not suffice. */
const firstRead = 64;
const growth = 4;
/** The first distance looked within, as a share of the greatest, and how many times farther at least and at most after it. */
const firstShare = 1 / 16;
const [nearest, farthest] = [1.1, 3];
/** Neighbours kept for all members together: 192 MB. */
const mostKept = 2 ** 24;

/**
 * `costOf` a distance is a whole number below 2^28. `isOpen` tells the neighbours to look at.
 */
export function createNearestFirst(
  side: MatchSide,
  { targetCount, greatestDistance, costOf, isOpen }: NearestFirstOptions,
): NearestFirst {
  const kept: (Neighbours | undefined)[] = new Array(side.count).fill(undefined);
  /** Whether all neighbours are kept. */
  const whole = new Uint8Array(side.count);
  let total = 0;
  /** Distance looked within last, and how many were there; 0 before the first look. */
  const lastWithin = new Float64Array(side.count).fill(greatestDistance * firstShare);
  const lastCount = new Int32Array(side.count);
  /** cost · targetCount + target: one number to sort by, exact below 2^53. */
  let scratch = new Float64Array(1024);

  /** Number of neighbours within a distance; their keys are in `scratch`. */
  const readWithin = (member: number, within: number): number => {
    let count = 0;
    side.visitNeighbours(member, within, (target, distance) => {
      if (!isOpen(target)) return false;
      if (count === scratch.length) {
        const larger = new Float64Array(2 * count);
        larger.set(scratch);
        scratch = larger;
      }
      scratch[count++] = costOf(distance) * targetCount + target;
      return false;
    });
    return count;
  };

  /** At least this many, unless there are fewer. */
  const readNearest = (member: number, wanted: number): Neighbours => {
    // about a ball that holds them all, by how many the last one held
    const ballFor = (within: number, count: number, least: number): number => {
      const factor = Math.cbrt((1.3 * wanted) / Math.max(1, count));
      return Math.min(greatestDistance, within * Math.min(farthest, Math.max(least, factor)));
    };
    let within = lastWithin[member];
    if (lastCount[member] > 0) within = ballFor(within, lastCount[member], 0);
    let count = readWithin(member, within);
    while (count < wanted && within < greatestDistance) {
      within = ballFor(within, count, nearest);
      count = readWithin(member, within);
    }
    lastWithin[member] = within;
    lastCount[member] = count;
    const taken = Math.min(count, 2 * wanted);
    if (taken < count) selectLeast(scratch, count, taken);
    whole[member] = within >= greatestDistance && taken === count ? 1 : 0;
    return decode(scratch.subarray(0, taken).sort(), targetCount);
  };

  /** Long lists first: few searches look so far. */
  const forgetMany = (): void => {
    total = 0;
    const longest = (mostKept / 2 / side.count) | 0;
    kept.forEach((known, member) => {
      if (known === undefined) return;
      if (known.targets.length > longest) kept[member] = undefined;
      else total += known.targets.length;
    });
  };

  return {
    upTo(member, rank) {
      const known = kept[member];
      if (known !== undefined && (rank < known.targets.length || whole[member] === 1)) return known;
      let wanted = firstRead;
      while (wanted <= rank) wanted *= growth;
      total -= known?.targets.length ?? 0;
      if (total > mostKept) forgetMany();
      const read = readNearest(member, wanted);
      kept[member] = read;
      total += read.targets.length;
      return read;
    },
  };
}

function decode(keys: Float64Array, targetCount: number): Neighbours {
  const costs = new Float64Array(keys.length);
  const targets = new Int32Array(keys.length);
  for (let rank = 0; rank < keys.length; rank++) {
    const cost = Math.floor(keys[rank] / targetCount);
    costs[rank] = cost;
    targets[rank] = keys[rank] - cost * targetCount;
  }
  return { costs, targets };
}

export interface NearestFirstOptions {
  readonly targetCount: number;
  readonly greatestDistance: number;
  costOf(distance: number): number;
  isOpen(target: number): boolean;
}

/** Brings the `wanted` least of the first `count` values to the front (Hoare's selection). */
function selectLeast(values: Float64Array, count: number, wanted: number): void {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left] < pivot) left++;
      while (values[right] > pivot) right--;
      if (left > right) break;
      const value = values[left];
      values[left++] = values[right];
      values[right--] = value;
    }
    if (wanted - 1 <= right) high = right;
    else if (wanted - 1 >= left) low = left;
    else return;
  }
}
