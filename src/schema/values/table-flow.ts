/**
 * How the table flows through the steps: which rows each step works on, and which columns these rows have.
 * A per-row step yields its rows with its outputs added as columns; a whole-table step and a disabled step yield the
 * rows they were given.
 */

import type { Parameters, Ports } from "../step-description.ts";
import { asMap } from "../text/data-path.ts";
import type { TableRow, Workflow, WorkflowStep } from "../workflow.ts";
import { resolveExpressions } from "./expression.ts";

/** Name of the tomogram table after `from:`. */
export const tableName = "tomograms";

/** Where a column comes from: the table itself, or the output of a per-row step. */
export type ColumnOrigin = { readonly type: "table" } | { readonly type: "output"; readonly step: string };

/** The rows a step works on: those of its source that its `where` keeps, in the order of the table. */
export function expandRows(workflow: Workflow, step: WorkflowStep): readonly TableRow[] {
  const rows = sourceRows(workflow, step);
  const conditions = Object.entries(step.source.where);
  return rows.filter((row) =>
    conditions.every(([column, wanted]) => wanted.some((value) => sameValue(plainValue(row, column), value))),
  );
}

/** The rows a step is given, before its `where`. */
export function sourceRows(workflow: Workflow, step: WorkflowStep): readonly TableRow[] {
  const source = findStep(workflow, step.source.from);
  return source ? expandRows(workflow, source) : workflow.rows;
}

/** The columns of the rows that a step is given, by name, without `id`. */
export function columnsOf(workflow: Workflow, step: WorkflowStep): ReadonlyMap<string, ColumnOrigin> {
  const source = findStep(workflow, step.source.from);
  if (!source) return tableColumns(workflow);
  const columns = columnsOf(workflow, source);
  if (!source.enabled || source.kind.scope === "table") return columns;
  const added = portsOf(workflow, source).outputs.map(
    ({ name }) => [name, { type: "output", step: source.id } as const] as const,
  );
  return new Map([...columns, ...added]);
}

/** What the step reads and writes, as far as its parameters are the same for all rows. */
export function portsOf(workflow: Workflow, step: WorkflowStep): Ports {
  return step.kind.ports(resolvedForAllRows(workflow, step));
}

/** The step with this id; undefined for the tomogram table. */
export const findStep = (workflow: Workflow, id: string): WorkflowStep | undefined =>
  workflow.steps.find((step) => step.id === id);

/** A plain value of a row; null where the cell is empty or the column is not there. */
export function plainValue(row: TableRow, column: string): unknown {
  if (column === "id") return row.id;
  const value = Object.hasOwn(row.columns, column) ? row.columns[column] : null;
  return value === "" || value === undefined ? null : value;
}

/** Values are compared as text, so that 1 in the file is 1 in a spreadsheet; an empty cell equals null. */
export const sameValue = (cell: unknown, wanted: unknown): boolean =>
  cell === null || wanted === null ? cell === wanted : String(cell) === String(wanted);

function tableColumns(workflow: Workflow): Map<string, ColumnOrigin> {
  const names = new Set(workflow.rows.flatMap((row) => Object.keys(row.columns)));
  return new Map([...names].map((name) => [name, { type: "table" }]));
}

function resolvedForAllRows(workflow: Workflow, step: WorkflowStep): Parameters {
  const scope = { params: workflow.params, env: workflow.environment };
  return asMap(resolveExpressions(step.parameters, scope).value);
}
