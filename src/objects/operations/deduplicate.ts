import type { ObjectList, TomogramObject } from "../object-list.ts";
import { type PerClass, valueOfClass } from "./filter.ts";

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
  const cellSize = Math.max(1e-6, ...distances(list, options));
  const cells = new Map<string, TomogramObject[]>();
  const kept = new Set<number>();
  for (const index of ranked) {
    const object = list[index];
    const distance = valueOfClass(options.distance, object.label) ?? -1;
    if (hasNeighbor(object, { distance, cellSize, cells, acrossClasses: options.acrossClasses ?? false }))
      continue;
    kept.add(index);
    const key = cellKey(object, cellSize, [0, 0, 0]);
    cells.set(key, [...(cells.get(key) ?? []), object]);
  }
  return list.filter((_, index) => kept.has(index));
}

const distances = (list: ObjectList, { distance }: DeduplicateOptions): readonly number[] =>
  [...new Set(list.map(({ label }) => label))].map((label) => valueOfClass(distance, label) ?? 0);

const compareQuality = (a: TomogramObject, b: TomogramObject): number =>
  (b.score ?? 0) - (a.score ?? 0) || (b.clusterSize ?? 0) - (a.clusterSize ?? 0);

interface Neighborhood {
  readonly distance: number;
  readonly cellSize: number;
  readonly cells: ReadonlyMap<string, readonly TomogramObject[]>;
  readonly acrossClasses: boolean;
}

function hasNeighbor(
  object: TomogramObject,
  { distance, cellSize, cells, acrossClasses }: Neighborhood,
): boolean {
  if (distance < 0) return false;
  for (const offset of neighborOffsets)
    for (const other of cells.get(cellKey(object, cellSize, offset)) ?? [])
      if ((acrossClasses || other.label === object.label) && isWithin(object, other, distance)) return true;
  return false;
}

const isWithin = (a: TomogramObject, b: TomogramObject, distance: number): boolean =>
  (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2 <= distance * distance;

const steps = [-1, 0, 1];
const neighborOffsets = steps.flatMap((dz) =>
  steps.flatMap((dy) => steps.map((dx) => [dz, dy, dx] as const)),
);

const cellKey = (
  { x, y, z, tomogramId, tomogramIndex }: TomogramObject,
  size: number,
  [dz, dy, dx]: readonly [number, number, number],
): string =>
  [
    tomogramId ?? tomogramIndex,
    Math.floor(z / size) + dz,
    Math.floor(y / size) + dy,
    Math.floor(x / size) + dx,
  ].join(" ");
