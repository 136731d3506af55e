/** Choosing rows of a table as people are used to: a click one, ctrl one more or less, shift all between. */
import type { ObjectId } from "../../protocol/lists.ts";

export interface Choosing {
  /** In the order in which they are shown. */
  readonly ids: readonly ObjectId[];
  readonly selected: ReadonlySet<ObjectId>;
  /** Where the last click without shift was. */
  readonly anchor: ObjectId | null;
}

export interface Chosen {
  readonly selected: ReadonlySet<ObjectId>;
  readonly anchor: ObjectId | null;
}

export function choose(
  { ids, selected, anchor }: Choosing,
  id: ObjectId,
  { more, range }: { readonly more: boolean; readonly range: boolean },
): Chosen {
  if (range && anchor !== null) {
    const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)].sort((a, b) => a - b) as [number, number];
    if (from >= 0)
      return { selected: new Set([...(more ? selected : []), ...ids.slice(from, to + 1)]), anchor };
  }
  if (!more) return { selected: new Set([id]), anchor: id };
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return { selected: next, anchor: id };
}

/** The row that an arrow goes to: from the anchor, or the first. */
export function neighbour(
  ids: readonly ObjectId[],
  from: ObjectId | null,
  step: number,
): ObjectId | undefined {
  const at = from === null ? -1 : ids.indexOf(from);
  if (at < 0) return ids[step > 0 ? 0 : ids.length - 1];
  return ids[Math.max(0, Math.min(ids.length - 1, at + step))];
}
