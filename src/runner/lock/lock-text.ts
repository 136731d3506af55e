/**
 * The lock file as text: YAML in which every leaf is one line, so that git diffs and merges read well and our own
 * text is read back a hundred times faster than by a whole YAML parser, which serves for text changed by hand.
 */
import { parse } from "yaml";

type Block = Record<string, unknown>;

/** Without a letter but `e` it would read as a number. */
const hash = /^(?=.*[a-df])[0-9a-f]{64}$/;
const plain = /^(?:[A-Za-z_/]|\.{1,2}\/)[A-Za-z0-9_./@+()~ -]*$/;
const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
const line = /^( *)("(?:[^"\\]|\\.)*"|[^\s"#{}[\],&*!|>'%`][^\s"#{}[\]]*?):(?: (.*))?$/;
const fileLine =
  /^\{path: ([A-Za-z0-9_./@+()~ -]+|"(?:[^"\\]|\\.)*"), sha256: "?([0-9a-f]{64})"?, size: (\d+)(?:, holds: ([a-z]+))?(?:, files: (\d+))?(?:, part: ("(?:[^"\\]|\\.)*"))?\}$/;

/** One entry (`key:` and everything below it), indented, ending with a line feed; keys sorted. */
export function formatBlock(key: string, value: unknown, indent: number): string {
  const start = `${" ".repeat(indent)}${formatKey(key)}:`;
  if (isFile(value)) {
    const { path, sha256, size, holds, files, part } = value;
    const more = [
      holds === undefined ? "" : `, holds: ${holds}`,
      files === undefined ? "" : `, files: ${files}`,
      part === undefined ? "" : `, part: ${JSON.stringify(part)}`,
    ].join("");
    return `${start} {path: ${formatText(path)}, sha256: ${formatText(sha256)}, size: ${size}${more}}\n`;
  }
  if (!isBlock(value)) return `${start} ${formatLeaf(value)}\n`;
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort();
  if (members.length === 0) return `${start} {}\n`;
  return `${start}\n${members.map((name) => formatBlock(name, value[name], indent + 2)).join("")}`;
}

/** Reads our own text quickly, any other YAML slowly. Throws what the YAML parser throws. */
export function parseLockText(text: string): unknown {
  return parseOwn(text) ?? parse(text);
}

const isBlock = (value: unknown): value is Block =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface FileLeaf {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly holds?: string;
  readonly files?: number;
  readonly part?: string;
}

const partsOfFile: Readonly<Record<keyof FileLeaf, string>> = {
  path: "string",
  sha256: "string",
  size: "number",
  holds: "string",
  files: "number",
  part: "string",
};

function isFile(value: unknown): value is FileLeaf {
  if (!isBlock(value) || !("path" in value && "sha256" in value && "size" in value)) return false;
  const { holds } = value;
  if (typeof holds === "string" && !isPlainWord(holds)) return false;
  return Object.entries(value).every(
    ([name, member]) => member === undefined || typeof member === ownPart(name),
  );
}

const isPlainWord = (text: string): boolean => /^[a-z]+$/.test(text) && !reserved.test(text);

const ownPart = (name: string): string | undefined =>
  Object.hasOwn(partsOfFile, name) ? partsOfFile[name as keyof FileLeaf] : undefined;

const formatKey = (key: string): string =>
  /^[A-Za-z_][A-Za-z0-9_./@+:-]*$/.test(key) && !key.endsWith(":") && !reserved.test(key)
    ? key
    : JSON.stringify(key);
const formatText = (text: string): string =>
  hash.test(text) || (plain.test(text) && !text.endsWith(" ") && !reserved.test(text))
    ? text
    : JSON.stringify(text);
const formatLeaf = (value: unknown): string =>
  typeof value === "string" ? formatText(value) : JSON.stringify(value ?? null);

/** Undefined when a line is not in our own hand. */
function parseOwn(text: string): Block | undefined {
  const root: Block = {};
  const open: { indent: number; block: Block }[] = [{ indent: 0, block: root }];
  for (const content of text.split("\n")) {
    if (content === "" || /^ *#/.test(content)) continue;
    const match = line.exec(content);
    if (!match) return undefined;
    const [, spaces, rawKey, rawValue] = match;
    const indent = spaces!.length;
    while (open.length > 1 && open.at(-1)!.indent > indent) open.pop();
    const { indent: expected, block } = open.at(-1)!;
    const key = rawKey!.startsWith('"') ? (JSON.parse(rawKey!) as string) : rawKey!;
    if (expected !== indent || Object.hasOwn(block, key) || key === "__proto__") return undefined;
    if (rawValue === undefined) {
      const inner: Block = {};
      block[key] = inner;
      open.push({ indent: indent + 2, block: inner });
      continue;
    }
    const value = parseLeaf(rawValue);
    if (value === undefined) return undefined;
    block[key] = value;
  }
  return root;
}

/** Undefined when the text is not in our own hand. */
function parseLeaf(text: string): unknown {
  const file = fileLine.exec(text);
  if (file) return file[4] !== undefined && reserved.test(file[4]) ? undefined : parseFile(file);
  if (/^(?:["[{\d-]|(?:true|false|null)$)/.test(text) && !hash.test(text))
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  return formatText(text) === text ? text : undefined;
}

function parseFile([, path, sha256, size, holds, files, part]: RegExpExecArray): FileLeaf {
  return {
    path: parseText(path!),
    sha256: sha256!,
    size: Number(size),
    ...(holds !== undefined && { holds }),
    ...(files !== undefined && { files: Number(files) }),
    ...(part !== undefined && { part: parseText(part) }),
  };
}

const parseText = (text: string): string => (text.startsWith('"') ? (JSON.parse(text) as string) : text);
