/**
 * Where the files and values of each task come from: the bridge from the workflow language to the runner, which sees
 * tasks with sources instead of columns and expressions.
 */
import { TomoflowError } from "../core/error.ts";
import type { Parameters } from "./step-description.ts";
import type { Workflow, WorkflowStep } from "./workflow.ts";

/** A file that is there already, or one that an earlier task writes. */
export type FileSource =
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "output"; readonly step: string; readonly row?: string; readonly output: string };

/** A row as one task sees it. */
export interface BoundRow {
  readonly id: string;
  /** Plain columns; the columns that are bound as files are left out. */
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
  /** By the name of an `x-file` parameter, in the order of its list (one entry where it is a single path). */
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
export function bindInputs(_workflow: Workflow, _step: WorkflowStep): readonly TaskBinding[] {
  throw new TomoflowError("not-ready", "the binding of inputs is being written");
}
