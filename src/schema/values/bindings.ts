/**
 * Where the files and values of each task come from: the bridge from the workflow language to the runner, which sees
 * tasks with sources instead of columns and expressions.
 */
import { join } from "node:path";
import { TomoflowError } from "../../core/error.ts";
import { outputPath } from "../folder-ports.ts";
import type { InputPort, Parameters, Ports } from "../step-description.ts";
import { ownValue } from "../text/data-path.ts";
import type { TableRow, Workflow, WorkflowStep } from "../workflow.ts";
import {
  type BindingProblem,
  bindFile,
  bindParameters,
  fileAt,
  missingInput,
  type TaskScope,
} from "./bind-values.ts";
import { columnsOf, expandRows, findStep, plainValue } from "./table-flow.ts";

/** A file that is there already, or one that an earlier task writes. */
export type FileSource =
  | {
      readonly type: "file";
      readonly path: string;
      /** Of an HDF5 file, `/volumes/raw`, where one is named. */
      readonly dataset?: string;
    }
  | { readonly type: "output"; readonly step: string; readonly row?: string; readonly output: string };

/** A row as one task sees it. */
export interface BoundRow {
  readonly id: string;
  /** Plain columns and `id`; the columns that are read as files are left out. */
  readonly values: Readonly<Record<string, unknown>>;
  /** By input port name; optional ports without a file are absent. */
  readonly files: Readonly<Record<string, FileSource>>;
}

export interface TaskBinding {
  /** `segment@t2` for a per-row kind, `train` for a whole-table kind. */
  readonly taskId: string;
  readonly step: string;
  readonly row?: string;
  /** Fully resolved; `x-file` parameters hold absolute paths, or the expression where the file is an earlier output. */
  readonly parameters: Parameters;
  /** Exactly one for a per-row kind. */
  readonly rows: readonly BoundRow[];
  /**
   * By the name of an `x-file` parameter: the source of each path in it, in order (one entry where it is a single
   * path). `fillFiles` puts paths or hashes back in their places.
   */
  readonly parameterFiles: Readonly<Record<string, readonly FileSource[]>>;
  /** Files of the class table, e.g. `mask.1`, for the fields that the kind's ports name. */
  readonly classFiles: Readonly<Record<string, FileSource>>;
  /** Ids of the tasks that must be done before. */
  readonly dependsOn: readonly string[];
  /** Absolute path of the working copy by output port name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Folder of the working copies, absolute. */
  readonly outputFolder: string;
}

/** The tasks of a step with the source of every input; none for a disabled step. */
export function bindInputs(workflow: Workflow, step: WorkflowStep): readonly TaskBinding[] {
  const { tasks, problems } = tryBindInputs(workflow, step);
  if (problems.length === 0) return tasks;
  const message = `step ${step.id} cannot be bound: ${problems[0].message}`;
  throw new TomoflowError("workflow-unchecked", message, {
    hint: "load the workflow with loadWorkflow first",
  });
}

interface BoundStep {
  readonly tasks: readonly TaskBinding[];
  readonly problems: readonly BindingProblem[];
}

/** Loading a workflow binds it to check it, and planning needs the same again: with thousands of rows that counts. */
const known = new WeakMap<Workflow, Map<WorkflowStep, BoundStep>>();

/** As `bindInputs`, with what stands in the way as data; a task with a problem may lack the input concerned. */
export function tryBindInputs(workflow: Workflow, step: WorkflowStep): BoundStep {
  const ofWorkflow = known.get(workflow) ?? new Map<WorkflowStep, BoundStep>();
  known.set(workflow, ofWorkflow);
  const bound = ofWorkflow.get(step) ?? bindStep(workflow, step);
  ofWorkflow.set(step, bound);
  return bound;
}

function bindStep(workflow: Workflow, step: WorkflowStep): BoundStep {
  if (!step.enabled) return { tasks: [], problems: [] };
  const problems: BindingProblem[] = [];
  const rows = expandRows(workflow, step);
  const scope: TaskScope = {
    workflow,
    step,
    columns: columnsOf(workflow, step),
    problems,
    rowsOfSteps: new Map(),
  };
  const missing: MissingInputs = new Map();
  const groups = step.kind.scope === "row" ? rows.map((row) => [row]) : [rows];
  const tasks = groups.map((group) => bindTask(scope, group, missing));
  for (const [name, lacking] of missing)
    problems.push(...missingInput(scope, name, { lacking, all: rows.length }));
  return { tasks, problems };
}

/** `value` (of an `x-file` parameter) with the texts in it replaced, in order: paths for a job, hashes for a key. */
export function fillFiles(value: unknown, texts: readonly string[]): unknown {
  let next = 0;
  const fill = (part: unknown): unknown => {
    if (typeof part === "string") return texts[next++];
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(value);
}

/** Rows without a file, by the name of a required input port. */
type MissingInputs = Map<string, TableRow[]>;

function bindTask(scope: TaskScope, rows: readonly TableRow[], missing: MissingInputs): TaskBinding {
  const { workflow, step } = scope;
  const row = step.kind.scope === "row" ? rows[0] : undefined;
  const { parameters, parameterFiles } = bindParameters(scope, row);
  const ports = step.kind.ports(parameters);
  const outputFolder = row ? join(step.outputFolder, row.id) : step.outputFolder;
  const boundRows = rows.map((each) => bindRow(scope, each, { ports, missing }));
  const sources = [
    ...boundRows.flatMap(({ files }) => Object.values(files)),
    ...Object.values(parameterFiles).flat(),
  ];
  const producers = sources
    .filter((source) => source.type === "output")
    .map((source) => taskIdOf(source.step, source.row));
  return {
    taskId: taskIdOf(step.id, row?.id),
    step: step.id,
    ...(row && { row: row.id }),
    parameters,
    rows: boundRows,
    parameterFiles,
    classFiles: bindClassFiles(workflow, ports),
    dependsOn: [...new Set([...rows.flatMap((each) => sourceTasks(workflow, step, each)), ...producers])],
    outputs: Object.fromEntries(ports.outputs.map((port) => [port.name, outputPath(outputFolder, port)])),
    outputFolder,
  };
}

/** `segment@t2`, or `train` for a whole-table step. */
export const taskIdOf = (step: string, row?: string): string => (row === undefined ? step : `${step}@${row}`);

function bindRow(
  scope: TaskScope,
  row: TableRow,
  { ports, missing }: { ports: Ports; missing: MissingInputs },
): BoundRow {
  const files: Record<string, FileSource> = {};
  for (const port of ports.inputs) {
    const before = scope.problems.length;
    const source = bindPort(scope, row, port);
    if (source) files[port.name] = source;
    else if (port.required && scope.problems.length === before)
      missing.set(port.name, [...(missing.get(port.name) ?? []), row]);
  }
  const plain = Object.entries(row.columns).filter(
    ([name]) => ports.columns.includes(name) || !isFileColumn(scope, name, ports),
  );
  return { id: row.id, values: { id: row.id, ...Object.fromEntries(plain) }, files };
}

function bindPort(scope: TaskScope, row: TableRow, port: InputPort): FileSource | undefined {
  const override = ownValue(scope.step.inputOverrides, port.name);
  if (override !== undefined) return bindFile(scope, override, { path: [port.name], row });
  const origin = scope.columns.get(port.name);
  if (origin?.type === "output") return { type: "output", step: origin.step, row: row.id, output: port.name };
  const cell = plainValue(row, port.name);
  if (cell === null) return undefined;
  return fileAt(scope.workflow, String(cell));
}

/** A column that this step reads as a file, or that an earlier step wrote. */
const isFileColumn = (scope: TaskScope, name: string, ports: Ports): boolean =>
  scope.columns.get(name)?.type === "output" || ports.inputs.some((port) => port.name === name);

function bindClassFiles(workflow: Workflow, ports: Ports): Readonly<Record<string, FileSource>> {
  const files: Record<string, FileSource> = {};
  for (const field of ports.classFields) {
    if (field !== "mask" && field !== "density") continue;
    for (const definition of workflow.classes) {
      const path = definition[field];
      if (path) files[`${field}.${definition.label}`] = fileAt(workflow, path);
    }
  }
  return files;
}

/** The tasks that yield a step's row: none for the tomogram table; a disabled step stands for its own source. */
function sourceTasks(workflow: Workflow, step: WorkflowStep, row: TableRow): string[] {
  const source = findStep(workflow, step.source.from);
  if (!source) return [];
  if (!source.enabled) return sourceTasks(workflow, source, row);
  return [taskIdOf(source.id, source.kind.scope === "row" ? row.id : undefined)];
}
