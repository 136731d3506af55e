/** The files that a task reads, by the role they play in it. */
import { resolve } from "node:path";
import { joinDataset } from "../../core/dataset-path.ts";
import type { ClassDefinition, Parameters } from "../../schema/step-description.ts";
import { ownValue } from "../../schema/text/data-path.ts";
import { type FileSource, fillFiles, taskIdOf } from "../../schema/values/bindings.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { TaskRow } from "../../task/row.ts";
import type { Task, TaskGraph } from "./graph.ts";
import { type InputPart, partOf } from "./parts.ts";

export interface InputFile {
  /**
   * `tomogram` (a row's file in a per-row task), `t0/tomogram` (in a whole-table task), `with:weights` or
   * `with:weights.1` (parameters), `class:1.mask`, `code` (the module of a user's own step), `code:lib/a.mjs` (what it imports).
   */
  readonly role: string;
  readonly source: FileSource;
  /** Absolute path of the file, for an earlier output its working copy. */
  readonly path: string;
  /** Where the task reads that part of the file alone. */
  readonly part?: InputPart;
}

export const rowRole = (task: Task, row: string, port: string): string =>
  task.step.kind.scope === "row" ? port : `${row}/${port}`;

export const parameterRole = (name: string, index: number, count: number): string =>
  count === 1 ? `with:${name}` : `with:${name}.${index}`;

/** Of the module of a user's own kind, or of a file that it imports, by its path from the module. */
export const codeRole = (imported?: string): string => (imported === undefined ? "code" : `code:${imported}`);

/** Id of the row that a role is about; undefined for those of the whole task. */
export const rowOfRole = (role: string): string | undefined => /^([^:/]+)\//.exec(role)?.[1];

/** `./my-step.mjs`, not the name of a built-in kind. */
export const isModuleKind = (name: string): boolean => /^\.{0,2}\//.test(name);

/** Every input file of a task; sorted by role. */
export function inputFiles(task: Task, graph: TaskGraph, workflow: Workflow): readonly InputFile[] {
  const { binding } = task;
  const sources: [role: string, source: FileSource][] = [
    ...binding.rows.flatMap(({ id, files }) =>
      Object.entries(files).map(([port, source]): [string, FileSource] => [rowRole(task, id, port), source]),
    ),
    ...Object.entries(binding.parameterFiles).flatMap(([name, list]) =>
      list.map((source, index): [string, FileSource] => [parameterRole(name, index, list.length), source]),
    ),
    ...Object.entries(binding.classFiles).map(([field, source]): [string, FileSource] => {
      const [name, label] = field.split(".");
      return [`class:${label}.${name}`, source];
    }),
  ];
  sources.push(...codeFiles(task, workflow));
  const files: readonly InputFile[] = sources
    .map(([role, source]) => ({ role, source, path: sourcePath(source, graph) }))
    .sort((a, b) => (a.role < b.role ? -1 : 1));
  // most kinds read whole files, and there may be thousands of tasks
  return task.step.kind.parts === undefined ? files : withParts(task, files, graph);
}

function withParts(task: Task, files: readonly InputFile[], graph: TaskGraph): readonly InputFile[] {
  const parts = new Map<string, InputPart>();
  for (const row of task.binding.rows)
    for (const [port, source] of Object.entries(row.files)) {
      const part = partOf(task, { row, port, source }, graph);
      if (part) parts.set(rowRole(task, row.id, port), part);
    }
  return files.map((file) => {
    const part = parts.get(file.role);
    return part ? { ...file, part } : file;
  });
}

function codeFiles({ step: { kind } }: Task, workflow: Workflow): [role: string, source: FileSource][] {
  if (!isModuleKind(kind.name)) return [];
  const module: FileSource = { type: "file", path: resolve(workflow.folder, kind.name) };
  const imported = Object.entries(kind.imports ?? {}).map(([name, path]): [string, FileSource] => [
    codeRole(name),
    { type: "file", path },
  ]);
  return [[codeRole(), module], ...imported];
}

/** Absolute path of a file source: for an earlier output, its working copy. */
export function sourcePath(source: FileSource, graph: TaskGraph): string {
  if (source.type === "file") return source.path;
  const path = graph.byId.get(taskIdOf(source.step, source.row))?.binding.outputs[source.output];
  if (path === undefined)
    throw new Error(`no task makes ${taskIdOf(source.step, source.row)}.${source.output}`);
  return path;
}

/** As a step gets it: with the data set, where one is named. */
export const givenPath = (source: FileSource, graph: TaskGraph): string =>
  source.type === "file"
    ? joinDataset({ file: source.path, dataset: source.dataset })
    : sourcePath(source, graph);

/** The rows as the step sees them: only the columns that its ports name, since only those enter the key. */
export function jobRows(task: Task, graph: TaskGraph): readonly TaskRow[] {
  return task.binding.rows.map((row) => ({
    id: row.id,
    values: rowValues(task, row),
    files: Object.fromEntries(
      Object.entries(row.files).map(([port, source]) => [port, givenPath(source, graph)]),
    ),
  }));
}

export function rowValues(
  task: Task,
  row: { id: string; values: Readonly<Record<string, unknown>> },
): Record<string, unknown> {
  const columns = task.ports.columns.filter(
    (column) => column !== "id" && ownValue(row.values, column) !== undefined,
  );
  return Object.fromEntries(columns.map((column) => [column, row.values[column]]));
}

/** The parameters as the step sees them: `x-file` ones hold absolute paths. */
export function jobParameters(task: Task, graph: TaskGraph): Parameters {
  const files = Object.entries(task.binding.parameterFiles).map(([name, sources]) => {
    const paths = sources.map((source) => sourcePath(source, graph));
    return [name, fillFiles(task.binding.parameters[name], paths)];
  });
  return { ...task.binding.parameters, ...Object.fromEntries(files) };
}

/** The classes as the step sees them: only the fields that its ports name; none when it names none. */
export function jobClasses(task: Task, graph: TaskGraph, workflow: Workflow): readonly ClassDefinition[] {
  const { classFields } = task.ports;
  if (classFields.length === 0) return [];
  return shownClasses(task, graph, workflow).map(({ name: _, ...definition }) => ({
    ...definition,
    // as `name` is not in the key, results must not depend on it
    name: `class ${definition.label}`,
  }));
}

/** The same with their names, for what is told to the user. */
export function shownClasses(task: Task, graph: TaskGraph, workflow: Workflow): readonly ClassDefinition[] {
  return workflow.classes.map((definition) => {
    const { label, name } = definition;
    const fields = task.ports.classFields.map((field) => {
      const file = task.binding.classFiles[`${field}.${label}`];
      return [field, file ? sourcePath(file, graph) : definition[field]];
    });
    return { label, name, ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)) };
  });
}
