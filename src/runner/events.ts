/** The one typed stream that feeds every face: terminal, plain lines, JSON, log files, studio. */
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Holding } from "../schema/holding.ts";
import type { JobError } from "../task/job.ts";

/** What a run would do with a task: nothing, take its result from the cache, compute it, or one of these once what it waits for is known. */
export type TaskState = "fresh" | "restore" | "run" | "pending";

/** The last three are of the last attempt, which gave no result. */
export type ReasonCode =
  | "new"
  | "parameter"
  | "input"
  | "class"
  | "version"
  | "row"
  | "output-missing"
  | "output-changed"
  | "forced"
  | "upstream"
  | "failed"
  | "interrupted"
  | "tainted";

/** Why a task is in its state. */
export interface Reason {
  readonly code: ReasonCode;
  /** Ready to show, e.g. `train.batchSize 25 → 16`, `data/t0.xml changed 3f2a… → 91bc…`. */
  readonly text: string;
}

/** One task of a plan, with what a run would do with it and why. */
export interface PlannedTask {
  /** `segment@t2` or `train`. */
  readonly id: string;
  readonly step: string;
  readonly row?: string;
  readonly state: TaskState;
  readonly reasons: readonly Reason[];
  /** Of the last run known for this task. */
  readonly lastDurationSeconds?: number;
  /** What its outputs hold, by port, as far as that is said: how a reader shows the files. */
  readonly holds?: Readonly<Record<string, Holding>>;
}

export type StateCounts = Readonly<Record<TaskState, number>>;

/**
 * How a task ended: `fresh` and `restored` computed nothing; `tainted` was computed, but an input changed meanwhile; `skipped` waited
 * for one that failed.
 */
export type TaskOutcome = "fresh" | "restored" | "done" | "tainted" | "failed" | "interrupted" | "skipped";

/** Cores, memory and GPUs, of a machine or as reserved for a task. */
export interface MachineResources {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Names as CUDA_VISIBLE_DEVICES takes them. */
  readonly gpus: readonly string[];
}

/** Measured of a task's process and of all that it started. */
export interface TaskUse {
  /** Processors kept busy: 1.5 is one and half of another. */
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Everything that happens in a run, in its order. Reporters, records and the studio read these alone. */
export type RunEvent =
  | {
      readonly type: "run-started";
      /** Id of the run's record; absent where it cannot be recorded. */
      readonly run?: string;
      readonly workflow: string;
      readonly path: string;
      readonly tasks: readonly PlannedTask[];
      readonly counts: StateCounts;
      /** What tasks may use; absent where the machine is not this one. */
      readonly machine?: MachineResources;
    }
  | { readonly type: "diagnostic"; readonly diagnostic: Diagnostic }
  | {
      /** Handed over to an executor that has a queue of its own, where it may wait for long. */
      readonly type: "task-queued";
      readonly task: string;
      readonly step: string;
      readonly row?: string;
      readonly executor: string;
      /** As the executor calls it. */
      readonly job: string;
    }
  | {
      readonly type: "task-started";
      readonly task: string;
      readonly step: string;
      readonly row?: string;
      readonly reasons: readonly Reason[];
      readonly attempt: number;
      readonly logFile: string;
      /** Reserved for the task until it ends. */
      readonly resources?: MachineResources;
      /** Where it runs, where that is not this machine. */
      readonly host?: string;
    }
  | {
      readonly type: "task-progress";
      readonly task: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      readonly detail?: string;
      readonly ratePerSecond?: number;
      readonly etaSeconds?: number;
    }
  | {
      readonly type: "task-metrics";
      readonly task: string;
      readonly values: Readonly<Record<string, number>>;
      readonly step?: number;
    }
  | { readonly type: "task-log"; readonly task: string; readonly text: string }
  | {
      /** An attempt failed, and after so many seconds there is another. */
      readonly type: "task-retrying";
      readonly task: string;
      /** The one that failed, from 1. */
      readonly attempt: number;
      readonly attempts: number;
      readonly seconds: number;
      readonly error: JobError;
    }
  | { readonly type: "task-engine"; readonly task: string; readonly name: string }
  /** Every few seconds while a task is at work, where the system tells. */
  | { readonly type: "task-use"; readonly task: string; readonly use: TaskUse }
  | {
      readonly type: "task-ended";
      readonly task: string;
      readonly step: string;
      readonly row?: string;
      readonly outcome: TaskOutcome;
      readonly seconds: number;
      readonly outputs: Readonly<Record<string, string>>;
      readonly error?: JobError;
      readonly logFile?: string;
      readonly detail?: string;
      /** Cores on average, memory at most, of the last attempt. */
      readonly use?: TaskUse;
    }
  | {
      readonly type: "run-ended";
      readonly outcome: "done" | "failed" | "interrupted";
      readonly seconds: number;
      readonly counts: Readonly<Record<TaskOutcome, number>>;
      readonly resultsFolder: string;
    };

/** Receives every event, in order; must not throw. */
export type EventSink = (event: RunEvent) => void;
