/**
 * A list that changed in two places: here, since it was last saved, and in its file, by another program. The file has no ids:
 * rows that are as they were are the same objects; of those between them, in order, one that changed goes on the other.
 */
import { canonicalJson } from "../../../core/hash.ts";
import type { ObjectList, TomogramObject } from "../../../objects/object-list.ts";
import { isSameObject } from "../../protocol/list-operations.ts";
import type { ListedObject, ObjectId, SimpleOperation } from "../../protocol/lists.ts";
import { toListed } from "./listed-objects.ts";

export interface MergeSides {
  /** The list as it was last saved, in file order. */
  readonly base: readonly ListedObject[];
  /** The same as the file held it: rounded by the format. */
  readonly baseRows: ObjectList;
  /** What the file holds now. */
  readonly rows: ObjectList;
  /** The list as it is here now. */
  readonly ours: ReadonlyMap<ObjectId, ListedObject>;
  /** For the ids of objects that the file has more. */
  readonly newId: () => ObjectId;
}

export interface Merge {
  /** Takes over what changed in the file alone. */
  readonly operations: readonly SimpleOperation[];
  /** Takes over what changed in both places: the file's side. */
  readonly theirs: readonly SimpleOperation[];
  /** Objects that changed in both places. */
  readonly conflicts: readonly ObjectId[];
  /** All that the file holds, as objects. */
  readonly there: readonly ListedObject[];
}

export function mergeFile(sides: MergeSides): Merge {
  const operations: SimpleOperation[] = [];
  const theirs: SimpleOperation[] = [];
  const conflicts: ObjectId[] = [];
  const { same, pairs, added } = pairRows(sides);
  const there: ListedObject[] = [...same];
  for (const { before, row } of pairs) {
    const here = sides.ours.get(before.id);
    const change = row && toListed(row, before);
    if (change) there.push(change);
    if (here && saysSame(here, before)) operations.push(...replace(here, change));
    else if (here ? !change || !saysSame(here, change) : change) {
      conflicts.push(before.id);
      theirs.push(...replace(here, change));
    }
  }
  const last = Math.max(0, ...[...sides.ours.values()].map(({ order }) => order));
  const objects = added.map(({ row, order }) =>
    toListed(row, { id: sides.newId(), order: order ?? last + 1 }),
  );
  if (objects.length > 0) operations.push({ type: "add", objects });
  return { operations, theirs, conflicts, there: [...there, ...objects] };
}

function replace(here: ListedObject | undefined, there: ListedObject | undefined): SimpleOperation[] {
  const mark = here?.mark;
  return [
    ...(here ? [{ type: "remove", ids: [here.id] } as const] : []),
    ...(there ? [{ type: "add", objects: [mark ? { ...there, mark } : there] } as const] : []),
  ];
}

function withoutMark({ mark: _, ...rest }: ListedObject): ListedObject {
  return rest;
}

const saysSame = (a: ListedObject, b: ListedObject): boolean => isSameObject(withoutMark(a), withoutMark(b));

interface Pairs {
  /** Objects whose row is as it was. */
  readonly same: readonly ListedObject[];
  /** Objects of the base whose row changed, or is gone. */
  readonly pairs: readonly { readonly before: ListedObject; readonly row?: TomogramObject }[];
  /** Rows that are new; `order` of the object before them. */
  readonly added: readonly { readonly row: TomogramObject; readonly order?: number }[];
}

function pairRows({ base, baseRows, rows }: MergeSides): Pairs {
  const places = equalRows(baseRows, rows);
  const taken = new Set(places.values());
  const take = (index: number, place: number): boolean => {
    const isFree = place >= 0 && place < rows.length && !taken.has(place);
    if (isFree) {
      places.set(index, place);
      taken.add(place);
    }
    return isFree;
  };
  const pairs: { before: ListedObject; row?: TomogramObject }[] = [];
  const same = base.filter((_, index) => places.has(index));
  base.forEach((before, index) => {
    if (places.has(index)) return;
    // behind the one before it, or before the one behind it
    const isFound =
      take(index, index === 0 ? 0 : (places.get(index - 1) ?? -2) + 1) ||
      take(index, index === base.length - 1 ? rows.length - 1 : (places.get(index + 1) ?? -1) - 1);
    pairs.push({ before, row: isFound ? rows[places.get(index)!] : undefined });
  });
  return { same, pairs, added: newRows(base, { places, rows }) };
}

function newRows(
  base: readonly ListedObject[],
  { places, rows }: { readonly places: ReadonlyMap<number, number>; readonly rows: ObjectList },
): Pairs["added"] {
  const owner = new Map([...places].map(([index, place]) => [place, index]));
  let before: number | undefined;
  const added: { row: TomogramObject; order?: number }[] = [];
  rows.forEach((row, place) => {
    const index = owner.get(place);
    if (index !== undefined) before = index;
    else if (before === base.length - 1 || base.length === 0) added.push({ row });
    else added.push({ row, order: before === undefined ? base[0]!.order - 1 : base[before]!.order });
  });
  return added;
}

/** Index in the base -> place of the same row now, whatever the order. */
function equalRows(baseRows: ObjectList, rows: ObjectList): Map<number, number> {
  const places = new Map<string, number[]>();
  rows.forEach((row, place) => {
    const text = canonicalJson(row);
    const known = places.get(text);
    if (known) known.push(place);
    else places.set(text, [place]);
  });
  const found = new Map<number, number>();
  baseRows.forEach((row, index) => {
    const place = places.get(canonicalJson(row))?.shift();
    if (place !== undefined) found.set(index, place);
  });
  return found;
}
