/** Rows that fall through the `where` of every step: values like a slip of the pen, and rows that no step takes. */
import { isDeepStrictEqual } from "node:util";
import { nearMiss, shownValue } from "../table/near-miss.ts";
import type { Table } from "../table/table.ts";
import { type Findings, listRows, warnAt } from "../text/findings.ts";
import { expandRows, plainValue, portsOf, sameValue } from "../values/table-flow.ts";
import type { TableRow, Workflow, WorkflowStep } from "../workflow.ts";

interface Surroundings {
  readonly workflow: Workflow;
  readonly table: Table;
}

/** What says of a row that it is left out on purpose, in a column that `where` names. */
export const leftOutWords: readonly string[] = ["none", "unused", "skip", "ignore"];

const isLeftOut = (value: unknown): boolean =>
  typeof value === "string" && leftOutWords.includes(value.trim().toLowerCase());

/** What is wrong with a `where`: which rows it is meant to take nobody knows then. */
const aboutWhere: ReadonlySet<string> = new Set(["no-rows", "unknown-column"]);

/** Notes both, once for all rows of one value; `workflow` has all its steps. */
export function checkSelection(findings: Findings, { workflow, table }: Surroundings): void {
  if (findings.diagnostics.some(({ code, severity }) => severity === "error" && aboutWhere.has(code))) return;
  const wanted = wantedValues(workflow);
  const used = new Set(workflow.steps.flatMap((step) => expandRows(workflow, step)).map(({ id }) => id));
  const groups = new Map<string, Fault & { rows: TableRow[] }>();
  for (const row of workflow.rows) {
    const fault = slipOf(row, wanted, workflow) ?? (used.has(row.id) ? undefined : unusedRow(row, wanted));
    if (fault === undefined) continue;
    const key = JSON.stringify([fault.column, fault.message(1), fault.hint]);
    const group = groups.get(key) ?? { ...fault, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  for (const { rows, column, code, message, hint } of groups.values()) {
    const [first] = rows;
    const location = column === undefined ? first.location : table.locate(first, column);
    const ids = listRows(rows.map(({ id }) => id));
    const isTold = findings.diagnostics.some((told) => isDeepStrictEqual(told.location, location));
    if (!isTold) warnAt(findings, { code, message: `${ids} ${message(rows.length)}`, hint }, location);
  }
}

interface Fault {
  readonly code: string;
  /** The column whose cell is where to mend it. */
  readonly column?: string;
  /** Goes on after the names of `count` rows. */
  readonly message: (count: number) => string;
  readonly hint: string;
}

/** By column, every value that some step's `where` takes. */
function wantedValues({ steps }: Workflow): ReadonlyMap<string, readonly unknown[]> {
  const wanted = new Map<string, unknown[]>();
  for (const { source } of steps)
    for (const [column, values] of Object.entries(source.where))
      if (column !== "id") wanted.set(column, [...(wanted.get(column) ?? []), ...values]);
  return wanted;
}

/** A value that no `where` takes and that is like one that it takes, and that other rows have. */
function slipOf(
  row: TableRow,
  wanted: ReadonlyMap<string, readonly unknown[]>,
  { rows }: Workflow,
): Fault | undefined {
  for (const [column, values] of wanted) {
    const cell = plainValue(row, column);
    if (cell === null || isLeftOut(cell)) continue;
    const meant = nearMiss(cell, values);
    // where no row has it, the step itself says so
    if (meant === undefined || !rows.some((other) => sameValue(plainValue(other, column), meant))) continue;
    const hint = meant === null ? "leave the cell empty" : `did you mean ${shownValue(meant)}?`;
    const message = (count: number) =>
      `${has(count)} the ${column} ${shownValue(cell)}, which no step's where takes`;
    return { code: "value-not-selected", column, message, hint };
  }
  return undefined;
}

function unusedRow(row: TableRow, wanted: ReadonlyMap<string, readonly unknown[]>): Fault | undefined {
  const lost = [...wanted].find(([column, values]) => {
    const cell = plainValue(row, column);
    return !values.some((value) => sameValue(cell, value));
  });
  if (lost && isLeftOut(plainValue(row, lost[0]))) return undefined;
  const verb = (count: number) => `${count === 1 ? "is" : "are"} used by no step`;
  const aside = (column: string) => `write ${column}: unused where this is meant`;
  if (!lost) {
    const columns = [...wanted.keys()];
    const hint =
      columns.length > 0 ? `no where takes it; ${aside(columns[0]!)}` : "take the row out, or add a step";
    return { code: "unused-row", message: verb, hint };
  }
  const [column, values] = lost;
  const cell = plainValue(row, column);
  const taken = [...new Set(values.map(shownValue))].join(", ");
  const why = cell === null ? `no ${column} is given` : `the ${column} is ${shownValue(cell)}`;
  return {
    code: "unused-row",
    column,
    message: (count) => `${verb(count)}: ${why}`,
    hint: `the steps take ${column} ${taken}; ${aside(column)}`,
  };
}

const has = (count: number): string => (count === 1 ? "has" : "have");

/** Of a step that divides its rows by their `split`. */
const splits = ["train", "valid", "test"];

/** Notes rows that a step is given and that it will not use, for a step that divides its rows by their `split`. */
export function checkSplit(findings: Findings, step: WorkflowStep, { workflow, table }: Surroundings): void {
  if (!portsOf(workflow, step).columns.includes("split")) return;
  const rows = expandRows(workflow, step);
  // where none has a split, the step itself says that it has nothing to work with
  if (rows.every((row) => plainValue(row, "split") === null)) return;
  const groups = new Map<unknown, TableRow[]>();
  for (const row of rows) {
    const split = plainValue(row, "split");
    if (splits.includes(String(split)) || isLeftOut(split)) continue;
    groups.set(split, [...(groups.get(split) ?? []), row]);
  }
  for (const [split, [first, ...more]] of groups) {
    const ids = listRows([first!, ...more].map(({ id }) => id));
    const verb = has(more.length + 1);
    const what = split === null ? "no split" : `the split ${shownValue(split)}`;
    const meant = split === null ? undefined : nearMiss(split, splits);
    const hint =
      meant === undefined
        ? `${step.id} takes train and valid; write split: test, or unused, where this is meant`
        : `did you mean ${String(meant)}?`;
    const message = `${ids} ${verb} ${what}, so ${step.id} does not use ${more.length > 0 ? "them" : "it"}`;
    warnAt(findings, { code: "unknown-split", message, hint }, table.locate(first!, "split"));
  }
}
