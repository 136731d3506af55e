import type { ObjectList } from "../object-list.ts";
import { type PerClass, valueOfClass } from "./filter.ts";
import { isWithin, keepBest } from "./object-grid.ts";

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
export function deduplicateObjects(
  list: ObjectList,
  { distance, acrossClasses = false }: DeduplicateOptions,
): ObjectList {
  const reachOf = (label: number) => valueOfClass(distance, label);
  return keepBest(list, {
    compare: (a, b) => (b.score ?? 0) - (a.score ?? 0) || (b.clusterSize ?? 0) - (a.clusterSize ?? 0),
    reach: Math.max(0, ...[...new Set(list.map(({ label }) => label))].map((label) => reachOf(label) ?? 0)),
    givesWay(object, better) {
      const reach = reachOf(object.label) ?? -1;
      return (
        reach >= 0 && (acrossClasses || better.label === object.label) && isWithin(object, better, reach)
      );
    },
  });
}
