import type { ObjectList, TomogramObject } from "../object-list.ts";

/** All objects of the lists, in their order. */
export const mergeObjects = (lists: readonly ObjectList[]): ObjectList => lists.flat();

/** By what a list is split; an object without it goes under `none`. */
export type SplitKey = "class" | "tomogram";

/** The parts of a list by class label, or by tomogram (its id, else its index), each in the list's order. */
export function splitObjects(list: ObjectList, key: SplitKey): ReadonlyMap<string, ObjectList> {
  const parts = new Map<string, TomogramObject[]>();
  for (const object of list) {
    const name = partOf(object, key);
    const part = parts.get(name);
    if (part) part.push(object);
    else parts.set(name, [object]);
  }
  return parts;
}

const partOf = (object: TomogramObject, key: SplitKey): string =>
  String((key === "class" ? object.label : (object.tomogramId ?? object.tomogramIndex)) ?? "none");

/** Number of objects by label, labels ascending. */
export function countByLabel(list: ObjectList): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { label } of list) counts.set(label, (counts.get(label) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a - b));
}
