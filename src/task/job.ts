/** What goes into a worker process and what comes out: plain JSON, the same for local and Slurm runs. */
import type { ClassDefinition, Parameters } from "../schema/step-description.ts";
import type { TaskReport } from "./report.ts";
import type { TaskRow } from "./row.ts";

/** An opaque task for a worker: the runner never looks inside a step. */
export interface Job {
  /** `segment@t2` or `train`. */
  readonly taskId: string;
  /** Step kind name; for `./my-step.mjs`, its absolute path. */
  readonly kind: string;
  /** Hash of the code of a user's own kind: a process that has loaded other code must not do this job. */
  readonly code?: string;
  readonly parameters: Parameters;
  readonly rows: readonly TaskRow[];
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
  /** The task had no part in it: it is tried again without being counted among its `retries`. */
  readonly blameless?: true;
}

/** Worker -> runner, one JSON line each. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | TaskReport
  | { readonly type: "done" }
  | { readonly type: "interrupted" }
  | { readonly type: "failed"; readonly error: JobError };

/** Runner -> worker. */
export type WorkerCommand = { readonly type: "run"; readonly job: Job } | { readonly type: "stop" };
