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
import { extraNamesOf } from "./column-order.ts";
import {
  buildObject,
  extraOf,
  type FieldDescription,
  fieldOfName,
  inOneLine,
  nameForColumn,
  objectFields,
} from "./fields.ts";
import { ignoredWarning } from "./ignored.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { type Cell, type Line, type LineProblem, type LinesRead, readLines } from "./text-lines.ts";

export const csvFormat: ObjectFormat = textFormat("csv", ",");
export const tsvFormat: ObjectFormat = textFormat("tsv", "\t");

function textFormat(name: string, delimiter: string): ObjectFormat {
  return {
    name,
    capabilities: { fields: new Set(objectFields.map(({ field }) => field)), extra: true, requires: [] },
    read: async (bytes, source, options) => {
      const text = decodeText(bytes, { source });
      if (!text.ok) return text;
      if (!/^[^\n]*particle_type/i.test(text.value.slice(0, 4000)))
        return readText(text.value, source, options);
      const { isCziiHeader, readCzii } = await import("./czii.ts");
      const [header = ""] = text.value.split("\n", 1);
      const isCzii = isCziiHeader(header.split(delimiter).map((name) => name.replaceAll('"', "").trim()));
      return (isCzii ? readCzii : readText)(text.value, source, options);
    },
    write: async (list) => new TextEncoder().encode(writeText(list, delimiter)),
  };
}

interface Column {
  readonly name: string;
  readonly description: FieldDescription | undefined;
}

function readText(text: string, source: string, options: ObjectFileOptions): Result<ObjectList> {
  const diagnostics: Diagnostic[] = [];
  const objects: TomogramObject[] = [];
  const context = { source, options, diagnostics };
  let columns: readonly Column[] | undefined;
  const read = (line: Line): boolean => {
    if (columns) addObject(objects, readLine(line, columns, context));
    else {
      const header = readHeader(line);
      columns = header ?? positionalColumns(line.cells.length);
      diagnostics.push(...checkColumns(columns, line, { source, options }));
      if (columns && !header && diagnostics.length === 0)
        addObject(objects, readLine(line, columns, context));
      return diagnostics.length === 0;
    }
    return true;
  };
  const { problem, ...ignored } = readLines(text, { namesCoordinates, read });
  if (problem) return failure([...diagnostics, brokenLine(problem, source)]);
  return resultOf(objects, [...diagnostics, ...ignoredIn(source, ignored)]);
}

function addObject(objects: TomogramObject[], object: TomogramObject | undefined): void {
  if (object) objects.push(object);
}

function checkColumns(
  columns: readonly Column[] | undefined,
  line: Line,
  { source, options }: { source: string; options: ObjectFileOptions },
): Diagnostic[] {
  if (!columns) return [notATable(line, source)];
  const diagnostics = checkHeader(columns, line, source);
  if (options.label === undefined && !columns.some(({ description }) => description?.field === "label"))
    diagnostics.push(noClasses(line, source));
  return diagnostics;
}

function brokenLine({ number, column, text, message, hint }: LineProblem, file: string): Diagnostic {
  const location = { file, line: number, column, sourceLine: text };
  return errorDiagnostic("objects-text", message, { location, hint });
}

function ignoredIn(source: string, { emptyRows, comments }: LinesRead): Diagnostic[] {
  return ignoredWarning(source, [
    [emptyRows, "row of empty cells", "rows of empty cells"],
    [comments, "comment between the rows", "comments between the rows"],
  ]);
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
  const surplus = line.cells.slice(columns.length);
  if (line.cells.length >= columns.length && surplus.every(({ text }) => text === "")) {
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
    return [errorDiagnostic("objects-text", `the column ${inOneLine(name)} is there twice`, { location })];
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

function namesCoordinates(cells: readonly Cell[]): boolean {
  const fields = new Set(cells.map(({ text }) => fieldOfName(text)?.field));
  return fields.has("x") && fields.has("y") && fields.has("z");
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
