/** Names that become files and folders and that a disk or another system would not take. */
import type { Table } from "../table/table.ts";
import { longestTaskName, nameFault, shownName } from "../text/file-name.ts";
import { type Findings, report, reportAt } from "../text/findings.ts";
import type { TaskBinding } from "../values/bindings.ts";
import { variantSuffix } from "../variant.ts";
import type { Workflow } from "../workflow.ts";

interface WorkflowNames {
  readonly name: string;
  readonly variant?: string;
  readonly steps: readonly string[];
}

/** Notes the workflow's name and its steps' ids; whether they have the right letters is for the schema to say. */
export function checkNames(findings: Findings, { name, variant, steps }: WorkflowNames): void {
  const fault = nameFault(name + variantSuffix(variant));
  if (fault !== undefined) {
    const hint = "give it a short name of its own: name: picking";
    const message = `the name of the workflow, ${shownName(name)}, ${fault}`;
    report(findings, { code: "unsafe-name", message, hint }, { path: ["name"] });
  }
  for (const id of steps) {
    const wrong = nameFault(id);
    if (wrong === undefined) continue;
    const hint = "a step's id becomes a folder name: give it another";
    const message = `step ${shownName(id)} ${wrong}`;
    report(findings, { code: "unsafe-name", message, hint }, { path: ["steps", id], part: "key" });
  }
}

/** Notes, for the first of the tasks, that step and row together are too long for a folder. */
export function checkTaskNames(
  findings: Findings,
  tasks: readonly TaskBinding[],
  { workflow, table }: { readonly workflow: Workflow; readonly table: Table },
): void {
  const long = tasks.find(
    ({ taskId, row = "" }) => taskId.length > longestTaskName && nameFault(row) === undefined,
  );
  const row = long && workflow.rows.find(({ id }) => id === long.row);
  if (!long || !row) return;
  const message = `step ${shownName(long.step)} and row ${shownName(row.id)} together have ${long.taskId.length} letters, and at most ${longestTaskName} will do`;
  const hint = "folders are named after both: shorten one of them";
  reportAt(findings, { code: "unsafe-id", message, hint }, table.locate(row, "id"));
}
