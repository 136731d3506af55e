/** Edits of the table of tomograms: cells, rows, splits, what is pasted. Pure; each gives the operations on the text. */
import type { FolderEntry } from "../../../protocol/forms.ts";
import type { Operation } from "../../../protocol/workflow-text/operation.ts";
import { valueOfCell } from "../fields/value-text.ts";
import { asData, type Data } from "../outline.ts";

const table = ["tomograms"] as const;

/** Columns as they first stand; `id` and the usual ones first. */
export function columnsOf(rows: readonly unknown[]): readonly string[] {
  const found = new Set(rows.flatMap((row) => Object.keys(asData(row))));
  const usual = ["id", "tomogram", "objects", "split"];
  return [...usual, ...[...found].filter((name) => !usual.includes(name))];
}

/** Files and ids are texts as typed; other cells are read as YAML would. */
export function setCell(rows: readonly unknown[], { row, column, text }: CellEdit): readonly Operation[] {
  const value = ["id", "tomogram", "objects"].includes(column) ? textOrNothing(text) : valueOfCell(text);
  const before = asData(rows[row])[column];
  if (value === before || (value === undefined && before === undefined)) return [];
  if (value === undefined) return [{ type: "remove", path: [...table, row, column] }];
  return [{ type: "set", path: [...table, row, column], value }];
}

export interface CellEdit {
  readonly row: number;
  readonly column: string;
  readonly text: string;
}

const textOrNothing = (text: string): string | undefined => (text.trim() === "" ? undefined : text.trim());

/** Cells as a spreadsheet puts them on the clipboard, from one cell on to the right and down; more rows are added. */
export function pasteCells(
  rows: readonly unknown[],
  { row, column, text }: CellEdit,
  columns: readonly string[],
): readonly Operation[] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  const first = columns.indexOf(column);
  return lines.flatMap((line, down): readonly Operation[] => {
    const cells = line
      .split("\t")
      .flatMap((cell, right) =>
        columns[first + right] === undefined ? [] : [[columns[first + right]!, cell] as const],
      );
    const at = row + down;
    if (at < rows.length)
      return cells.flatMap(([name, cell]) => setCell(rows, { row: at, column: name, text: cell }));
    const value = Object.fromEntries(
      cells.flatMap(([name, cell]) => {
        const read = ["id", "tomogram", "objects"].includes(name) ? textOrNothing(cell) : valueOfCell(cell);
        return read === undefined ? [] : [[name, read]];
      }),
    );
    return [{ type: "insert", path: [...table], index: at, value }];
  });
}

/** `split` undefined: no split. */
export const setSplit = (
  rows: readonly unknown[],
  chosen: readonly number[],
  split: string | undefined,
): readonly Operation[] =>
  chosen.flatMap((row) => setCell(rows, { row, column: "split", text: split ?? "" }));

/** From the last on, so that the others keep their places. */
export const removeRows = (chosen: readonly number[]): readonly Operation[] =>
  [...chosen].sort((a, b) => b - a).map((row) => ({ type: "remove", path: [...table, row] }));

/** A row a tomogram, with the list of objects beside it that has the same name. Paths start at the workflow's folder. */
export function addTomograms(
  rows: readonly unknown[],
  files: readonly FolderEntry[],
  {
    beside,
    fromWorkflow,
  }: { readonly beside: readonly FolderEntry[]; readonly fromWorkflow: (path: string) => string },
): readonly Operation[] {
  const ids = new Set(rows.map((row) => String(asData(row).id ?? "").toLowerCase()));
  const lists = beside.filter(({ kind }) => kind === "list" || kind === "table");
  return files.map((file, index) => {
    const id = freeId(stemOf(file.name), ids);
    ids.add(id.toLowerCase());
    const list = lists.find(({ name }) => stemOf(name) === stemOf(file.name));
    const value: Data = {
      id,
      tomogram: fromWorkflow(file.path),
      ...(list && { objects: fromWorkflow(list.path) }),
    };
    return { type: "insert", path: [...table], index: rows.length + index, value };
  });
}

const stemOf = (name: string): string => name.replace(/\.[^.]*$/, "");

/** As a row's id may be written; a number behind it where it is taken. */
function freeId(name: string, taken: ReadonlySet<string>): string {
  const base = name.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[^A-Za-z0-9_-]+/, "") || "t";
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id.toLowerCase())) return id;
  }
}

/** `data/t0.mrc` seen from `work/`: `../data/t0.mrc`. Both from the project's root. */
export function relativeTo(folder: string, path: string): string {
  if (path.startsWith("/")) return path;
  const [from, to] = [folder.split("/").filter(Boolean), path.split("/")];
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => ".."), ...to.slice(same)].join("/");
}

/** The other way: a path of the workflow, from the project's root. */
export function fromProject(folder: string, path: string): string {
  if (path.startsWith("/")) return path;
  const parts: string[] = [];
  for (const part of [...folder.split("/"), ...path.split("/")].filter((each) => each !== "" && each !== "."))
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  return parts.join("/");
}

export const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");
