/**
 * Lists may hold the objects of several tomograms, told apart by `tomo_id` or else `tomo_idx`. Only those of one are shown over it, and what
 * is added says the same as they do: a list in which some say it and others do not is refused by the steps.
 */
import type { ListedObject } from "../../protocol/lists.ts";

export interface ListPart {
  /** Undefined: objects that do not say of which tomogram they are. */
  readonly value: string | number | undefined;
  readonly count: number;
  /** What an object that is added to this part says. */
  readonly fields: Pick<ListedObject, "tomogramId" | "tomogramIndex">;
}

type Field = "tomogramId" | "tomogramIndex";

/** The parts of a list, the largest first; one of all where nothing tells them apart. */
export function partsOf(objects: readonly ListedObject[]): readonly ListPart[] {
  const field = fieldOf(objects);
  const members = new Map<string | number | undefined, ListedObject[]>();
  for (const object of objects) {
    const value = field && object[field];
    const known = members.get(value);
    if (known) known.push(object);
    else members.set(value, [object]);
  }
  return [...members]
    .map(([value, some]) => ({ value, count: some.length, fields: fieldsOf(some) }))
    .sort((a, b) => b.count - a.count);
}

/** The part that a tomogram's row names, else the largest; `id` of the row, undefined where there is none. */
export const partFor = (parts: readonly ListPart[], id: string | undefined): ListPart | undefined =>
  parts.find(({ value }) => value !== undefined && value === id) ?? parts[0];

/** The objects of a part; all where there is one part. */
export function objectsOfPart(
  objects: readonly ListedObject[],
  parts: readonly ListPart[],
  part: ListPart | undefined,
): readonly ListedObject[] {
  if (parts.length < 2 || !part) return objects;
  const field = fieldOf(objects)!;
  return objects.filter((object) => object[field] === part.value);
}

function fieldOf(objects: readonly ListedObject[]): Field | undefined {
  if (objects.some(({ tomogramId }) => tomogramId !== undefined)) return "tomogramId";
  return objects.some(({ tomogramIndex }) => tomogramIndex !== undefined) ? "tomogramIndex" : undefined;
}

/** What all objects of a part say alike. */
function fieldsOf([first, ...others]: readonly ListedObject[]): ListPart["fields"] {
  if (!first) return {};
  const { tomogramId, tomogramIndex } = first;
  const isAlike = (field: Field) => others.every((object) => object[field] === first[field]);
  return {
    ...(tomogramId !== undefined && isAlike("tomogramId") && { tomogramId }),
    ...(tomogramIndex !== undefined && isAlike("tomogramIndex") && { tomogramIndex }),
  };
}
