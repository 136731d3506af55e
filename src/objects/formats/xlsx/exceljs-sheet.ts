/** The first sheet of any workbook, read by exceljs: formulas, dates, rich text, merged cells. */
import type { Cell, CellValue, Row } from "exceljs";
import { loadWorkbook } from "../../../core/workbook/load.ts";
import type { CellProblem, Sheet, SheetRow } from "./sheet.ts";

/** Null for a workbook without sheets. Rejects where the bytes are no workbook. */
export async function readWithExceljs(bytes: Uint8Array): Promise<Sheet | null> {
  const workbook = await loadWorkbook(bytes);
  const sheet = workbook.worksheets[0];
  if (!sheet) return null;
  const rows: SheetRow[] = [];
  sheet.eachRow({ includeEmpty: false }, (row) => {
    const read = readRow(row);
    if (read) rows.push(read);
  });
  return { name: sheet.name, rows, others: workbook.worksheets.length - 1 };
}

/** Undefined for a row without values. */
function readRow(row: Row): SheetRow | undefined {
  const texts: string[] = [];
  const problems = new Map<number, CellProblem>();
  row.eachCell({ includeEmpty: false }, (cell, column) => {
    const text = textOf(cell.value);
    if (text === undefined) problems.set(column, problemOf(cell));
    else if (text !== "") texts[column] = text;
  });
  if (texts.length === 0 && problems.size === 0) return undefined;
  return { number: row.number, texts, problems };
}

const problemOf = (cell: Cell): CellProblem => ({
  address: cell.address,
  formula: cell.formula || undefined,
  shown: cell.text,
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
