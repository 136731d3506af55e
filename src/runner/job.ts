/** What goes into a worker process and what comes out: plain JSON, the same for local and Slurm runs. */
import type { ClassDefinition, Parameters } from "../schema/step-description.ts";

export interface JobRow {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Absolute path by input port name. */
  readonly files: Readonly<Record<string, string>>;
}

/** An opaque task for a worker: the runner never looks inside a step. */
export interface Job {
  /** `segment@t2` or `train`. */
  readonly taskId: string;
  /** Step kind name; for `./my-step.mjs`, its absolute path. */
  readonly kind: string;
  /** Hash of the code of a user's own kind: a process that has loaded other code must not do this job. */
  readonly code?: string;
  readonly parameters: Parameters;
  readonly rows: readonly JobRow[];
  readonly classes: readonly ClassDefinition[];
  /** Absolute path by output port name, inside the attempt folder. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly checkpointFolder: string;
  readonly engine: string;
  readonly threads: number;
  readonly memoryBytes: number;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly stack?: string;
}

/** Worker -> runner, one JSON line each. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      readonly detail?: string;
    }
  | { readonly type: "metrics"; readonly values: Readonly<Record<string, number>>; readonly step?: number }
  | { readonly type: "log"; readonly text: string }
  | { readonly type: "engine"; readonly name: string }
  | { readonly type: "program"; readonly pid: number; readonly state: "started" | "ended" }
  | { readonly type: "done" }
  | { readonly type: "interrupted" }
  | { readonly type: "failed"; readonly error: JobError };

/** Runner -> worker. */
export type WorkerCommand = { readonly type: "run"; readonly job: Job } | { readonly type: "stop" };
