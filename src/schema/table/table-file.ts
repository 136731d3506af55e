/** Reads a table of rows from a .csv, .tsv or .xlsx file with one header row. */
import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { decodeText } from "../../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { notRegularFile } from "../../core/regular-file.ts";
import { loadWorkbook } from "../../core/workbook/load.ts";
import { type CsvRecord, parseCsv } from "./csv.ts";

export interface TableFileRow {
  /** By column; an empty cell is null, and what reads as a number or as true or false is one. */
  readonly cells: Readonly<Record<string, unknown>>;
  readonly location: Location;
  readonly locate: (column: string) => Location;
}

export interface TableFile {
  readonly rows: readonly TableFileRow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A table larger than this is taken for a mistake. */
const largestBytes = 64 * 2 ** 20;

/** Reads the file at `path`; `shown` is its name in locations. Throws TomoflowError when the file is none to read. */
export async function readTableFile(path: string, shown: string): Promise<TableFile> {
  const size = await stat(path).catch((error) => {
    throw explainSystemError(error, shown);
  });
  if (size.isDirectory()) throw new TomoflowError("file-is-folder", `${shown} is a folder, not a table`);
  const notRegular = notRegularFile(size, shown);
  if (notRegular) throw notRegular;
  if (size.size > largestBytes)
    throw new TomoflowError(
      "table-too-large",
      `${shown} holds ${size.size} bytes: a table has at most ${largestBytes}`,
    );
  const records =
    extname(path).toLowerCase() === ".xlsx" ? await readSheet(path, shown) : await readText(path, shown);
  return tableOf(records);
}

function tableOf([header, ...records]: readonly CsvRecord[]): TableFile {
  if (!header) return { rows: [], diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const names = header.cells.map(({ text }) => text.trim());
  for (const [index, name] of names.entries())
    if (name !== "" && names.indexOf(name) < index) {
      const { location } = header.cells[index];
      const hint = "rename one of them";
      diagnostics.push(
        errorDiagnostic("duplicate-column", `two columns are called ${name}`, { location, hint }),
      );
    }
  for (const [index, name] of names.entries())
    if (name === "__proto__") {
      const { location } = header.cells[index];
      const hint = "give it another name";
      diagnostics.push(errorDiagnostic("bad-key", "__proto__ cannot be a column", { location, hint }));
    }
  for (const { text, location } of [header, ...records].flatMap(({ cells }) => cells))
    if (text.includes("\0")) {
      const hint = "is this a text table? Take the character out, or save the table as CSV UTF-8";
      const message = "this cell holds the control character U+0000";
      diagnostics.push(errorDiagnostic("control-character", message, { location, hint }));
      break;
    }
  // spreadsheets write rows of separators alone behind the last one
  const filled = records.filter(({ cells }) => cells.some(({ text }) => text.trim() !== ""));
  const rows = filled.map((record) => rowOf(record, names, diagnostics));
  return { rows, diagnostics };
}

function rowOf(record: CsvRecord, names: readonly string[], diagnostics: Diagnostic[]): TableFileRow {
  const surplus = record.cells.slice(names.length).find(({ text }) => text.trim() !== "");
  if (surplus) {
    const message = `this row has more cells than the header has columns (${names.length})`;
    const hint = "a cell that holds the separator needs quotes";
    diagnostics.push(errorDiagnostic("extra-cell", message, { location: surplus.location, hint }));
  }
  const columns = [...names.entries()].filter(
    ([index, name]) => name !== "" && names.indexOf(name) === index,
  );
  const cells = columns.map(([index, name]) => [
    name,
    name === "id" ? record.cells[index]?.text.trim() || null : typedCell(record.cells[index]?.text ?? ""),
  ]);
  return {
    cells: Object.fromEntries(cells),
    location: record.location,
    locate: (column) => record.cells[names.indexOf(column)]?.location ?? record.location,
  };
}

/** Only text that a number would be written as becomes a number: `7` does, `007` and `1e3` stay text. */
function typedCell(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  return String(Number(trimmed)) === trimmed && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

async function readText(path: string, shown: string): Promise<CsvRecord[]> {
  const bytes = await readFile(path);
  const text = decodeText(bytes, { source: shown });
  if (!text.ok) {
    const [{ code, message, hint }] = text.diagnostics as readonly [Diagnostic];
    throw new TomoflowError(code, `${shown}: ${message}`, { hint });
  }
  return parseCsv(text.value, {
    file: shown,
    separator: extname(path).toLowerCase() === ".tsv" ? "\t" : undefined,
  });
}

/** The first sheet; a cell's location has its row and column number. */
async function readSheet(path: string, shown: string): Promise<CsvRecord[]> {
  const workbook = await loadWorkbook(await readFile(path)).catch((cause) => {
    if (cause instanceof TomoflowError)
      throw new TomoflowError(cause.code, `${shown}: ${cause.message}`, { hint: cause.hint, cause });
    throw new TomoflowError("not-a-table", `${shown} is not an .xlsx workbook`, {
      hint: "save it again as .xlsx, or as CSV UTF-8",
      cause,
    });
  });
  const records: CsvRecord[] = [];
  workbook.worksheets[0]?.eachRow((row, line) => {
    const width = Math.max(row.cellCount, 1);
    const cells = Array.from({ length: width }, (_, index) => ({
      text: row.getCell(index + 1).text,
      location: { file: shown, line, column: index + 1 },
    }));
    if (cells.some(({ text }) => text.trim() !== ""))
      records.push({ cells, location: { file: shown, line } });
  });
  return records;
}
