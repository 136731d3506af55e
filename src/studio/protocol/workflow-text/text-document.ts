/** A YAML text with the place of every value in it: what edits by cutting and pasting need. */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { EditPath } from "./operation.ts";

export interface TextDocument {
  /** Without a byte order mark. */
  readonly text: string;
  readonly document: Document.Parsed;
  readonly newline: string;
}

/** Parses as a workflow is read: YAML 1.2 with merge keys. Mistakes are in `document.errors`. */
export function parseText(text: string): TextDocument {
  const document = parseDocument(text, {
    merge: true,
    prettyErrors: false,
    uniqueKeys: false,
    keepSourceTokens: true,
    logLevel: "error",
  });
  return { text, document, newline: text.includes("\r\n") ? "\r\n" : "\n" };
}

/** Plain data of the whole text. */
export const dataOf = ({ document }: TextDocument): unknown => document.toJS({ maxAliasCount: 100_000 });

/** The pair or item at the end of a path, in the collection that holds it. */
export type Found =
  | { readonly in: YAMLMap; readonly index: number; readonly pair: Pair; readonly value: Node | undefined }
  | {
      readonly in: YAMLSeq;
      readonly index: number;
      readonly pair?: undefined;
      readonly value: Node | undefined;
    };

/** What stands at `path`, never through an alias or a merge key: what is there belongs to another place too. */
export function find({ document }: TextDocument, path: EditPath): Found | undefined {
  let node: unknown = document.contents;
  let found: Found | undefined;
  for (const step of path) {
    found = childOf(node, step);
    if (!found) return undefined;
    node = found.value;
  }
  return found;
}

/** The node at `path`; the whole document at the empty path. */
export const nodeAt = (source: TextDocument, path: EditPath): Node | undefined =>
  path.length === 0 ? (source.document.contents as Node | undefined) : find(source, path)?.value;

function childOf(node: unknown, step: string | number): Found | undefined {
  if (isSeq(node)) {
    const index = Number(step);
    return index in node.items
      ? { in: node, index, value: (node.items[index] as Node | null) ?? undefined }
      : undefined;
  }
  if (!isMap(node)) return undefined;
  const index = node.items.findLastIndex(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  );
  const pair = node.items[index];
  return pair && { in: node, index, pair, value: (pair.value as Node | null) ?? undefined };
}

export const isFlow = (node: unknown): boolean => isCollection(node) && node.flow === true;

/** A value that is not written: `with:` and nothing behind it. */
export const isUnwritten = (node: Node | undefined): boolean =>
  node === undefined || (isScalar(node) && node.range?.[0] === node.range?.[1] && node.value === null);

/** Offset where an entry begins: its key, or the dash of an item. */
export function startOf(found: Found): number {
  if (found.pair) return (found.pair.key as Node).range![0];
  const token = found.in.srcToken;
  const dash =
    token?.type === "block-seq"
      ? token.items[found.index]?.start.find(({ type }) => type === "seq-item-ind")
      : undefined;
  return dash?.offset ?? found.value!.range![0];
}

/** Offset behind the last written character of an entry; comments behind it are not part of it. */
export function endOf(found: Found): number {
  if (!isUnwritten(found.value)) return endOfNode(found.value!);
  return found.pair ? afterColon(found.pair) : startOf(found) + 1;
}

/** Offset behind the colon of a pair. */
export function afterColon(pair: Pair): number {
  const token = pair.srcToken as { sep?: readonly { type: string; offset: number }[] } | undefined;
  const colon = token?.sep?.find(({ type }) => type === "map-value-ind");
  return colon ? colon.offset + 1 : (pair.key as Node).range![1];
}

/** Offset behind the last written character of a node. */
export function endOfNode(node: Node): number {
  const last = isCollection(node) && !isFlow(node) ? node.items.length - 1 : -1;
  if (last >= 0) return endOf(entryOf(node as YAMLMap | YAMLSeq, last));
  return node.range![1];
}

/** An entry by its index. */
export function entryOf(collection: YAMLMap | YAMLSeq, index: number): Found {
  if (isSeq(collection))
    return { in: collection, index, value: (collection.items[index] as Node | null) ?? undefined };
  const pair = (collection as YAMLMap).items[index]!;
  return {
    in: collection as YAMLMap,
    index,
    pair: pair as Pair,
    value: (pair.value as Node | null) ?? undefined,
  };
}

export const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

/** Offset behind the line's end, its newline included. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

/** Column of an offset, from 0. */
export const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset);

export { isAlias, isCollection as isCollectionNode, isMap, isScalar, isSeq };
