/** Cuts that put an entry of a map or an item of a list somewhere else among its like. */
import { type Cut, linesOf } from "./cut.ts";
import type { EditPath } from "./operation.ts";
import { endOf, entryOf, find, isFlow, startOf, type TextDocument } from "./text-document.ts";

export function moveCuts(
  { text, ...source }: TextDocument,
  { path, to }: { path: EditPath; to: number },
): readonly Cut[] | undefined {
  const found = find({ text, ...source }, path);
  if (!found || to < 0 || to >= found.in.items.length) return undefined;
  if (to === found.index) return [];
  if (isFlow(found.in)) return flowCuts(text, found.in, { from: found.index, to });
  const pieces = found.in.items.map((_, index) => linesOf(text, entryOf(found.in, index)));
  if (pieces.some((piece) => piece === undefined)) return undefined;
  const texts = pieces.map((piece) => ended(text.slice(piece!.from, piece!.to), source.newline));
  // the blank lines between the entries stay where they are
  const order = reordered(texts, found.index, to);
  const isEnded = text.endsWith("\n");
  return pieces.map((piece, index) => {
    const isAtEnd = !isEnded && piece!.to === text.length;
    return { from: piece!.from, to: piece!.to, text: isAtEnd ? order[index]!.trimEnd() : order[index]! };
  });
}

const ended = (lines: string, newline: string): string => (lines.endsWith("\n") ? lines : lines + newline);

function flowCuts(
  text: string,
  collection: Parameters<typeof entryOf>[0],
  { from, to }: { from: number; to: number },
): readonly Cut[] {
  const places = collection.items.map((_, index) => {
    const entry = entryOf(collection, index);
    return { from: startOf(entry), to: endOf(entry) };
  });
  const order = reordered(
    places.map((place) => text.slice(place.from, place.to)),
    from,
    to,
  );
  return places.map((place, index) => ({ ...place, text: order[index]! }));
}

function reordered<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const order = items.filter((_, index) => index !== from);
  order.splice(to, 0, items[from]!);
  return order;
}
