/** Follows the table through the steps: columns and rows that are not there, inputs without a file. */
import { isDeepStrictEqual } from "node:util";
import type { Location } from "../../core/diagnostic.ts";
import { checkShape } from "../shape/check-shape.ts";
import { nearMiss, shownValue } from "../table/near-miss.ts";
import type { Table } from "../table/table.ts";
import { type Path, startsWith, valueAt } from "../text/data-path.ts";
import {
  type Findings,
  listRows,
  type Mistake,
  report,
  reportAt,
  type Spot,
  warn,
} from "../text/findings.ts";
import { didYouMeanOrList, listNames } from "../text/suggest.ts";
import type { BindingProblem } from "../values/bind-values.ts";
import { type TaskBinding, tryBindInputs } from "../values/bindings.ts";
import { listReferences } from "../values/expression.ts";
import { columnsOf, expandRows, plainValue, sameValue, sourceRows } from "../values/table-flow.ts";
import type { Workflow, WorkflowStep } from "../workflow.ts";
import { schemaOf } from "./parameters.ts";
import { checkSplit } from "./selection.ts";

interface FlowSurroundings {
  readonly workflow: Workflow;
  readonly table: Table;
}

/** Notes every mistake in what a step reads, and returns its tasks as far as they could be bound. */
export async function checkStepFlow(
  findings: Findings,
  step: WorkflowStep,
  { workflow, table, uncertain }: FlowSurroundings & { readonly uncertain: boolean },
): Promise<readonly TaskBinding[]> {
  const before = findings.diagnostics.length;
  checkWhere(findings, workflow, step);
  if (findings.diagnostics.slice(before).some(({ severity }) => severity === "error")) return [];
  const { tasks, problems: found } = tryBindInputs(workflow, step);
  const problems = found.filter(({ code }) => !uncertain || !aboutInputs.has(code));
  reportProblems(findings, problems, { step, table, workflow });
  checkSplit(findings, step, { workflow, table });
  if (problems.length === 0) await checkRowValues(findings, step, { workflow, tasks });
  return tasks;
}

function checkWhere(findings: Findings, workflow: Workflow, step: WorkflowStep): void {
  const columns = columnsOf(workflow, step);
  const rows = sourceRows(workflow, step);
  if (rows.length === 0) return;
  const spotOf = (column: string): Spot => ({ path: ["steps", step.id, "where", column], part: "key" });
  let sound = true;
  for (const [column, wanted] of Object.entries(step.source.where)) {
    const origin = columns.get(column);
    if (column !== "id" && origin?.type !== "table") {
      sound = false;
      const message = origin
        ? `${column} is a file that step ${origin.step} writes: where compares plain values`
        : `there is no column ${column}`;
      const plain = [...columns].filter(([, { type }]) => type === "table").map(([name]) => name);
      const hint = didYouMeanOrList(column, ["id", ...plain], "the columns are");
      report(findings, { code: "unknown-column", message, hint }, spotOf(column));
    } else
      sound =
        checkWanted(findings, step, { column, wanted, given: rows.map((row) => plainValue(row, column)) }) &&
        sound;
  }
  if (!sound || expandRows(workflow, step).length > 0) return;
  const message = `where leaves no rows for step ${step.id}`;
  const hint = "each condition fits some rows, but no row fits all of them";
  report(findings, { code: "no-rows", message, hint }, { path: ["steps", step.id, "where"], part: "key" });
}

/** A wanted value that no row has is a slip; when none of them is there the step has nothing to do. */
function checkWanted(
  findings: Findings,
  step: WorkflowStep,
  { column, wanted, given }: { column: string; wanted: readonly unknown[]; given: readonly unknown[] },
): boolean {
  const missing = wanted.filter((value) => !given.some((cell) => sameValue(cell, value)));
  if (missing.length === 0) return wanted.length > 0 || given.length === 0;
  const there = [...new Set(given.filter((value) => value !== null).map(String))];
  const all = missing.length === wanted.length;
  for (const value of missing) {
    const near = nearMiss(value, there);
    const hint =
      near === undefined
        ? listNames(there.map(shownValue), `${column} is`)
        : `did you mean ${shownValue(near)}?`;
    const message = `no row ${step.source.from === "tomograms" ? "" : `of ${step.source.from} `}has ${column} ${shownValue(value)}`;
    const whole = ["steps", step.id, "where", column];
    const isList = Array.isArray(valueAt(findings.source.value, whole));
    const path = isList ? [...whole, wanted.indexOf(value)] : whole;
    if (all) report(findings, { code: "no-rows", message, hint }, { path });
    else warn(findings, { code: "value-in-no-row", message, hint }, { path });
  }
  return !all;
}

/** Codes of problems that some rows have and others do not. */
const aboutRows: ReadonlySet<string> = new Set(["empty-cell", "missing-input", "row-not-in-step"]);

/** What cannot be told of a step whose redirected inputs are wrong. */
const aboutInputs: ReadonlySet<string> = new Set(["missing-input", "missing-column"]);

/** Problems that differ in their row alone are told once, with the rows. */
function reportProblems(
  findings: Findings,
  problems: readonly BindingProblem[],
  { step, table, workflow }: FlowSurroundings & { readonly step: WorkflowStep },
): void {
  const groups = new Map<string, BindingProblem[]>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.code, problem.message, problem.path]);
    groups.set(key, [...(groups.get(key) ?? []), problem]);
  }
  for (const group of groups.values()) {
    const { code, hint, path, text, column, row: first } = group[0];
    const rows = group.flatMap(({ row }) => (row === undefined ? [] : [row]));
    const message =
      aboutRows.has(code) && rows.length > 0 ? `${group[0].message} in ${listRows(rows)}` : group[0].message;
    const tableRow = column === undefined ? undefined : workflow.rows.find(({ id }) => id === first);
    if (tableRow && column) reportCell(findings, { code, message, hint }, table.locate(tableRow, column));
    else report(findings, { code, message, hint }, { path: ["steps", step.id, ...path], text });
  }
}

/** An empty cell is told for the first step that needs it. */
function reportCell(findings: Findings, mistake: Mistake, location: Location): void {
  const isTold = findings.diagnostics.some(
    (told) =>
      told.code === mistake.code && told.hint === mistake.hint && isDeepStrictEqual(told.location, location),
  );
  if (!isTold) reportAt(findings, mistake, location);
}

/** Parameters that take their value from the row are checked row by row. */
async function checkRowValues(
  findings: Findings,
  step: WorkflowStep,
  { workflow, tasks }: { readonly workflow: Workflow; readonly tasks: readonly TaskBinding[] },
): Promise<void> {
  const fromRow = listReferences(step.parameters).filter(({ reference }) => reference.scope === "row");
  if (fromRow.length === 0) return;
  const found = new Map<string, RowMistake>();
  for (const task of tasks) {
    const shape = await checkShape(schemaOf(step.kind), task.parameters, `with of step ${step.id}`);
    const context = { folder: workflow.folder, resolved: task.parameters };
    const mistakes = shape.length > 0 ? [] : (step.kind.check?.(task.parameters, context) ?? []);
    const ofKind = mistakes.map((mistake) => ({ code: "wrong-parameters", ...mistake }));
    for (const problem of [...shape.map((problem) => ({ ...problem, severity: undefined })), ...ofKind]) {
      if (!fromRow.some(({ path }) => startsWith(problem.path, path))) continue;
      const key = JSON.stringify([problem.message, problem.path]);
      const { severity, path } = problem;
      const entry = found.get(key) ?? { mistake: problem, severity, path, rows: [] };
      entry.rows.push(String(task.row));
      found.set(key, entry);
    }
  }
  for (const { mistake, severity, path, rows } of found.values()) {
    const message = `${mistake.message} (${listRows(rows)})`;
    const tell = severity === "warning" ? warn : report;
    tell(findings, { ...mistake, message }, { path: ["steps", step.id, "with", ...path] });
  }
}

interface RowMistake {
  readonly mistake: Mistake;
  readonly severity?: "error" | "warning";
  readonly path: Path;
  readonly rows: string[];
}
