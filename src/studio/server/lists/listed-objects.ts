/** Objects as the files hold them, and as the studio lists them. */
import { extraEntries, isIndex, keepOrder } from "../../../objects/formats/column-order.ts";
import type { ObjectList, TomogramObject } from "../../../objects/object-list.ts";
import type { ListedObject, ObjectId } from "../../protocol/lists.ts";

/** The objects of a file in their order; `epoch` makes their ids others than those of any other opening. */
export const listObjects = (list: ObjectList, epoch: string): ListedObject[] =>
  list.map((object, index) => toListed(object, { id: `${epoch}.${index + 1}`, order: index + 1 }));

export function toListed(
  object: TomogramObject,
  { id, order }: { readonly id: ObjectId; readonly order: number },
): ListedObject {
  const { extra, ...fields } = object;
  const pairs = extra ? extraEntries(extra) : [];
  return { id, order, ...fields, ...(pairs.length > 0 && { extra: pairs }) };
}

/** An object without what only the studio knows. */
export function toTomogramObject(listed: ListedObject): TomogramObject {
  const { id: _id, order: _order, mark: _mark, extra: pairs, ...fields } = listed;
  return pairs ? { ...fields, extra: extraOf(pairs) } : fields;
}

function extraOf(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const extra: Record<string, string> = {};
  const plain = { configurable: true, enumerable: true, writable: true };
  // a column may be called __proto__
  for (const [name, value] of pairs) Object.defineProperty(extra, name, { ...plain, value });
  const names = pairs.map(([name]) => name);
  if (names.some(isIndex)) keepOrder(extra, names);
  return extra;
}
