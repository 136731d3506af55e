/** Cuts that take out an entry of a map or an item of a list. */
import { type Cut, linesOf, skipBlankLines } from "./cut.ts";
import { type EditPath, goesWhenEmpty } from "./operation.ts";
import {
  afterColon,
  endOf,
  endOfNode,
  entryOf,
  type Found,
  find,
  isCollectionNode,
  isFlow,
  lineEnd,
  lineStart,
  nodeAt,
  startOf,
  type TextDocument,
} from "./text-document.ts";

export function removeCuts(source: TextDocument, path: EditPath): readonly Cut[] | undefined {
  const found = find(source, path);
  if (!found) return undefined;
  const above = path.slice(0, -1);
  const isOnly = found.in.items.length === 1;
  if (isOnly && goesWhenEmpty(above)) return removeCuts(source, above);
  if (isFlow(found.in)) return [cutFromFlow(source.text, found)];
  if (isOnly) return emptied(source, above, found);
  return cutFromBlock(source.text, found);
}

function cutFromFlow(text: string, found: Found): Cut {
  const { in: collection, index } = found;
  const [start, end] = [startOf(found), endOf(found)];
  const isAlone = text.slice(lineStart(text, start), start).trim() === "";
  const behind = /^\s*,?[ \t]*(#[^\n]*)?\r?$/.test(text.slice(end, lineEnd(text, end)).replace(/\n$/, ""));
  if (isAlone && behind && text[lineEnd(text, end) - 1] === "\n")
    return { from: lineStart(text, start), to: lineEnd(text, end), text: "" };
  if (index + 1 < collection.items.length)
    return { from: start, to: startOf(entryOf(collection, index + 1)), text: "" };
  if (index > 0) return { from: endOf(entryOf(collection, index - 1)), to: end, text: "" };
  return { from: start, to: end, text: "" };
}

/** The last entry of a collection that has to stay: `{}` or `[]` is left. */
function emptied(source: TextDocument, above: EditPath, found: Found): readonly Cut[] {
  const parent = find(source, above);
  const nothing = found.pair ? "{}" : "[]";
  const node = nodeAt(source, above)!;
  const from = !parent ? node.range![0] : parent.pair ? afterColon(parent.pair) : startOf(parent) + 1;
  return [{ from, to: endOfNode(node), text: parent ? ` ${nothing}` : nothing }];
}

function cutFromBlock(text: string, found: Found): readonly Cut[] {
  const { in: collection, index } = found;
  const isLast = index === collection.items.length - 1;
  const start = startOf(found);
  const own = linesOf(text, found);
  // it shares its line with the dash of a list: what follows takes its place
  if (!own) return [{ from: start, to: startOf(entryOf(collection, index + 1)), text: "" }];
  const isBig = !found.pair || (isCollectionNode(found.value) && !isFlow(found.value));
  if (!isBig) return [{ from: lineStart(text, start), to: lineEnd(text, endOf(found)), text: "" }];
  if (!isLast) return [{ from: own.from, to: skipBlankLines(text, own.to), text: "" }];
  return [{ from: blankLinesBefore(text, own.from), to: own.to, text: "" }];
}

function blankLinesBefore(text: string, offset: number): number {
  let from = offset;
  while (from > 0 && text.slice(lineStart(text, from - 1), from).trim() === "")
    from = lineStart(text, from - 1);
  return from;
}
