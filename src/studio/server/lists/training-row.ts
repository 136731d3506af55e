/** A corrected list becomes the objects that a workflow trains on: a cell of its table of tomograms, edited in the text. */
import { basename, dirname, extname, relative, resolve, sep } from "node:path";
import { TomoflowError } from "../../../core/error.ts";
import type { TrainingAnswer } from "../../protocol/list-tools.ts";
import type { Operation } from "../../protocol/workflow-text/operation.ts";
import { dataOf, parseText } from "../../protocol/workflow-text/text-document.ts";
import { editWorkflow } from "./classes.ts";

export interface TrainingFiles {
  /** Absolute. */
  readonly workflow: string;
  readonly tomogram: string;
  readonly list: string;
  readonly split: "train" | "valid";
}

/**
 * Gives the tomogram's row these objects and this split; a tomogram that has no row gets one.
 * @throws TomoflowError `table-elsewhere` where the rows are not in the workflow file itself, `edit-refused`
 */
export async function useForTraining(files: TrainingFiles): Promise<TrainingAnswer> {
  let answer: TrainingAnswer = { row: "", isNew: true };
  await editWorkflow(files.workflow, (text) => {
    const { operations, ...told } = rowEdits(text, files);
    answer = told;
    return operations;
  });
  return answer;
}

type Row = Readonly<Record<string, unknown>>;

function rowEdits(
  text: string,
  { workflow, tomogram, list, split }: TrainingFiles,
): TrainingAnswer & { readonly operations: Operation[] } {
  const folder = dirname(workflow);
  const written = (path: string) => relative(folder, path).split(sep).join("/");
  const rows = rowsOf(text, { workflow, objects: written(list) });
  const index = rows.findIndex(
    (row) => typeof row.tomogram === "string" && resolve(folder, row.tomogram) === tomogram,
  );
  const cells = { objects: written(list), split };
  if (index < 0) {
    const id = freeId(tomogram, rows);
    const value = { id, tomogram: written(tomogram), ...cells };
    return {
      row: id,
      isNew: true,
      operations: [{ type: "insert", path: ["tomograms"], index: rows.length, value }],
    };
  }
  const row = rows[index]!;
  const operations = Object.entries(cells).flatMap(([column, value]): Operation[] =>
    row[column] === value ? [] : [{ type: "set", path: ["tomograms", index, column], value }],
  );
  return { row: idOf(row), isNew: false, operations };
}

function rowsOf(text: string, { workflow, objects }: { workflow: string; objects: string }): readonly Row[] {
  const rows = (dataOf(parseText(text)) as { tomograms?: unknown } | null)?.tomograms;
  if (rows === undefined || rows === null) return [];
  if (Array.isArray(rows) && rows.every((row) => typeof row === "object" && row !== null)) return rows;
  const where = typeof rows === "string" ? rows : "a pattern of file names";
  throw new TomoflowError(
    "table-elsewhere",
    `the tomograms of ${basename(workflow)} come from ${where}, not from the workflow itself`,
    { hint: `write ${objects} there, into the column objects of the tomogram` },
  );
}

const nameOf = (path: string): string =>
  basename(path, extname(path)).replace(/[^A-Za-z0-9._-]+/g, "-") || "t";

const idOf = ({ id, tomogram }: Row): string =>
  id === undefined || id === null ? nameOf(String(tomogram)) : String(id);

function freeId(tomogram: string, rows: readonly Row[]): string {
  const taken = new Set(rows.map(idOf));
  const name = nameOf(tomogram);
  let id = name;
  for (let number = 2; taken.has(id); number++) id = `${name}-${number}`;
  return id;
}
