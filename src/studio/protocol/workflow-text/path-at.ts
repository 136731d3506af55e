/** From a place in the text to the value that stands there: where the mistake of a check belongs in a form. */
import type { Node } from "yaml";
import type { EditPath } from "./operation.ts";
import {
  endOf,
  entryOf,
  type Found,
  isMap,
  isSeq,
  parseText,
  startOf,
  type TextDocument,
} from "./text-document.ts";

/** Path of the innermost value whose key or text holds the character at `line` and `column`, from 1. */
export function pathAt(text: string | TextDocument, line: number, column: number): EditPath {
  const source = typeof text === "string" ? parseText(text.replace(/^\uFEFF/, "")) : text;
  const offset = offsetOf(source.text, line, column);
  const path: (string | number)[] = [];
  let node = source.document.contents as Node | undefined;
  for (;;) {
    const found = entryWith(node, offset);
    if (!found) return path;
    path.push(found.pair ? String((found.pair.key as { value?: unknown }).value) : found.index);
    node = found.value;
  }
}

function entryWith(node: Node | undefined, offset: number): Found | undefined {
  if (!isMap(node) && !isSeq(node)) return undefined;
  for (let index = 0; index < node.items.length; index++) {
    const entry = entryOf(node, index);
    if (entry.pair && !(entry.pair.key as Node | null)?.range) continue;
    if (startOf(entry) <= offset && offset < Math.max(endOf(entry), startOf(entry) + 1)) return entry;
  }
  return undefined;
}

/** Of a line and column, from 1. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let count = 1; count < line; count++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return Math.min(text.length, start + column - 1);
}

/** Where the value at `path` is written, or what holds it: offsets into the text. */
export function rangeAt(
  text: string,
  path: EditPath,
): { readonly from: number; readonly to: number } | undefined {
  const source = parseText(text);
  let node: unknown = source.document.contents;
  let range: { from: number; to: number } | undefined;
  for (const step of path) {
    const index =
      isMap(node) || isSeq(node)
        ? node.items.findLastIndex((item, place) =>
            isSeq(node)
              ? place === Number(step)
              : String((item as { key: { value?: unknown } }).key?.value) === String(step),
          )
        : -1;
    if (index < 0) break;
    const entry = entryOf(node as never, index);
    range = { from: startOf(entry), to: endOf(entry) };
    node = entry.value;
  }
  return range;
}
