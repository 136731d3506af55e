/** Objects in cubic cells, so that those near a place are found without looking at all. Tomograms are kept apart. */
import type { ObjectList, TomogramObject } from "../object-list.ts";

export class ObjectGrid<Entry extends TomogramObject> {
  readonly #cellSize: number;
  readonly #cells = new Map<string, Entry[]>();

  /** @param reach the largest distance that will be asked for, voxels */
  constructor(reach: number) {
    this.#cellSize = Math.max(1e-6, reach);
  }

  add(entry: Entry): void {
    const key = this.#key(entry, [0, 0, 0]);
    const cell = this.#cells.get(key);
    if (cell) cell.push(entry);
    else this.#cells.set(key, [entry]);
  }

  /** Those of the same tomogram in the cells around, which hold all within the reach and some beyond. */
  *around(object: TomogramObject): Generator<Entry> {
    for (const offset of offsets) yield* this.#cells.get(this.#key(object, offset)) ?? [];
  }

  #key(
    { x, y, z, tomogramId, tomogramIndex }: TomogramObject,
    [dz, dy, dx]: readonly [number, number, number],
  ): string {
    const size = this.#cellSize;
    const cell = [Math.floor(z / size) + dz, Math.floor(y / size) + dy, Math.floor(x / size) + dx];
    return [tomogramId ?? tomogramIndex, ...cell].join(" ");
  }
}

const steps = [-1, 0, 1];
const offsets = steps.flatMap((dz) => steps.flatMap((dy) => steps.map((dx) => [dz, dy, dx] as const)));

/** Whether `a` and `b` are at most `distance` voxels apart. */
export const isWithin = (a: TomogramObject, b: TomogramObject, distance: number): boolean =>
  (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2 <= distance * distance;

export interface Rivalry {
  /** The better one first; of equal ones the earlier in the list. */
  readonly compare: (a: TomogramObject, b: TomogramObject) => number;
  /** Largest distance of rivals, voxels. */
  readonly reach: number;
  /** Whether `object` gives way to `better`, which lies near it. */
  readonly givesWay: (object: TomogramObject, better: TomogramObject) => boolean;
}

/** From the best down, those that give way to none that is kept, in the order of the list. */
export function keepBest(list: ObjectList, { compare, reach, givesWay }: Rivalry): ObjectList {
  const ranked = list.map((_, index) => index).sort((a, b) => compare(list[a]!, list[b]!) || a - b);
  const grid = new ObjectGrid(reach);
  const kept = new Set<number>();
  for (const index of ranked) {
    const object = list[index]!;
    if (givesWayToAny(object, grid, givesWay)) continue;
    kept.add(index);
    grid.add(object);
  }
  return list.filter((_, index) => kept.has(index));
}

function givesWayToAny(
  object: TomogramObject,
  grid: ObjectGrid<TomogramObject>,
  givesWay: Rivalry["givesWay"],
): boolean {
  for (const other of grid.around(object)) if (givesWay(object, other)) return true;
  return false;
}
