/** A YAML file as values and as text at once, so that every mistake can be shown where it stands. */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from "yaml";
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { Path } from "./data-path.ts";
import { checkYamlNodes, isMergeKey } from "./yaml-nodes.ts";

export interface YamlSource {
  /** As shown in diagnostics. */
  readonly file: string;
  /** Plain data; aliases and merge keys resolved. */
  readonly value: unknown;
  /** Where the value at `path` stands: the value itself, or its key. Falls back to the nearest place above. */
  locate(path: Path, part?: "value" | "key"): Location;
  /** The text of the scalar at `path` as written: `007` where the value is 7. */
  writtenAt(path: Path): string | undefined;
}

/** Parses YAML 1.2 with merge keys. Fails with every syntax error, duplicated key, and alias that explodes. */
export function parseYamlSource(file: string, text: string): Result<YamlSource> {
  const source = text.replace(/^\uFEFF/, "");
  const lineCounter = new LineCounter();
  const document = parseDocument(source, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    uniqueKeys: false,
    keepSourceTokens: false,
    logLevel: "error",
  });
  const place = new TextPlaces(file, source, lineCounter);
  const problems = [
    ...syntaxErrors(document, place),
    ...checkYamlNodes(document, (from, to) => place.at(from, to)),
  ];
  if (problems.length > 0) return failure(problems);
  return success({
    file,
    value: document.toJS({ maxAliasCount: -1 }),
    locate: (path, part = "value") => locate(document, place, path, part),
    writtenAt: (path) => writtenAt(document, path),
  });
}

/** Turns offsets into lines and columns. */
class TextPlaces {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;

  constructor(file: string, text: string, lines: LineCounter) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
  }

  /** The place of the characters from `from` up to `to` (not included), as far as they are on one line. */
  at(from: number, to: number): Location {
    const { line, col } = this.#lines.linePos(from);
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    const end = this.#text.indexOf("\n", start);
    const sourceLine = this.#text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
    const stop = Math.min(to - start, sourceLine.trimEnd().length);
    return {
      file: this.#file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      length: Math.max(1, stop - col + 1),
      sourceLine,
    };
  }

  textAt(from: number, to: number): string {
    return this.#text.slice(from, to);
  }
}

const syntaxHints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with spaces: YAML does not take tabs",
  BAD_INDENT: "is a closing ] or } missing? Keys of one map start in the same column",
  MISSING_CHAR: "is a colon, quote, bracket or brace missing?",
  MULTIPLE_DOCS: "a workflow file holds one document: remove the line ---",
  MULTILINE_IMPLICIT_KEY: "is a colon missing after the key, or a quote at the end of the value?",
  BLOCK_AS_IMPLICIT_KEY: "keys of one map start in the same column; a text that holds a colon needs quotes",
  BAD_DQ_ESCAPE: "write \\\\ for a backslash, or use single quotes: 'C:\\data'",
  BAD_SCALAR_START: "put the value in quotes",
};

const plainMessages: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "a tab in the indentation",
  MULTIPLE_DOCS: "a second document",
  DUPLICATE_KEY: "a key given twice",
};

/** After another mistake these only say that the parser lost its way. */
const consequences: ReadonlySet<string> = new Set(["UNEXPECTED_TOKEN", "BAD_INDENT"]);

function syntaxErrors(document: Document.Parsed, place: TextPlaces): Diagnostic[] {
  const seen = new Set<number>();
  return [...document.errors, ...document.warnings].flatMap((error) => {
    const location = place.at(error.pos[0], error.pos[1]);
    if (location.line === undefined || seen.has(location.line)) return [];
    if (seen.size > 0 && consequences.has(error.code)) return [];
    seen.add(location.line);
    const inBraces = /[{,]\s*[^"'#]*:\s*\$\{|\{[^}"']*\{/.test(location.sourceLine ?? "");
    const hint = inBraces
      ? 'inside { } an expression needs quotes: {weights: "${train.weights}"}'
      : syntaxHints[error.code];
    const message = plainMessages[error.code] ?? error.message;
    return [errorDiagnostic("yaml-syntax", `not valid YAML: ${message}`, { location, hint })];
  });
}

function locate(document: Document.Parsed, place: TextPlaces, path: Path, part: "value" | "key"): Location {
  let node = resolved(document.contents, document);
  let key: Node | undefined;
  for (const [depth, step] of path.entries()) {
    const found = child(node, step, document);
    if (!found) {
      part = depth === path.length - 1 ? part : "value";
      break;
    }
    key = found.key ?? key;
    node = found.value;
  }
  const flat = isScalar(node) || (!!node && (node as { flow?: boolean }).flow === true);
  const shown = part === "key" || !flat || !node?.range ? (key ?? node) : node;
  const range = shown?.range;
  return range ? place.at(range[0], range[1]) : place.at(0, 0);
}

interface Child {
  /** The key's node; a list item has none. */
  readonly key?: Node;
  readonly value: Node | undefined;
}

function child(node: Node | undefined, step: string | number, document: Document.Parsed): Child | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { key: item as Node, value: resolved(item, document) };
  }
  if (!isMap(node)) return undefined;
  const pair = findPair(node.items, String(step));
  if (pair) return { key: pair.key as Node, value: resolved(pair.value, document) };
  for (const item of node.items) {
    if (!isMergeKey(item.key)) continue;
    const merged = resolved(item.value, document);
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const found = child(resolved(source, document), step, document);
      if (found) return found;
    }
  }
  return undefined;
}

/** The last pair with this key, as the last one counts. */
const findPair = (items: readonly Pair[], key: string): Pair | undefined =>
  items.findLast((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);

function resolved(node: unknown, document: Document.Parsed): Node | undefined {
  if (isAlias(node)) return node.resolve(document) as Node | undefined;
  return (node as Node | null) ?? undefined;
}

function writtenAt(document: Document.Parsed, path: Path): string | undefined {
  let node = resolved(document.contents, document);
  for (const step of path) node = child(node, step, document)?.value;
  if (!isScalar(node)) return undefined;
  return node.source ?? String(node.value);
}
