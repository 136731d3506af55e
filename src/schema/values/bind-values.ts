/** Resolves what `with` says for one task: plain values, and files with their sources. */
import { splitDataset } from "../../core/dataset-path.ts";
import { resolvePlace } from "../../core/remote-address.ts";
import type { Parameters } from "../step-description.ts";
import { isMap, ownValue, type Path } from "../text/data-path.ts";
import { didYouMeanOrList } from "../text/suggest.ts";
import type { TableRow, Workflow, WorkflowStep } from "../workflow.ts";
import type { FileSource } from "./bindings.ts";
import {
  type ExpressionProblem,
  formatReference,
  parseTemplate,
  type Reference,
  resolveExpressions,
  type Scope,
} from "./expression.ts";
import { type ColumnOrigin, expandRows, findStep, plainValue } from "./table-flow.ts";

/** A mistake in a binding. Problems of several rows that differ in `row` alone are told as one. */
export interface BindingProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Inside the step: `["with", "weights"]`, `["from"]`. */
  readonly path: Path;
  /** The text in the value at `path` that is wrong, where it is not all of it. */
  readonly text?: string;
  readonly row?: string;
  /** The column whose cell, in this row, is where to mend it. */
  readonly column?: string;
}

/** The step whose tasks are being bound, and where to note what is wrong. */
export interface TaskScope {
  readonly workflow: Workflow;
  readonly step: WorkflowStep;
  readonly columns: ReadonlyMap<string, ColumnOrigin>;
  readonly problems: BindingProblem[];
  /** Ids of the rows of other steps, by step, as far as they have been looked up. */
  readonly rowsOfSteps: Map<string, ReadonlySet<string>>;
}

interface Place {
  /** Inside `with`. */
  readonly path: Path;
  /** The row of the value; a parameter of a whole-table step has none. */
  readonly row?: TableRow;
}

export interface BoundParameters {
  readonly parameters: Parameters;
  readonly parameterFiles: Readonly<Record<string, readonly FileSource[]>>;
}

/** Resolves every parameter of a task; `row` is given for a per-row step. */
export function bindParameters(scope: TaskScope, row: TableRow | undefined): BoundParameters {
  const parameters: Record<string, unknown> = {};
  const parameterFiles: Record<string, readonly FileSource[]> = {};
  for (const [name, value] of Object.entries(scope.step.parameters)) {
    const place = { path: [name], row };
    if (scope.step.kind.parameters.properties[name]?.["x-file"] === true) {
      const files: FileSource[] = [];
      parameters[name] = bindFileParameter(scope, value, { place, files });
      if (files.length > 0) parameterFiles[name] = files;
    } else parameters[name] = bindValue(scope, value, place);
  }
  return { parameters, parameterFiles };
}

/** The file that a text of `with` names, for a row where there is one; undefined where the row's cell is empty. */
export function bindFile(scope: TaskScope, text: unknown, place: Place): FileSource | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  const { whole } = parseTemplate(text);
  if (whole?.scope === "step") return bindOutput(scope, whole, place);
  if (whole?.scope === "row" && place.row) {
    const origin = scope.columns.get(whole.column);
    if (origin?.type === "output")
      return { type: "output", step: origin.step, row: place.row.id, output: whole.column };
    if (origin && plainValue(place.row, whole.column) === null) return undefined;
  }
  const path = bindValue(scope, text, place);
  return path === undefined ? undefined : fileAt(scope.workflow, String(path));
}

/** A file, or a data set in one, that is named plainly, or an address; relative paths start at the workflow's folder. */
export function fileAt(workflow: Workflow, path: string): FileSource {
  const { file, dataset } = splitDataset(path);
  return {
    type: "file",
    path: resolvePlace(workflow.folder, file),
    ...(dataset !== undefined && { dataset }),
  };
}

/** The value with each path in it absolute; the sources of these paths are added to `files` in order. */
function bindFileParameter(
  scope: TaskScope,
  value: unknown,
  { place, files }: { place: Place; files: FileSource[] },
): unknown {
  const inside = (inner: unknown, step: string | number) =>
    bindFileParameter(scope, inner, { place: { ...place, path: [...place.path, step] }, files });
  if (Array.isArray(value)) return value.map(inside);
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inside(inner, key)]));
  if (typeof value !== "string") return value;
  const list = listBehind(scope, value, place);
  if (list) return list.map(inside);
  const source = bindFile(scope, value, place);
  if (source) {
    files.push(source);
    return source.type === "file" ? source.path : value;
  }
  const { whole } = parseTemplate(value);
  if (whole?.scope === "row" && scope.columns.has(whole.column))
    note(scope, place, {
      code: "empty-cell",
      message: `${whole.column} is empty`,
      text: formatReference(whole),
    });
  return undefined;
}

/** `${params.paths}` may stand for a list of paths. */
function listBehind(scope: TaskScope, text: string, place: Place): readonly unknown[] | undefined {
  const { whole } = parseTemplate(text);
  if (!whole || whole.scope === "step") return undefined;
  const { value } = resolveExpressions(text, valueScope(scope, place));
  return Array.isArray(value) ? value : undefined;
}

/** A plain value; undefined, with the problem noted, where an expression leads to none. */
function bindValue(scope: TaskScope, value: unknown, place: Place): unknown {
  if (!mayHoldExpression(value)) return value;
  const given = valueScope(scope, place);
  const { value: resolved, problems, pending } = resolveExpressions(value, given);
  for (const problem of problems) note(scope, place, explainProblem(scope, problem, place));
  for (const path of pending) notePending(scope, value, { ...place, path: [...place.path, ...path] }, path);
  return problems.length + pending.length > 0 ? undefined : resolved;
}

/** Most parameters are plain: they are the same for every row and need no look. */
function mayHoldExpression(value: unknown): boolean {
  if (typeof value === "string") return value.includes("${");
  return typeof value === "object" && value !== null && Object.values(value).some(mayHoldExpression);
}

const valueScope = ({ workflow, columns }: TaskScope, { row }: Place): Scope => ({
  params: workflow.params,
  env: workflow.environment,
  ...(row && { row: rowValues(row, columns) }),
});

/** Plain values of a row: its id and its cells that are not empty; files that steps write are none. */
function rowValues(row: TableRow, columns: TaskScope["columns"]): Readonly<Record<string, unknown>> {
  const cells = Object.entries(row.columns).filter(([name]) => columns.get(name)?.type === "table");
  return { id: row.id, ...Object.fromEntries(cells) };
}

function explainProblem(
  scope: TaskScope,
  problem: ExpressionProblem,
  place: Place,
): Omit<BindingProblem, "row" | "path"> & { readonly path: Path } {
  const { reference } = problem;
  const path = [...place.path, ...problem.path];
  if (reference?.scope !== "row")
    return { ...problem, path, ...(reference && { text: formatReference(reference) }) };
  const text = formatReference(reference);
  const origin = scope.columns.get(reference.column);
  if (!origin) return unknownColumn(scope, reference, path);
  if (origin.type === "table") {
    const hint = "fill it in, or leave these rows out with where";
    return { code: "empty-cell", message: `${reference.column} is empty`, hint, path, text };
  }
  const message = `${text} is a file that step ${origin.step} writes, and no plain value`;
  const hint =
    "such a file can be given, alone and in quotes, to an input or to a parameter that takes a file";
  return { code: "file-as-value", message, hint, path, text };
}

function unknownColumn(scope: TaskScope, reference: Reference & { scope: "row" }, path: Path) {
  const { from } = scope.step.source;
  const message = `${from === "tomograms" ? "the table" : `the table of ${from}`} has no column ${reference.column}`;
  const hint = didYouMeanOrList(reference.column, ["id", ...scope.columns.keys()], "its columns are");
  return { code: "unknown-column", message, hint, path, text: formatReference(reference) };
}

/** Row values where there is no single row, and files of steps where a plain value is wanted. */
function notePending(scope: TaskScope, value: unknown, place: Place, path: Path): void {
  const text = String(path.reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], value));
  const references = parseTemplate(text).parts.filter((part) => typeof part !== "string");
  const row = references.find((reference) => reference.scope === "row");
  const step = references.find((reference) => reference.scope === "step");
  if (step) {
    const message = `${formatReference(step)} is a file, and no plain value`;
    const hint =
      "such a file can be given, alone and in quotes, to an input or to a parameter that takes a file";
    note(scope, place, { code: "file-as-value", message, hint, text: formatReference(step) });
  } else if (row) {
    const message = `${scope.step.kind.name} runs once over all rows, so ${formatReference(row)} has no single value`;
    note(scope, place, { code: "no-single-row", message, text: formatReference(row) });
  }
}

/** The output of another step: its only one, or that of the same row. */
function bindOutput(
  scope: TaskScope,
  reference: Reference & { scope: "step" },
  place: Place,
): FileSource | undefined {
  const { step: id, output } = reference;
  const text = formatReference(reference);
  const target = findStep(scope.workflow, id);
  if (!target) {
    note(scope, place, { code: "unknown-step", message: `there is no step ${id}`, text });
    return undefined;
  }
  if (target.kind.scope === "table") return { type: "output", step: id, output };
  if (!place.row) {
    const message = `step ${id} runs once a row, so ${text} is not one file`;
    const hint = `read all its rows with from: ${id}`;
    note(scope, place, { code: "per-row-output", message, hint, text });
    return undefined;
  }
  const row = place.row.id;
  if (rowsOf(scope, target).has(row)) return { type: "output", step: id, row, output };
  const hint = `use from: ${id}, or make the where of both steps alike`;
  note(scope, place, {
    code: "row-not-in-step",
    message: `step ${id} has no such row, so no ${text}`,
    hint,
    text,
  });
  return undefined;
}

function rowsOf({ workflow, rowsOfSteps }: TaskScope, step: WorkflowStep): ReadonlySet<string> {
  const known = rowsOfSteps.get(step.id);
  if (known) return known;
  const ids = new Set(expandRows(workflow, step).map(({ id }) => id));
  rowsOfSteps.set(step.id, ids);
  return ids;
}

type Note = Omit<BindingProblem, "row" | "path"> & { readonly path?: Path };

function note(scope: TaskScope, place: Place, problem: Note): void {
  const { code, message, hint, text } = problem;
  const path = ["with", ...(problem.path ?? place.path)];
  scope.problems.push({ code, message, hint, text, path, row: place.row?.id });
}

/** An input that some rows have no file for. */
export function missingInput(
  scope: TaskScope,
  name: string,
  { lacking, all }: { lacking: readonly TableRow[]; all: number },
): BindingProblem[] {
  const { step, columns, workflow } = scope;
  const overridden = ownValue(step.inputOverrides, name) !== undefined;
  if (columns.has(name) || overridden) {
    const message = overridden
      ? `the input ${name} has no file`
      : `step ${step.id} needs ${name}, which is empty`;
    const hint =
      lacking.length < all
        ? "fill it in, or leave these rows out with where"
        : `fill in the column, or set ${name} in with`;
    const path = overridden ? ["with", name] : ["from"];
    const column = columns.get(name)?.type === "table" && !overridden ? name : undefined;
    return lacking.map((row) => ({ code: "missing-input", message, hint, path, row: row.id, column }));
  }
  const { from } = step.source;
  const source = findStep(workflow, from);
  const where = from === "tomograms" ? "the table" : `the table of ${from}`;
  const message = `step ${step.id} needs a column ${name}, which ${where} does not have`;
  const disabled =
    source && !source.enabled && source.kind.scope === "row"
      ? `step ${from} is disabled and adds none; `
      : "";
  const hint = `${disabled}${didYouMeanOrList(name, columns.keys(), `set ${name} in with, or read another step with from; its columns are`)}`;
  return [{ code: "missing-column", message, hint, path: ["from"] }];
}
