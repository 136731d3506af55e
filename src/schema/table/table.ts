/** The table of tomograms: inline rows, a .csv, .tsv or .xlsx file, or a glob. */
import { basename, dirname, join, resolve } from "node:path";
import { joinDataset, splitDataset } from "../../core/dataset-path.ts";
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { isRemoteAddress } from "../../core/remote-address.ts";
import { rowIdPattern } from "../shape/field-schemas.ts";
import { asMap, isMap } from "../text/data-path.ts";
import { nameFault, shownName } from "../text/file-name.ts";
import type { YamlSource } from "../text/yaml-source.ts";
import type { TableRow } from "../workflow.ts";
import { findFiles } from "./glob.ts";
import { readTableFile, type TableFile } from "./table-file.ts";

export interface Table {
  readonly rows: readonly TableRow[];
  readonly diagnostics: readonly Diagnostic[];
  /** Where a row's value in a column stands; the row where the column has no place of its own. */
  locate(row: TableRow, column: string): Location;
}

/** A row before its id is known to be good. */
interface RawRow {
  readonly cells: Readonly<Record<string, unknown>>;
  /** As written, where the row gives one. */
  readonly id?: string;
  readonly location: Location;
  readonly locate: (column: string) => Location;
}

interface RawTable {
  readonly rows: readonly RawRow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the table that `tomograms` (params resolved) names; `folder` is where relative paths start. */
export async function readTable(source: YamlSource, tomograms: unknown, folder: string): Promise<Table> {
  const raw = await readRawTable(source, tomograms, folder);
  const diagnostics = [...raw.diagnostics];
  const places = new Map<TableRow, (column: string) => Location>();
  const rows: TableRow[] = [];
  const seen = new Map<string, TableRow>();
  diagnostics.push(...misspeltId(raw.rows));
  for (const rawRow of raw.rows) {
    const row = finishRow(rawRow, diagnostics);
    if (!row) continue;
    const twin = seen.get(row.id.toLowerCase());
    if (twin) diagnostics.push(duplicateId(row, twin, rawRow.locate("id")));
    else seen.set(row.id.toLowerCase(), row);
    places.set(row, rawRow.locate);
    rows.push(row);
  }
  return { rows, diagnostics, locate: (row, column) => places.get(row)?.(column) ?? row.location };
}

async function readRawTable(source: YamlSource, tomograms: unknown, folder: string): Promise<RawTable> {
  if (Array.isArray(tomograms)) return { rows: inlineRows(source, tomograms), diagnostics: [] };
  if (typeof tomograms === "string") return fileRows(source, tomograms, folder);
  if (isMap(tomograms) && typeof tomograms.glob === "string") return globRows(source, tomograms, folder);
  return { rows: [], diagnostics: [] };
}

function inlineRows(source: YamlSource, rows: readonly unknown[]): RawRow[] {
  return rows.flatMap((value, index) => {
    if (!isMap(value)) return [];
    const { id, ...cells } = value;
    const written = id === undefined || id === null ? undefined : typeof id === "string" ? id : undefined;
    return {
      cells,
      id:
        written ??
        (id === undefined || id === null ? undefined : source.writtenAt(["tomograms", index, "id"])),
      location: source.locate(["tomograms", index], "key"),
      locate: (column: string) => source.locate(["tomograms", index, column]),
    };
  });
}

async function fileRows(source: YamlSource, path: string, folder: string): Promise<RawTable> {
  const shownFile = join(dirname(source.file), path);
  let file: TableFile;
  try {
    file = await readTableFile(resolve(folder, path), resolve(path) === path ? path : shownFile);
  } catch (error) {
    return noRows(error, source.locate(["tomograms"]));
  }
  const rows = file.rows.map(({ cells: { id, ...cells }, location, locate }) => ({
    cells,
    id: id === null || id === undefined ? undefined : String(id),
    location,
    locate,
  }));
  if (rows.length > 0 || file.diagnostics.length > 0) return { rows, diagnostics: file.diagnostics };
  const location = source.locate(["tomograms"]);
  return { rows, diagnostics: [errorDiagnostic("empty-table", `${path} has no rows`, { location })] };
}

/** Rethrows what is no mistake of the user. */
function noRows(error: unknown, location: Location): RawTable {
  if (!(error instanceof TomoflowError)) throw error;
  const { code, message, hint } = error;
  return { rows: [], diagnostics: [errorDiagnostic(code, message, { location, hint })] };
}

async function globRows(
  source: YamlSource,
  table: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<RawTable> {
  const { glob, column = "tomogram", ...others } = table;
  const location = source.locate(["tomograms", "glob"]);
  const { file: pattern, dataset } = splitDataset(String(glob));
  let files: readonly string[];
  try {
    files = (await findFiles(pattern, folder)).map((file) => joinDataset({ file, dataset }));
  } catch (error) {
    return noRows(error, location);
  }
  if (files.length === 0) {
    const hint =
      "the pattern is relative to the workflow file; * and ? match within a folder, ** across folders";
    const message = `no file matches ${glob}`;
    return { rows: [], diagnostics: [errorDiagnostic("no-files", message, { location, hint })] };
  }
  const diagnostics: Diagnostic[] = [];
  const rows = files.map((file) => ({
    cells: { [String(column)]: file } as Record<string, unknown>,
    id: idOfFile(file),
    location,
    locate: (name: string) => source.locate(["tomograms", name === column ? "glob" : name]),
  }));
  for (const [name, value] of Object.entries(others))
    diagnostics.push(...(await fillColumn(rows, name, value, { source, folder })));
  return { rows, diagnostics };
}

/** Gives every row its value of a glob table's column; the files of a `{id}` template that are not there stay empty. */
async function fillColumn(
  rows: readonly { cells: Record<string, unknown>; id: string }[],
  name: string,
  value: unknown,
  { source, folder }: { source: YamlSource; folder: string },
): Promise<Diagnostic[]> {
  if (typeof value !== "string" || !value.includes("{id}")) {
    for (const row of rows) row.cells[name] = value;
    return [];
  }
  const { existsSync } = await import("node:fs");
  let found = 0;
  for (const row of rows) {
    const path = value.replaceAll("{id}", () => row.id);
    const exists = isRemoteAddress(path) || existsSync(resolve(folder, splitDataset(path).file));
    row.cells[name] = exists ? path : null;
    if (exists) found++;
  }
  if (found > 0) return [];
  const location = source.locate(["tomograms", name]);
  const message = `${value} matches no file for any of the ${rows.length} rows`;
  const hint = `the first would be ${value.replaceAll("{id}", () => rows[0].id)}`;
  return [errorDiagnostic("no-files", message, { location, hint })];
}

function finishRow(raw: RawRow, diagnostics: Diagnostic[]): TableRow | undefined {
  const file = asMap(raw.cells).tomogram;
  const id = raw.id ?? (typeof file === "string" && file !== "" ? idOfFile(file) : undefined);
  const location = raw.id === undefined ? raw.location : raw.locate("id");
  if (id === undefined || id === "") {
    const hint = "give it an id, or a tomogram whose file name becomes its id";
    diagnostics.push(errorDiagnostic("missing-id", "this row has no id", { location: raw.location, hint }));
    return undefined;
  }
  if (!isSafeId(id)) {
    const hint =
      raw.id === undefined
        ? "give the row an id of letters, digits, ., _ and -"
        : "an id becomes a folder name: use letters, digits, ., _ and -, and do not start with a dot";
    const fault = nameFault(id);
    const shown = id.length > 60 ? shownName(id) : JSON.stringify(id);
    const message = `${shown} cannot be a row's id${fault === undefined ? "" : `: it ${fault}`}`;
    diagnostics.push(errorDiagnostic("unsafe-id", message, { location, hint }));
  }
  return { id, columns: raw.cells, location: raw.location };
}

/** A column `ID` would pass as one of the table's own, and rows would be named after their files. */
function misspeltId(rows: readonly RawRow[]): readonly Diagnostic[] {
  const isMisspelt = (column: string) => column !== "id" && column.toLowerCase() === "id";
  for (const { id, cells, locate } of rows) {
    const column = id === undefined ? Object.keys(asMap(cells)).find(isMisspelt) : undefined;
    if (column === undefined) continue;
    const message = `the column ${column} does not name the rows`;
    const hint = "call it id, in small letters";
    return [errorDiagnostic("misspelt-id", message, { location: locate(column), hint })];
  }
  return [];
}

/** Folders are named after rows, and not every file system tells t1 from T1. */
function duplicateId(row: TableRow, twin: TableRow, location: Location): Diagnostic {
  const hint = `the other is on line ${twin.location.line}; every row needs an id of its own`;
  const message =
    row.id === twin.id
      ? `two rows have the id ${row.id}`
      : `the ids ${twin.id} and ${row.id} differ in capital letters alone, and would share a folder on some disks`;
  return errorDiagnostic("duplicate-id", message, { location, hint });
}

/** The base name without its endings: `t0` of `data/t0.mrc.gz`, and of `data/t0.h5#/volumes/raw`. */
export const idOfFile = (path: string): string =>
  basename(splitDataset(path).file)
    .replace(/\.(gz|bz2)$/i, "")
    .replace(/(?<=.)\.[^.]+$/, "");

const isSafeId = (id: string): boolean =>
  new RegExp(rowIdPattern).test(id) && nameFault(id) === undefined && id !== "__proto__";
