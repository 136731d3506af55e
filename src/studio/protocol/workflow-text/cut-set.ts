/** Cuts that give a value to a place of the text: the smallest that do. */
import type { Cut } from "./cut.ts";
import { appendCuts } from "./cut-insert.ts";
import { removeCuts } from "./cut-remove.ts";
import type { EditPath } from "./operation.ts";
import {
  afterColon,
  columnOf,
  endOfNode,
  type Found,
  find,
  isAlias,
  isCollectionNode,
  isFlow,
  isMap,
  isScalar,
  isSeq,
  isUnwritten,
  nodeAt,
  startOf,
  type TextDocument,
} from "./text-document.ts";
import { writeAfter, writeInLine } from "./write-value.ts";

/** Undefined where `path` leads through something that is no map or list, or that another place shares. */
export function setCuts(source: TextDocument, path: EditPath, value: unknown): readonly Cut[] | undefined {
  const found = find(source, path);
  if (found) return replaceCuts(source, path, { found, value });
  if (path.length === 0) return undefined;
  const above = path.slice(0, -1);
  const parent = nodeAt(source, above);
  const key = path.at(-1)!;
  if (isUnwritten(parent))
    return setCuts(source, above, typeof key === "number" ? [value] : { [key]: value });
  if (isMap(parent))
    return appendCuts(source, parent, {
      key: String(key),
      value,
      isStep: isStep(path),
      block: levelsOfLines(path),
    });
  return undefined;
}

const isStep = (path: EditPath): boolean => path.length === 2 && path[0] === "steps";

interface Replacement {
  readonly found: Found;
  readonly value: unknown;
}

function replaceCuts(
  source: TextDocument,
  path: EditPath,
  { found, value }: Replacement,
): readonly Cut[] | undefined {
  const old = found.value;
  if (isPlainMap(value) && isMap(old) && old.items.length > 0 && Object.keys(value).length > 0)
    return mergeMap(source, path, value);
  if (Array.isArray(value) && isSeq(old) && old.items.length === value.length && value.length > 0)
    return mergeList(source, path, value);
  if (isUnwritten(old))
    return [
      {
        from: placeOfNothing(found),
        to: placeOfNothing(found),
        text: written(source, found, value, levelsOfLines(path)),
      },
    ];
  // rows that take the place of `[]`, or of a table file, go on lines of their own
  const isEmpty = isCollectionNode(old) && old.items.length === 0;
  if ((isScalar(old) || isAlias(old) || isEmpty) && typeof value === "object" && levelsOfLines(path) > 0)
    return [
      {
        from: placeOfNothing(found),
        to: endOfText(source.text, old),
        text: written(source, found, value, levelsOfLines(path)),
      },
    ];
  const isLine = isScalar(old) || isAlias(old) || isFlow(old);
  const from = isLine ? old!.range![0] : found.pair ? afterColon(found.pair) : startOf(found) + 1;
  const to = endOfText(source.text, old!);
  const text = isLine && !spansLines(value) ? inLine(source, found, value) : written(source, found, value);
  return [{ from: isLine && spansLines(value) ? placeOfNothing(found) : from, to, text }];
}

const spansLines = (value: unknown): boolean => typeof value === "string" && value.includes("\n");

const placeOfNothing = (found: Found): number => (found.pair ? afterColon(found.pair) : startOf(found) + 1);

/** A block text's range takes the line break behind it along. */
function endOfText(text: string, node: NonNullable<Found["value"]>): number {
  const end = endOfNode(node);
  return end - (/\s*$/.exec(text.slice(node.range![0], end))?.[0].length ?? 0);
}

/** Steps and rows are written on lines of their own. */
function levelsOfLines(path: EditPath): number {
  if (path[0] === "steps") return Math.max(0, 3 - path.length);
  return path[0] === "tomograms" && path.length === 1 ? 1 : 0;
}

function written(source: TextDocument, found: Found, value: unknown, block = 0): string {
  const indent = columnOf(source.text, startOf(found));
  return writeAfter(value, { indent, newline: source.newline, inFlow: isFlow(found.in), block });
}

const inLine = (source: TextDocument, found: Found, value: unknown): string => {
  const quotes = isScalar(found.value) ? found.value.type : undefined;
  const line = writeInLine(value, { inFlow: isFlow(found.in), ...(quotes && { quotes }) });
  const fits = columnOf(source.text, found.value!.range![0]) + line.length <= 120;
  // a long list is written on lines of its own where that can be
  return fits || isFlow(found.in) || isFlow(found.value) ? line : written(source, found, value).trimStart();
};

const isPlainMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Entry by entry, so that comments between them stay. Where several change, one edit at a time is made. */
function mergeMap(
  source: TextDocument,
  path: EditPath,
  value: Record<string, unknown>,
): readonly Cut[] | undefined {
  const node = find(source, path)!.value!;
  if (!isMap(node)) return undefined;
  const before = node.toJS(source.document, { maxAliasCount: 100_000 }) as Record<string, unknown>;
  const cuts: Cut[] = [];
  const added: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (JSON.stringify(before[key]) === JSON.stringify(inner) && Object.hasOwn(before, key)) continue;
    if (!Object.hasOwn(before, key)) added.push([key, inner]);
    else {
      const inside = setCuts(source, [...path, key], inner);
      if (!inside) return undefined;
      cuts.push(...inside);
    }
  }
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(value, key));
  // cuts side by side would meet
  if (gone.length > 0 && (gone.length > 1 || added.length > 0 || isFlow(node)))
    return wholeCuts(source, find(source, path)!, value);
  for (const key of gone) {
    const removed = removeCuts(source, [...path, key]);
    if (!removed) return undefined;
    cuts.push(...removed);
  }
  for (const [key, inner] of added)
    cuts.push(...appendCuts(source, node, { key, value: inner, isStep: false, block: 0 }));
  return cuts;
}

function mergeList(
  source: TextDocument,
  path: EditPath,
  value: readonly unknown[],
): readonly Cut[] | undefined {
  const before = nodeAt(source, path)!.toJS(source.document, { maxAliasCount: 100_000 }) as unknown[];
  const cuts: Cut[] = [];
  for (const [index, item] of value.entries()) {
    if (JSON.stringify(before[index]) === JSON.stringify(item)) continue;
    const inside = setCuts(source, [...path, index], item);
    if (!inside) return undefined;
    cuts.push(...inside);
  }
  return cuts;
}

function wholeCuts(source: TextDocument, found: Found, value: unknown): readonly Cut[] {
  const from = placeOfNothing(found);
  return [{ from, to: endOfText(source.text, found.value!), text: written(source, found, value) }];
}
