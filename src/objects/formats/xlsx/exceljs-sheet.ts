/** The first sheet of any workbook, read by exceljs: formulas, dates, rich text, merged cells. */
import type { Cell, CellValue, Row, Workbook } from "exceljs";
import { TomoflowError } from "../../../core/error.ts";
import type { CellProblem, Sheet, SheetRow } from "./sheet.ts";
import { checkSpread } from "./spread.ts";
import { checkUnpackedSize, readZip, unpackEntry } from "./zip.ts";

/** exceljs takes some twenty times as much memory. */
const mostUnpackedBytes = 96 << 20;
/** A list packs to a tenth or so: small files that unpack to much are no lists. */
const bestPacking = 40;
const leastBound = 16 << 20;

export async function createWorkbook(): Promise<Workbook> {
  const { default: excel } = await import("exceljs");
  return new excel.Workbook();
}

/** Null for a workbook without sheets. Rejects where the bytes are no workbook. */
export async function readWithExceljs(bytes: Uint8Array): Promise<Sheet | null> {
  const most = Math.max(leastBound, Math.min(mostUnpackedBytes, bestPacking * bytes.length));
  await checkUnpackedSize(bytes, most);
  for (const entry of readZip(bytes)?.values() ?? [])
    if (/^xl\/worksheets\/[^/]*\.xml$/i.test(entry.name)) {
      const sheet = await unpackEntry(entry);
      if (!sheet)
        throw new TomoflowError(
          "objects-xlsx",
          `the workbook's ${entry.name} is damaged, or packed as no list is`,
          {
            hint: "save it again as .xlsx, or save the sheet as CSV",
          },
        );
      checkSpread(sheet.toString("utf8"));
    }
  const workbook = await createWorkbook();
  // exceljs declares a Buffer of its own; it takes any bytes that JSZip takes.
  await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
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
