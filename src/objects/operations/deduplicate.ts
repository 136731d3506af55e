import type { ObjectList, TomogramObject } from "../object-list.ts";
import { type PerClass, valueOfClass } from "./filter.ts";
import { isWithin, ObjectGrid } from "./object-grid.ts";

export interface DeduplicateOptions {
  /** Objects nearer than or as near as this to a better one are dropped, voxels. */
  readonly distance: PerClass;
  /** Compare objects of different classes as well; the distance is then that of the object in question. */
  readonly acrossClasses?: boolean;
}

/**
 * Keeps the best of objects that lie within `distance` of one another in one tomogram: the higher score, else the larger
 * cluster, else the earlier in the list. What is kept keeps the list's order.
 */
export function deduplicateObjects(list: ObjectList, options: DeduplicateOptions): ObjectList {
  const ranked = list.map((_, index) => index).sort((a, b) => compareQuality(list[a], list[b]) || a - b);
  const grid = new ObjectGrid(Math.max(0, ...distances(list, options)));
  const kept = new Set<number>();
  for (const index of ranked) {
    const object = list[index];
    const distance = valueOfClass(options.distance, object.label) ?? -1;
    if (hasNeighbor(object, { distance, grid, acrossClasses: options.acrossClasses ?? false })) continue;
    kept.add(index);
    grid.add(object);
  }
  return list.filter((_, index) => kept.has(index));
}

const distances = (list: ObjectList, { distance }: DeduplicateOptions): readonly number[] =>
  [...new Set(list.map(({ label }) => label))].map((label) => valueOfClass(distance, label) ?? 0);

const compareQuality = (a: TomogramObject, b: TomogramObject): number =>
  (b.score ?? 0) - (a.score ?? 0) || (b.clusterSize ?? 0) - (a.clusterSize ?? 0);

interface Neighborhood {
  readonly distance: number;
  readonly grid: ObjectGrid<TomogramObject>;
  readonly acrossClasses: boolean;
}

function hasNeighbor(object: TomogramObject, { distance, grid, acrossClasses }: Neighborhood): boolean {
  if (distance < 0) return false;
  for (const other of grid.around(object))
    if ((acrossClasses || other.label === object.label) && isWithin(object, other, distance)) return true;
  return false;
}
