/**
 * DeepFinder's xlsx: first sheet, one header row, columns Tomo IDX, Object ID, Class label, x, y, z, psi, phi, theta,
 * Cluster size (A–J). Ours adds Score, Margin, Tomogram ID where known; unknown columns survive. Headers are recognised
 * in any case and order; blank rows, numbers written as text and the stored results of formulas are read.
 */
import type { Cell, CellValue, Row, Workbook, Worksheet } from "exceljs";
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";
import { failure, type Result, resultOf } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import {
  buildObject,
  type FieldDescription,
  fieldOfName,
  objectFields,
  originalFieldCount,
  type RawValue,
} from "./fields.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";

export const xlsxFormat: ObjectFormat = {
  name: "xlsx",
  capabilities: { fields: new Set(objectFields.map(({ field }) => field)), extra: true, requires: [] },
  read: readXlsx,
  write: writeXlsx,
};

async function readXlsx(
  bytes: Uint8Array,
  source: string,
  options: ObjectFileOptions,
): Promise<Result<ObjectList>> {
  const workbook = await createWorkbook();
  try {
    // exceljs declares a Buffer of its own; it takes any bytes that JSZip takes.
    await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
  } catch {
    return failure([notXlsx(source, "this is not an xlsx workbook")]);
  }
  const sheet = workbook.worksheets[0];
  return sheet ? readSheet(sheet, source, options) : failure([notXlsx(source, "the workbook has no sheet")]);
}

async function createWorkbook(): Promise<Workbook> {
  const { default: excel } = await import("exceljs");
  return new excel.Workbook();
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

function readSheet(sheet: Worksheet, source: string, options: ObjectFileOptions): Result<ObjectList> {
  const rows = filledRows(sheet);
  const [header, ...others] = rows;
  if (!header) return failure([notXlsx(source, `the first sheet, ${sheet.name}, is empty`)]);
  const columns = readHeader(header);
  const mistakes = checkHeader(columns, sheet, { source, header });
  if (mistakes.length > 0) return failure(mistakes);
  const context: SheetContext = { source, options, diagnostics: [] };
  const objects = others
    .map((row) => readRow(row, columns, context))
    .filter((object) => object !== undefined);
  return resultOf(objects, context.diagnostics);
}

function filledRows(sheet: Worksheet): Row[] {
  const rows: Row[] = [];
  sheet.eachRow({ includeEmpty: false }, (row) => {
    let filled = false;
    row.eachCell({ includeEmpty: false }, (cell) => {
      filled ||= cell.value !== "";
    });
    if (filled) rows.push(row);
  });
  return rows;
}

function readHeader(header: Row): Column[] {
  const columns: Column[] = [];
  header.eachCell({ includeEmpty: false }, (cell, number) => {
    const name = textOf(cell.value)?.trim() ?? "";
    if (name !== "") columns.push({ number, name, description: fieldOfName(name) });
  });
  return columns;
}

function checkHeader(
  columns: readonly Column[],
  sheet: Worksheet,
  place: { source: string; header: Row },
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
  const twice = known.filter(({ description }, index) =>
    known.slice(0, index).some((earlier) => earlier.description === description),
  );
  return twice.map(({ name, number }) =>
    errorDiagnostic("objects-xlsx", `the column ${name} is there twice`, {
      location: { file: place.source, line, column: number },
    }),
  );
}

function readRow(row: Row, columns: readonly Column[], context: SheetContext): TomogramObject | undefined {
  const values: RawValue[] = [];
  const unreadable: Diagnostic[] = [];
  for (const { number, name, description } of columns) {
    const cell = row.getCell(number);
    const text = textOf(cell.value);
    if (text === undefined) unreadable.push(unreadableCell(cell, context.source));
    else values.push({ name, description, text: text.trim() });
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

const placeOf = (cell: Cell, file: string): Location => ({
  file,
  line: Number(cell.row),
  column: Number(cell.col),
});

/** A cell's value as text: empty for an empty cell, undefined for an error or a formula without a stored result. */
function textOf(value: CellValue): string | undefined {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object") return String(value);
  if ("richText" in value) return value.richText.map(({ text }) => text).join("");
  if ("hyperlink" in value) return textOf(value.text as CellValue);
  if ("formula" in value || "sharedFormula" in value)
    return value.result === undefined ? undefined : textOf(value.result);
  return undefined;
}

function unreadableCell(cell: Cell, source: string): Diagnostic {
  const formula = cell.formula;
  return errorDiagnostic(
    "object-value",
    formula
      ? `cell ${cell.address} holds the formula =${formula} without a stored result`
      : `cell ${cell.address} holds an error (${cell.text})`,
    {
      location: placeOf(cell, source),
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

async function writeXlsx(list: ObjectList): Promise<Uint8Array> {
  const workbook = await createWorkbook();
  const sheet = workbook.addWorksheet("objects", { views: [{ state: "frozen", ySplit: 1 }] });
  const fields = objectFields.filter(
    ({ field }, index) => index < originalFieldCount || list.some((object) => object[field] !== undefined),
  );
  const extra = [...new Set(list.flatMap((object) => Object.keys(object.extra ?? {})))];
  sheet.addRow([...fields.map(({ header }) => header), ...extra]).font = { bold: true };
  for (const object of list)
    sheet.addRow([
      ...fields.map(({ field }) => object[field]),
      ...extra.map((name) => numberIfExact(object.extra?.[name])),
    ]);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

/** A text that is exactly how a number is written becomes one, so that an unknown column of numbers stays numeric. */
const numberIfExact = (text: string | undefined): string | number | undefined =>
  text !== undefined && text !== "" && String(Number(text)) === text && Number.isFinite(Number(text))
    ? Number(text)
    : text;
