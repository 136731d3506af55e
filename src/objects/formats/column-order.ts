/** Order of the own columns of a list: JavaScript's objects put names such as `10` first, and not every object has every column. */
import type { TomogramObject } from "../object-list.ts";

type Extra = Readonly<Record<string, string>>;

const fileOrder = Symbol("order of the columns in the file");

/** A name that JavaScript's objects do not keep in its place. */
export const isIndex = (name: string): boolean => /^\d+$/.test(name);

/** Keeps the order that the names have in the file. */
export function keepOrder(extra: Record<string, string>, names: readonly string[]): void {
  Object.defineProperty(extra, fileOrder, { value: names });
}

const namesInOrder = (extra: Extra): readonly string[] =>
  (extra as { readonly [fileOrder]?: readonly string[] })[fileOrder] ?? Object.keys(extra);

/** The own columns of an object, in their order. */
export const extraEntries = (extra: Extra): readonly (readonly [name: string, value: string])[] =>
  namesInOrder(extra).flatMap((name) => (Object.hasOwn(extra, name) ? [[name, extra[name]!] as const] : []));

/** Every own column of a list, in an order that is that of every object, as far as there is one. */
export function extraNamesOf(list: readonly TomogramObject[]): readonly string[] {
  const followers = new Map<string, Set<string>>();
  let last: readonly string[] = [];
  for (const { extra } of list) {
    if (!extra) continue;
    const names = namesInOrder(extra);
    if (names.length === last.length && names.every((name, index) => name === last[index])) continue;
    for (const name of names) if (!followers.has(name)) followers.set(name, new Set());
    for (let index = 1; index < names.length; index++) followers.get(names[index - 1]!)!.add(names[index]!);
    last = names;
  }
  return sortByFollowers(followers);
}

/** Each name before its followers (depth first, without recursion); in order of appearance where nothing is said, or in circles. */
function sortByFollowers(followers: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const seen = new Set<string>();
  const backwards: string[] = [];
  for (const start of [...followers.keys()].reverse()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const path = [{ name: start, rest: followers.get(start)!.values() }];
    while (path.length > 0) {
      const { name, rest } = path.at(-1)!;
      const { value, done } = rest.next();
      if (done) {
        backwards.push(name);
        path.pop();
      } else if (!seen.has(value)) {
        seen.add(value);
        path.push({ name: value, rest: followers.get(value)!.values() });
      }
    }
  }
  return backwards.reverse();
}
