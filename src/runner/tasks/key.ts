/**
 * The task key: SHA-256 over canonical JSON of what a result depends on, and of nothing else. Not in it: paths, ids of
 * rows unless the kind asks for the column `id`, row order, engine, threads, tiling, and what a parameter `auto` comes to on a
 * machine: who writes it accepts every outcome as the same.
 */
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { Parameters } from "../../schema/step-description.ts";
import { fillFiles } from "../../schema/values/bindings.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { type Content, keyText } from "../store/content.ts";
import type { Task } from "./graph.ts";
import { codeRole, isModuleKind, parameterRole, rowRole, rowValues } from "./inputs.ts";

/** Raised when the recipe below changes, so that no old key is taken for a new one. */
const recipe = 1;

type Values = Readonly<Record<string, unknown>>;

/** What besides file contents makes a task what it is: this is also what the lock records and reasons compare. */
export interface TaskRecipe {
  readonly kind: string;
  readonly version: number;
  /** Those that affect the result and are not files. */
  readonly parameters: Parameters;
  /** Label -> the class fields that the kind uses; files are inputs. */
  readonly classes: Readonly<Record<string, Values>>;
  /** Row id -> the columns that affect the result; for a per-row kind without such columns nothing. */
  readonly rows: Readonly<Record<string, Values>>;
}

export interface TaskKeys {
  readonly key: string;
  /** The key without the parameters that only lengthen the work: tasks that share it share checkpoints. */
  readonly lineage: string;
  /** Of a user's own kind: hash of its module and what that imports. */
  readonly code?: string;
}

export function recipeOf(task: Task, workflow: Workflow): TaskRecipe {
  return {
    kind: task.step.kind.name,
    version: task.step.kind.version,
    parameters: plainParameters(task),
    classes: classValues(task, workflow),
    rows: rowRecords(task),
  };
}

/** `contents` by input role. */
export function keysOf(task: Task, taskRecipe: TaskRecipe, contents: ReadonlyMap<string, Content>): TaskKeys {
  const hash = (role: string) => {
    const content = contents.get(role);
    return content && keyText(content);
  };
  const code = codeOf(task, hash);
  const ingredients = (parameters: Parameters) => ({
    recipe,
    kind: code ?? taskRecipe.kind,
    version: taskRecipe.version,
    parameters,
    parameterFiles: fileParameters(task, hash),
    classes: taskRecipe.classes,
    classFiles: Object.fromEntries(
      Object.keys(task.binding.classFiles).map((field) => [field, hash(classRole(field))]),
    ),
    rows: task.binding.rows.map((row) => rowIngredients(task, row, hash)),
  });
  const longer = task.step.kind.continues?.(task.binding.parameters) ?? [];
  const { parameters } = taskRecipe;
  const lasting = () =>
    Object.fromEntries(Object.entries(parameters).filter(([name]) => !longer.includes(name)));
  return {
    key: sha256(canonicalJson(ingredients(parameters))),
    ...(code !== undefined && { code }),
    // a task that is fresh needs none
    get lineage() {
      return sha256(canonicalJson({ lineage: ingredients(lasting()) }));
    },
  };
}

const classRole = (field: string): string => `class:${field.split(".").reverse().join(".")}`;

type HashOf = (role: string) => string | undefined;

/** The module's own hash where it imports nothing of the user's; else one over all of its files. */
function codeOf({ step: { kind } }: Task, hash: HashOf): string | undefined {
  if (!isModuleKind(kind.name)) return undefined;
  const imported = Object.keys(kind.imports ?? {}).map((name) => [name, hash(codeRole(name))]);
  return imported.length === 0
    ? hash(codeRole())
    : sha256(canonicalJson({ code: hash(codeRole()), imported: Object.fromEntries(imported) }));
}

function rowIngredients(task: Task, row: Task["binding"]["rows"][number], hash: HashOf): unknown {
  return {
    id: task.ports.columns.includes("id") ? row.id : undefined,
    values: rowValues(task, row),
    files: Object.fromEntries(
      Object.keys(row.files).map((port) => [port, hash(rowRole(task, row.id, port))]),
    ),
  };
}

/** Hashes in the places of the paths. */
function fileParameters({ binding }: Task, hash: HashOf): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(binding.parameterFiles).map(([name, sources]) => {
      const hashes = sources.map((_, index) => hash(parameterRole(name, index, sources.length)) ?? "");
      return [name, fillFiles(binding.parameters[name], hashes)];
    }),
  );
}

function plainParameters(task: Task): Parameters {
  const { properties } = task.step.kind.parameters;
  return Object.fromEntries(
    Object.entries(task.binding.parameters).filter(
      ([name, value]) =>
        value !== undefined &&
        properties[name]?.["x-affects-result"] !== false &&
        !Object.hasOwn(task.binding.parameterFiles, name),
    ),
  );
}

function classValues(task: Task, workflow: Workflow): Record<string, Values> {
  const { classFields } = task.ports;
  if (classFields.length === 0) return {};
  return Object.fromEntries(
    workflow.classes.map((definition) => {
      const { label } = definition;
      const fields = classFields.filter(
        (field) =>
          definition[field] !== undefined && !Object.hasOwn(task.binding.classFiles, `${field}.${label}`),
      );
      return [String(label), Object.fromEntries(fields.map((field) => [field, definition[field]]))];
    }),
  );
}

function rowRecords(task: Task): Record<string, Values> {
  const rows = task.binding.rows.map((row): [string, Values] => [row.id, rowValues(task, row)]);
  const isPlain =
    task.step.kind.scope === "row" && rows.every(([, values]) => Object.keys(values).length === 0);
  return isPlain ? {} : Object.fromEntries(rows);
}
