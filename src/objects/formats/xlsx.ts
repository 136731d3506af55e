/**
 * DeepFinder's xlsx: first sheet, one header row, columns Tomo IDX, Object ID, Class label, x, y, z, psi, phi, theta,
 * Cluster size (A–J). Ours adds Score, Margin, Tomogram ID where known; unknown columns survive. Headers are recognised
 * in any case and order; blank rows, numbers written as text and the stored results of formulas are read.
 */
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { fileMistake } from "../../core/file-mistake.ts";
import { failure, type Result, resultOf } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import {
  buildObject,
  type FieldDescription,
  fieldOfName,
  inOneLine,
  nameForColumn,
  objectFields,
  type RawValue,
} from "./fields.ts";
import { ignoredWarning } from "./ignored.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { readWithExceljs } from "./xlsx/exceljs-sheet.ts";
import { readPlainSheet } from "./xlsx/plain-sheet.ts";
import type { CellProblem, Sheet, SheetRow } from "./xlsx/sheet.ts";
import { writeWorkbook } from "./xlsx/write.ts";

export const xlsxFormat: ObjectFormat = {
  name: "xlsx",
  capabilities: { fields: new Set(objectFields.map(({ field }) => field)), extra: true, requires: [] },
  read: readXlsx,
  write: writeWorkbook,
};

async function readXlsx(
  bytes: Uint8Array,
  source: string,
  options: ObjectFileOptions,
): Promise<Result<ObjectList>> {
  let sheet: Sheet | null;
  try {
    sheet = (await readPlainSheet(bytes)) ?? (await readWithExceljs(bytes));
  } catch (error) {
    if (error instanceof TomoflowError) return failure([fileMistake(error, source)]);
    return failure([notXlsx(source, "this is not an xlsx workbook")]);
  }
  return sheet ? readSheet(sheet, source, options) : failure([notXlsx(source, "the workbook has no sheet")]);
}

interface Column {
  /** From 1. */
  readonly number: number;
  readonly name: string;
  readonly description: FieldDescription | undefined;
}

interface SheetContext {
  readonly source: string;
  readonly options: ObjectFileOptions;
  readonly diagnostics: Diagnostic[];
}

function readSheet(sheet: Sheet, source: string, options: ObjectFileOptions): Result<ObjectList> {
  const [header, ...others] = sheet.rows;
  if (!header) return failure([notXlsx(source, `the first sheet, ${sheet.name}, is empty`)]);
  const columns = readHeader(header, others);
  const mistakes = checkHeader(columns, sheet, { source, header });
  if (mistakes.length > 0) return failure(mistakes);
  const context: SheetContext = { source, options, diagnostics: [] };
  const filled = others.filter((row) => row.problems?.size || row.texts.some((text) => text?.trim()));
  const objects = filled
    .map((row) => readRow(row, columns, context))
    .filter((object) => object !== undefined);
  const ignored = ignoredWarning(source, [
    [others.length - filled.length, "row of blanks", "rows of blanks"],
    [sheet.others ?? 0, "sheet behind the first", "sheets behind the first"],
  ]);
  return resultOf(objects, [...context.diagnostics, ...ignored]);
}

function readHeader({ texts }: SheetRow, rows: readonly SheetRow[]): Column[] {
  const columns: Column[] = [];
  texts.forEach((text, number) => {
    if (!text?.trim()) return;
    const description = fieldOfName(text.trim());
    columns.push({ number, name: description ? text.trim() : text, description });
  });
  const names = columns.map(({ name }) => name);
  const unnamed = unnamedColumns(rows, new Set(columns.map(({ number }) => number)));
  const more = unnamed.map((number) => ({
    number,
    name: nameForColumn(number, names),
    description: undefined,
  }));
  return [...columns, ...more];
}

/** Columns with values below a header cell that is empty, in order. */
function unnamedColumns(rows: readonly SheetRow[], named: ReadonlySet<number>): number[] {
  const found = new Set<number>();
  let looked: number[] = [];
  let width = 0;
  for (const { texts } of rows) {
    if (texts.length > width) {
      width = texts.length;
      looked = Array.from({ length: width }, (_, number) => number).filter((number) => !named.has(number));
    }
    for (const number of looked) if (texts[number]?.trim()) found.add(number);
  }
  return [...found].sort((a, b) => a - b);
}

function checkHeader(
  columns: readonly Column[],
  sheet: Sheet,
  place: { source: string; header: SheetRow },
): Diagnostic[] {
  const known = columns.filter(({ description }) => description !== undefined);
  const missing = objectFields.filter(
    ({ field }) =>
      ["x", "y", "z"].includes(field) && !known.some(({ description }) => description?.field === field),
  );
  const line = place.header.number;
  if (missing.length > 0) {
    const names = missing.map(({ header }) => header).join(", ");
    return [
      errorDiagnostic("objects-xlsx", `the header row of the sheet ${sheet.name} has no column ${names}`, {
        location: { file: place.source, line },
        hint: "the first row names the columns: Tomo IDX, Object ID, Class label, x, y, z, psi, phi, theta, Cluster size",
      }),
    ];
  }
  const seen = new Set<string>();
  const twice = columns.filter(({ name, description }) => {
    const key = description?.attribute ?? name;
    return seen.size === seen.add(key).size;
  });
  return twice.map(({ name, number }) =>
    errorDiagnostic("objects-xlsx", `the column ${inOneLine(name)} is there twice`, {
      location: { file: place.source, line, column: number },
      hint: "remove or rename one of them",
    }),
  );
}

function readRow(
  row: SheetRow,
  columns: readonly Column[],
  context: SheetContext,
): TomogramObject | undefined {
  const values: RawValue[] = [];
  const unreadable: Diagnostic[] = [];
  for (const { number, name, description } of columns) {
    const problem = row.problems?.get(number);
    if (problem)
      unreadable.push(unreadableCell(problem, { file: context.source, line: row.number, column: number }));
    else values.push({ name, description, text: row.texts[number] ?? "" });
  }
  context.diagnostics.push(...unreadable);
  if (unreadable.length > 0) return undefined;
  const locate = (index?: number): Location => ({
    file: context.source,
    line: row.number,
    column: index === undefined ? undefined : columns[index].number,
  });
  return buildObject(values, { ...context, locate });
}

function unreadableCell({ address, formula, shown }: CellProblem, location: Location): Diagnostic {
  return errorDiagnostic(
    "object-value",
    formula
      ? `cell ${address} holds the formula =${formula} without a stored result`
      : `cell ${address} holds an error (${shown})`,
    {
      location,
      hint: formula
        ? "open the file in Excel or LibreOffice and save it, or write the number itself"
        : undefined,
    },
  );
}

const notXlsx = (file: string, message: string): Diagnostic =>
  errorDiagnostic("objects-xlsx", message, {
    location: { file },
    hint: "save it as .xlsx (not .xls or .ods), with a header row and one row for each object",
  });
