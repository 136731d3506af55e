/** The rows of a step that runs alone: one from its flags, or those of a table. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { splitDataset } from "../../core/dataset-path.ts";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { insteadOfFile, savingHint } from "../../core/regular-file.ts";
import { isRemoteAddress, resolvePlace } from "../../core/remote-address.ts";
import { type Result, resultOf } from "../../core/result.ts";
import type { InputPort } from "../../schema/step-description.ts";
import { idOfFile } from "../../schema/table/table.ts";
import { readTableFile } from "../../schema/table/table-file.ts";
import { type StepRow, tomogramIndexColumn } from "../../steps/step-kind.ts";
import { flagName } from "./flag-name.ts";
import { type PlacedDiagnostic, placedAt } from "./placed.ts";

/** How the face that asks for the files names an input, and says how to give it. */
export interface InputWords {
  /** `--tomogram` */
  readonly name: (port: string) => string;
  /** `give its file with --tomogram: the tomogram` */
  readonly give: (port: InputPort) => string;
}

const flagWords: InputWords = {
  name: (port) => `--${flagName(port)}`,
  give: ({ name, description }) => `give its file with --${flagName(name)}: ${description}`,
};

/** What the user says of the one row. */
export interface RowNames {
  readonly id?: string;
  /** Of the row in lists of several tomograms, as typed. */
  readonly tomogramIndex?: string;
  /** Those of the command line when not given. */
  readonly words?: InputWords;
}

/** A row as a program gives it. */
export interface GivenRow {
  readonly id?: string;
  /** Plain values by column, e.g. `split: train`; empty texts count as not given. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** File by input port. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Rows of files given by input port, their paths from `folder`; mistakes are placed at `rows`, the row's index and the input. */
export function rowsOfFiles(
  rows: readonly GivenRow[],
  ports: readonly InputPort[],
  { folder, words }: { readonly folder: string; readonly words: InputWords },
): Result<readonly StepRow[]> {
  const read = rows.map((row, index) => rowOfFiles(row, ports, { index, folder, words }));
  const diagnostics: Diagnostic[] = read.flatMap((row) => row.diagnostics);
  if (rows.length === 0) diagnostics.push(errorDiagnostic("no-rows", "there is no tomogram to work on"));
  return resultOf(
    read.flatMap((row) => (row.ok ? row.value : [])),
    diagnostics,
  );
}

function rowOfFiles(
  { id, values = {}, inputs }: GivenRow,
  ports: readonly InputPort[],
  { index, folder, words }: { readonly index: number; readonly folder: string; readonly words: InputWords },
): Result<readonly StepRow[]> {
  const files = new Map(
    Object.entries(inputs)
      .filter(([, path]) => path !== "")
      .map(([port, path]): [string, string] => [port, resolvePlace(folder, path)]),
  );
  const row = rowOfFlags(ports, files, { ...(id && { id }), words });
  const diagnostics = row.diagnostics.map((mistake: PlacedDiagnostic) => ({
    ...mistake,
    ...placedAt("rows", index, ...(mistake.path ?? [])),
  }));
  if (!row.ok) return { ok: false, diagnostics };
  const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const filledRows = row.value.map((each) => ({ ...each, values: { ...each.values, ...filled } }));
  return { ok: true, diagnostics, value: filledRows };
}

/** One row of the files given by input port; without an id it is unnamed, and called after the first of its files. */
export function rowOfFlags(
  ports: readonly InputPort[],
  files: ReadonlyMap<string, string>,
  { id, tomogramIndex, words = flagWords }: RowNames = {},
): Result<readonly StepRow[]> {
  const diagnostics: Diagnostic[] = [];
  const given = ports
    .filter(({ name }) => files.has(name))
    .map(({ name }) => [name, resolvePlace(".", files.get(name)!)] as const);
  for (const { name, required, description } of ports)
    if (required && !files.has(name)) {
      const hint = words.give({ name, required, description });
      diagnostics.push({
        ...errorDiagnostic("missing-input", `the input ${name} is missing`, { hint }),
        ...placedAt("inputs", name),
      });
    }
  for (const [name, path] of given)
    for (const mistake of checkFile(words.name(name), path))
      diagnostics.push({ ...mistake, ...placedAt("inputs", name) });
  const row = {
    id: id ?? (given[0] ? idOfFile(given[0][1]) : "row"),
    ...(id === undefined && { unnamed: true }),
    values: tomogramIndex === undefined ? {} : { [tomogramIndexColumn]: tomogramIndex },
    files: Object.fromEntries(given),
  };
  return resultOf([row], diagnostics);
}

/** The rows of a .csv, .tsv or .xlsx table; paths in it are relative to its folder. */
export async function rowsOfTable(
  path: string,
  ports: readonly InputPort[],
): Promise<Result<readonly StepRow[]>> {
  const table = await readTableFile(path, path);
  const diagnostics: Diagnostic[] = [...table.diagnostics];
  const rows = table.rows.map(({ cells, location, locate }, index): StepRow => {
    const files: Record<string, string> = {};
    const values: Record<string, unknown> = {};
    for (const [column, cell] of Object.entries(cells)) {
      if (cell === null || column === "id") continue;
      if (ports.some(({ name }) => name === column))
        files[column] = resolvePlace(dirname(path), String(cell));
      else values[column] = cell;
    }
    for (const { name, required } of ports) {
      if (files[name]) diagnostics.push(...checkFile(`column ${name}`, files[name], locate(name)));
      else if (required)
        diagnostics.push(errorDiagnostic("missing-input", `this row has no ${name}`, { location }));
    }
    const id = cells.id ?? (files.tomogram ? idOfFile(files.tomogram) : undefined);
    if (id === undefined) return { id: String(index + 1), unnamed: true, values, files };
    return { id: String(id), values, files };
  });
  return resultOf(rows, diagnostics);
}

function checkFile(what: string, path: string, location?: Diagnostic["location"]): Diagnostic[] {
  // what is at an address is known where it is opened
  if (isRemoteAddress(path)) return [];
  const { file } = splitDataset(path);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) {
    const message = `${what}: ${file} does not exist`;
    return [errorDiagnostic("file-missing", message, { location, hint: "check the path" })];
  }
  const instead = insteadOfFile(stats);
  // what a folder holds is known where it is opened
  if (instead === undefined || stats.isDirectory()) return [];
  const message = `${what}: ${path} is ${instead}, not a file`;
  return [errorDiagnostic("file-not-regular", message, { location, hint: savingHint })];
}
