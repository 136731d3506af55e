/** Cuts that add an entry to a map or an item to a list. */
import type { YAMLMap, YAMLSeq } from "yaml";
import { type Cut, linesOf } from "./cut.ts";
import type { EditPath } from "./operation.ts";
import {
  columnOf,
  endOf,
  entryOf,
  isFlow,
  isSeq,
  lineEnd,
  lineStart,
  nodeAt,
  startOf,
  type TextDocument,
} from "./text-document.ts";
import { writeAfter, writeInLine, writeItem, writeKey } from "./write-value.ts";

interface Entry {
  readonly key: string;
  readonly value: unknown;
  /** Comes after a blank line. */
  readonly isStep: boolean;
  /** See `WriteStyle`. */
  readonly block: number;
}

/** Adds an entry at the end of a map. */
export function appendCuts(
  source: TextDocument,
  map: YAMLMap,
  { key, value, isStep, block }: Entry,
): readonly Cut[] {
  const { text, newline } = source;
  const last = map.items.length - 1;
  if (isFlow(map)) {
    const entry = `${writeKey(key)}:${writeAfter(value, { indent: 0, newline, inFlow: true })}`;
    return [intoFlow(map, entry, last)];
  }
  const indent = columnOf(text, startOf(entryOf(map, 0)));
  const entry = `${" ".repeat(indent)}${writeKey(key)}:${writeAfter(value, { indent, newline, block })}`;
  const behind = entryOf(map, last);
  // a step's own comments stay with it
  const at = (isStep ? linesOf(text, behind)?.to : undefined) ?? lineEnd(text, endOf(behind));
  return [newLines(text, at, { lines: isStep ? newline + entry : entry, newline })];
}

/** Adds an item to a list that has some, before the item `index`. */
export function insertCuts(
  source: TextDocument,
  { path, index, value }: { path: EditPath; index: number; value: unknown },
): readonly Cut[] | undefined {
  const list = nodeAt(source, path);
  if (!isSeq(list) || list.items.length === 0 || index > list.items.length) return undefined;
  if (isFlow(list)) {
    const item = writeInLine(value, { inFlow: true });
    if (index > 0) return [intoFlow(list, item, index - 1)];
    const from = startOf(entryOf(list, 0));
    return [{ from, to: from, text: `${item}, ` }];
  }
  return insertIntoBlock(source, list, { index, value });
}

function insertIntoBlock(
  { text, newline }: TextDocument,
  list: YAMLSeq,
  { index, value }: { index: number; value: unknown },
): readonly Cut[] | undefined {
  const start = startOf(entryOf(list, 0));
  const indent = columnOf(text, start);
  const lines = `${" ".repeat(indent)}-${writeItem(value, { indent, newline })}`;
  if (index > 0) {
    const at = lineEnd(text, endOf(entryOf(list, index - 1)));
    return [newLines(text, at, { lines, newline })];
  }
  if (text.slice(lineStart(text, start), start).trim() !== "") return undefined;
  const from = linesOf(text, entryOf(list, 0))?.from ?? lineStart(text, start);
  return [{ from, to: from, text: lines + newline }];
}

function intoFlow(collection: YAMLMap | YAMLSeq, entry: string, last: number): Cut {
  if (last < 0) {
    const from = collection.range![0] + 1;
    return { from, to: from, text: entry };
  }
  const from = endOf(entryOf(collection, last));
  return { from, to: from, text: `, ${entry}` };
}

/** Whole lines at the start of a line, or behind a last line that does not end. */
function newLines(text: string, at: number, { lines, newline }: { lines: string; newline: string }): Cut {
  const isEnded = at === 0 || text[at - 1] === "\n";
  return { from: at, to: at, text: isEnded ? lines + newline : newline + lines };
}
