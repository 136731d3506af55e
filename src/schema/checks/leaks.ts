/**
 * Training and validation rows of the same tomogram: seen from the table alone, before any file is read. One object list for
 * both may name the tomograms; whether they share objects is told by the preflight of the step, which reads it.
 */
import { normalize } from "node:path";
import { joinDataset, splitDataset } from "../../core/dataset-path.ts";
import type { Table } from "../table/table.ts";
import { type Findings, reportAt } from "../text/findings.ts";
import type { TaskBinding } from "../values/bindings.ts";
import { plainValue, portsOf } from "../values/table-flow.ts";
import type { TableRow, Workflow, WorkflowStep } from "../workflow.ts";

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
    const trained = new Map(bySplit("train").map((row) => [tomogramOf(row), row]));
    for (const row of bySplit("valid")) {
      const path = tomogramOf(row);
      const twin = trained.get(path);
      if (path === undefined || !twin) continue;
      const message = `validation row ${row.id} has the same tomogram as training row ${twin.id}: ${path}`;
      const hint = "validate on tomograms that are not trained on, or the scores mean nothing";
      reportAt(findings, { code: "validation-is-training", message, hint }, table.locate(row, "tomogram"));
    }
  }
}

/** Whichever columns the step itself reads. */
function tomogramOf(row: TableRow): string | undefined {
  const path = plainValue(row, "tomogram");
  return typeof path === "string" ? joinDataset(splitDataset(normalize(path))) : undefined;
}
