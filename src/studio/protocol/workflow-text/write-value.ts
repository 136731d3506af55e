/** Values as YAML text, in the manner of the workflows that come with tomoflow: short maps and lists in one line. */
import { Document, type Scalar, visit } from "yaml";

/** Longest line that a map or list may take, characters. */
const longestLine = 100;

export interface WriteStyle {
  /** Column of the key or dash that the value follows. */
  readonly indent: number;
  readonly newline: string;
  /** The quotes of the value that it replaces. */
  readonly quotes?: Scalar.Type;
  /** How many levels of maps are written in lines of their own, however short. */
  readonly block?: number;
  /** Inside of { } or [ ]: one line, whatever its length. */
  readonly inFlow?: boolean;
}

/** The text that follows `key:` or the dash of an item, with the space or line break between. */
export function writeAfter(value: unknown, style: WriteStyle): string {
  const line = writeInLine(value, style);
  if (style.inFlow) return ` ${line}`;
  if (typeof value === "string" && value.includes("\n")) return ` ${writeBlockText(value, style)}`;
  const isShort = line.length + style.indent <= longestLine;
  if (!isEntries(value) || (isShort && !style.block)) return ` ${line}`;
  const inside = {
    indent: style.indent + 2,
    newline: style.newline,
    block: Math.max(0, (style.block ?? 0) - 1),
  };
  return style.newline + writeLines(value, inside);
}

/** Every entry of a map or list on a line of its own, without a newline at the end. */
function writeLines(value: object, style: WriteStyle): string {
  const space = " ".repeat(style.indent);
  const lines = Array.isArray(value)
    ? value.map((item) => `${space}-${writeItem(item, style)}`)
    : Object.entries(value).map(([key, inner]) => `${space}${writeKey(key)}:${writeAfter(inner, style)}`);
  return lines.join(style.newline);
}

/** The text that follows the dash of an item. */
export function writeItem(value: unknown, style: WriteStyle): string {
  const line = writeInLine(value, style);
  if (!isEntries(value) || line.length + style.indent <= longestLine) return ` ${line}`;
  return ` ${writeLines(value, { ...style, indent: style.indent + 2 }).trimStart()}`;
}

const isEntries = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.keys(value).length > 0;

/** A value in one line: `{radius: 10, name: ribosome}`. */
export function writeInLine(value: unknown, { quotes, inFlow }: Partial<WriteStyle> = {}): string {
  const document = new Document(value, { version: "1.2" });
  visit(document, {
    Collection: (_, node) => {
      node.flow = true;
    },
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string") scalar.type = quotesFor(scalar.value, quotes, inFlow);
    },
    Pair: (_, pair) => {
      const key = pair.key as Scalar;
      if (typeof key.value === "string" && /^(0|[1-9]\d{0,15})$/.test(key.value))
        key.value = Number(key.value);
    },
  });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd();
  return text.includes("\n") ? JSON.stringify(value) : text;
}

/** Expressions and what looks like something else in quotes; else plain, or as it was. */
function quotesFor(text: string, quotes: Scalar.Type | undefined, inFlow = false): Scalar.Type {
  if (quotes === "QUOTE_SINGLE" && !/['\n\r\t]/.test(text)) return quotes;
  if (quotes === "QUOTE_DOUBLE") return quotes;
  return /\$\{|\n|\r/.test(text) || (inFlow && /[[\]{},]/.test(text)) ? "QUOTE_DOUBLE" : "PLAIN";
}

/** Plain where a text of this form is a key of that name: `1`, `patchSize`. */
export function writeKey(key: string): string {
  const isPlain = /^(0|[1-9]\d{0,15}|[A-Za-z_][\w-]*)$/.test(key) && !/^(true|false|null)$/i.test(key);
  return isPlain ? key : writeInLine(key);
}

/** A text of several lines, after `|`. */
function writeBlockText(text: string, { indent, newline }: WriteStyle): string {
  const isSafe = !/[\r\t\0]/.test(text) && !/^\s/.test(text) && !/\n\n$/.test(text);
  if (!isSafe) return JSON.stringify(text);
  const space = " ".repeat(indent + 2);
  const lines = text.replace(/\n$/, "").split("\n");
  const header = text.endsWith("\n") ? "|" : "|-";
  return [header, ...lines.map((line) => (line === "" ? "" : space + line))].join(newline);
}
