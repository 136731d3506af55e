/** Training and validation rows that are the same data: seen from the table alone, before any file is read. */
import { normalize } from "node:path";
import type { Table } from "../table/table.ts";
import { plainValue, portsOf } from "../table/table-flow.ts";
import { type Findings, reportAt } from "../text/findings.ts";
import type { TaskBinding } from "../values/bindings.ts";
import type { Workflow, WorkflowStep } from "../workflow.ts";

/** Notes files that both a training and a validation row of a step name. */
export function checkLeaks(
  findings: Findings,
  step: WorkflowStep,
  { workflow, table, tasks }: { workflow: Workflow; table: Table; tasks: readonly TaskBinding[] },
): void {
  if (step.kind.scope !== "table" || !portsOf(workflow, step).columns.includes("split")) return;
  for (const task of tasks) {
    const rows = task.rows
      .map(({ id }) => workflow.rows.find((row) => row.id === id))
      .filter((row) => row !== undefined);
    const bySplit = (split: string) => rows.filter((row) => plainValue(row, "split") === split);
    const trained = new Map(
      bySplit("train").flatMap((row) => dataOf(row).map(([, path]) => [path, row] as const)),
    );
    for (const row of bySplit("valid"))
      for (const [column, path] of dataOf(row)) {
        const twin = trained.get(path);
        if (!twin) continue;
        const message = `validation row ${row.id} has the same ${column} as training row ${twin.id}: ${path}`;
        const hint = "validate on tomograms that are not trained on, or the scores mean nothing";
        reportAt(findings, { code: "validation-is-training", message, hint }, table.locate(row, column));
      }
  }
}

/** The data of a row: its tomogram and objects, whichever columns the step itself reads. */
const dataOf = (row: Parameters<typeof plainValue>[0]): [string, string][] =>
  ["tomogram", "objects"].flatMap((column) => {
    const path = plainValue(row, column);
    return typeof path === "string" ? [[column, normalize(path)]] : [];
  });
