/**
 * Text tables: comma, semicolon, tab or spaces between the values, `#` before a comment. With a header row of our names
 * (those of the xml attributes, or of the xlsx columns), or without one: x y z, then the class label if there is a
 * fourth value. Unknown columns survive.
 */
import { extname } from "node:path";
import { decodeText } from "../../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";
import { failure, type Result, resultOf } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import {
  buildObject,
  extraNamesOf,
  extraOf,
  type FieldDescription,
  fieldOfName,
  nameForColumn,
  objectFields,
} from "./fields.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";

export const csvFormat: ObjectFormat = textFormat("csv", ",");
export const tsvFormat: ObjectFormat = textFormat("tsv", "\t");

function textFormat(name: string, delimiter: string): ObjectFormat {
  return {
    name,
    capabilities: { fields: new Set(objectFields.map(({ field }) => field)), extra: true, requires: [] },
    read: async (bytes, source, options) => {
      const text = decodeText(bytes, { source });
      return text.ok ? readText(text.value, source, options) : text;
    },
    write: async (list) => new TextEncoder().encode(writeText(list, delimiter)),
  };
}

interface Column {
  readonly name: string;
  readonly description: FieldDescription | undefined;
}

interface Cell {
  readonly text: string;
  /** From 1, in the line. */
  readonly column: number;
}

interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly cells: readonly Cell[];
}

function readText(text: string, source: string, options: ObjectFileOptions): Result<ObjectList> {
  const lines = splitLines(text);
  if (lines.length === 0) return resultOf([], []);
  const header = readHeader(lines[0]);
  const columns = header ?? positionalColumns(lines[0].cells.length);
  if (!columns) return failure([notATable(lines[0], source)]);
  const diagnostics: Diagnostic[] = header ? checkHeader(header, lines[0], source) : [];
  if (options.label === undefined && !columns.some(({ description }) => description?.field === "label"))
    diagnostics.push(noClasses(lines[0], source));
  if (diagnostics.length > 0) return failure(diagnostics);
  const objects: TomogramObject[] = [];
  for (const line of header ? lines.slice(1) : lines) {
    const object = readLine(line, columns, { source, options, diagnostics });
    if (object) objects.push(object);
  }
  return resultOf(objects, diagnostics);
}

function readLine(
  line: Line,
  columns: readonly Column[],
  context: { source: string; options: ObjectFileOptions; diagnostics: Diagnostic[] },
): TomogramObject | undefined {
  const locate = (index?: number): Location => ({
    file: context.source,
    line: line.number,
    column: index === undefined ? 1 : line.cells[index].column,
    length: index === undefined ? 1 : line.cells[index].text.length,
    sourceLine: line.text,
  });
  if (line.cells.length === columns.length) {
    const values = columns.map((column, index) => ({
      name: column.name,
      description: column.description,
      text: line.cells[index].text,
    }));
    return buildObject(values, { ...context, locate });
  }
  context.diagnostics.push(
    errorDiagnostic("objects-text", `${line.cells.length} values where ${columns.length} are expected`, {
      location: locate(),
      hint: "give every line as many values as the first; quote texts that hold the delimiter",
    }),
  );
  return undefined;
}

/** The columns that the first line names, or undefined when it holds numbers alone. */
function readHeader({ cells }: Line): readonly Column[] | undefined {
  if (cells.every(({ text }) => Number.isFinite(Number(text)))) return undefined;
  const names = cells.map(({ text }) => text);
  const columns = names.map((text, index) => {
    const name = text === "" ? nameForColumn(index + 1, names) : text;
    return { name, description: fieldOfName(name) };
  });
  return columns.some(({ description }) => description) ? columns : undefined;
}

function positionalColumns(count: number): readonly Column[] | undefined {
  if (count !== 3 && count !== 4) return undefined;
  return ["x", "y", "z", "class_label"]
    .slice(0, count)
    .map((name) => ({ name, description: fieldOfName(name) }));
}

function checkHeader(header: readonly Column[], line: Line, source: string): Diagnostic[] {
  const seen = new Set<string>();
  return header.flatMap(({ name, description }, index) => {
    const key = description?.field ?? name;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const location = {
      file: source,
      line: line.number,
      column: line.cells[index].column,
      sourceLine: line.text,
    };
    return [errorDiagnostic("objects-text", `the column ${name} is there twice`, { location })];
  });
}

/** Told once, and not for each of a thousand objects. */
const noClasses = (line: Line, source: string): Diagnostic =>
  errorDiagnostic("object-incomplete", "the list does not say of which class its objects are", {
    location: { file: source, line: line.number, column: 1, sourceLine: line.text },
    hint: `add the column class_label, or, where all are of one class: tomoflow objects convert ${shellWord(source)} ${shellWord(withExtension(source, ".xml"))} --label 1`,
  });

const withExtension = (path: string, extension: string): string =>
  `${path.slice(0, path.length - extname(path).length)}${extension}`;

/** In quotes where a shell would take a name apart. */
const shellWord = (name: string): string => (/^[\w./@%+=:,~-]+$/.test(name) ? name : JSON.stringify(name));

const notATable = (line: Line, source: string): Diagnostic =>
  errorDiagnostic("objects-text", "this is neither a header row nor x, y, z and a class label", {
    location: { file: source, line: line.number, column: 1, sourceLine: line.text.slice(0, 200) },
    hint: `begin with a header such as ${["class_label", "x", "y", "z"].join(",")}`,
  });

/** Lines with values; one whose quotes are open goes on in the next. Rows of empty cells, as spreadsheets write them, say nothing. */
function splitLines(text: string): readonly Line[] {
  const physical = text.split(/\r\n|\r|\n/);
  const delimiter = delimiterOf(physical.find(saysSomething) ?? "");
  const lines: Line[] = [];
  for (let index = 0; index < physical.length; index++) {
    const start = index;
    if (!saysSomething(physical[start]!)) continue;
    let line = physical[start]!;
    while (hasOpenQuote(line, delimiter) && index + 1 < physical.length) line += `\n${physical[++index]!}`;
    const cells = splitCells(line, delimiter);
    if (delimiter === " " || cells.some((cell) => cell.text !== ""))
      lines.push({ number: start + 1, text: physical[start]!, cells });
  }
  return lines;
}

const saysSomething = (line: string): boolean => line.trim() !== "" && !line.trimStart().startsWith("#");

type Delimiter = "\t" | ";" | "," | " ";

/** The one under which a header names x, y and z; else the likeliest of a first line, without what stands in quotes. */
function delimiterOf(first: string): Delimiter {
  const delimiters: readonly Delimiter[] = [",", "\t", ";", " "];
  const ofHeader = delimiters.find((delimiter) => namesCoordinates(splitCells(first, delimiter)));
  if (ofHeader) return ofHeader;
  const line = first.replace(/"([^"]|"")*"/g, "text");
  if (line.includes(";")) return ";";
  if (line.includes(",")) return ",";
  const numbersAlone = line
    .trim()
    .split(/\s+/)
    .every((text) => Number.isFinite(Number(text)));
  return line.includes("\t") && !numbersAlone ? "\t" : " ";
}

function namesCoordinates(cells: readonly Cell[]): boolean {
  const fields = new Set(cells.map(({ text }) => fieldOfName(text)?.field));
  return fields.has("x") && fields.has("y") && fields.has("z");
}

/** Splits a line at its delimiter; a value in double quotes may hold the delimiter, and `""` for a quote. */
function splitCells(line: string, delimiter: Delimiter): readonly Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  do {
    if (cells.length > 0) at++;
    while (isBlank(line[at], delimiter)) at++;
    if (at >= line.length && delimiter === " " && cells.length > 0) break;
    const start = at;
    at = line[at] === '"' ? endOfQuoted(line, at) : at;
    while (at < line.length && line[at] !== delimiter && !(delimiter === " " && line[at] === "\t")) at++;
    const text = line.slice(start, at).trim();
    cells.push({
      text: /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text,
      column: start + 1,
    });
  } while (at < line.length);
  return cells;
}

const isBlank = (character: string | undefined, delimiter: Delimiter): boolean =>
  character === " " || (character === "\t" && delimiter !== "\t");

/** Whether a value in quotes is not at its end yet. */
function hasOpenQuote(line: string, delimiter: Delimiter): boolean {
  if (!line.includes('"')) return false;
  let at = 0;
  while (at < line.length) {
    while (isBlank(line[at], delimiter)) at++;
    if (line[at] === '"') at = endOfQuoted(line, at);
    if (at > line.length) return true;
    while (at < line.length && line[at] !== delimiter) at++;
    at++;
  }
  return false;
}

/** The index behind the quote that ends the text which begins at `at`. */
function endOfQuoted(line: string, at: number): number {
  let end = at + 1;
  while (end < line.length && (line[end] !== '"' || line[end + 1] === '"')) end += line[end] === '"' ? 2 : 1;
  return end + 1;
}

function writeText(list: ObjectList, delimiter: string): string {
  const always = new Set(["label", "x", "y", "z"]);
  const fields = objectFields.filter(
    ({ field }) => always.has(field) || list.some((object) => object[field] !== undefined),
  );
  const extra = extraNamesOf(list);
  const rows = list.map((object) => [
    ...fields.map(({ field }) => object[field]),
    ...extra.map((name) => extraOf(object, name)),
  ]);
  const lines = [[...fields.map(({ attribute }) => attribute), ...extra], ...rows];
  return `${lines.map((line) => line.map((value) => quote(String(value ?? ""), delimiter)).join(delimiter)).join("\n")}\n`;
}

const quote = (text: string, delimiter: string): string =>
  text.includes(delimiter) || /["\n\r\t#]/.test(text) || text.trim() !== text
    ? `"${text.replaceAll('"', '""')}"`
    : text;
