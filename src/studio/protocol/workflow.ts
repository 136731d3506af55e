/** Launching and watching a workflow: its plan, its runs and what came of them. Paths are below the root with forward slashes. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { PlannedTask, StateCounts } from "../../runner/events.ts";
import type { AskedOptions, RecordedEvent, RecordedRun, RunRecord } from "../../runner/run-records.ts";

export type { PlannedTask, RecordedEvent, RecordedRun, RunRecord, StateCounts };

/** A workflow file, and which of its variants. */
export interface WorkflowChoice {
  readonly path: string;
  readonly variant?: string;
}

export interface WorkflowStepAnswer {
  readonly id: string;
  /** Name of the step kind. */
  readonly kind: string;
  readonly summary: string;
  readonly enabled: boolean;
  /** Steps that come before. */
  readonly dependsOn: readonly string[];
}

export interface PlanAnswer {
  readonly name: string;
  readonly description: string | null;
  readonly variants: readonly string[];
  /** Shared values, for a form of what a run may change. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly classes: readonly {
    readonly label: number;
    readonly name: string;
    readonly color: string | null;
  }[];
  readonly steps: readonly WorkflowStepAnswer[];
  readonly tasks: readonly PlannedTask[];
  readonly counts: StateCounts;
  /** Of what is to do, from earlier durations; null when none is known. */
  readonly estimatedSeconds: number | null;
  readonly warnings: readonly Diagnostic[];
}

/** `POST /api/workflow/run` and `/check`. */
export interface RunRequest
  extends WorkflowChoice,
    Pick<AskedOptions, "only" | "force" | "keepGoing" | "jobs" | "engine"> {
  /** Params by name, the value as YAML text. */
  readonly set?: Readonly<Record<string, string>>;
}

/** `stopping`: at a safe point; `killing`: at once, asked for a second time. */
export interface StopAnswer {
  readonly stage: "stopping" | "killing";
}

export interface LogAnswer {
  readonly attempt: number;
  /** Of the last attempt at the task; another may have made the result that is there. */
  readonly latest: number;
  /** Text from byte `from`. */
  readonly text: string;
  readonly from: number;
  /** Where to go on reading. */
  readonly end: number;
}

export type ResultKind = "volume" | "labels" | "objects" | "picture" | "metrics" | "other";

export interface ResultFile {
  readonly task: string;
  readonly step: string;
  readonly row?: string;
  readonly port: string;
  readonly description: string;
  readonly path: string;
  readonly kind: ResultKind;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly changedMs: number;
}

export interface TaskResult {
  readonly task: string;
  readonly step: string;
  readonly row?: string;
  readonly seconds: number;
  readonly engine?: string;
  /** Content of its metrics files, by port. */
  readonly metrics: Readonly<Record<string, unknown>>;
}

export interface ResultsAnswer {
  readonly files: readonly ResultFile[];
  readonly tasks: readonly TaskResult[];
  readonly confusions: readonly Confusion[];
}

/** Of an `evaluate` step: `counts[row][column]` objects of the true class `truth[row]` found as `found[column]`. */
export interface Confusion {
  readonly task: string;
  readonly truth: readonly string[];
  readonly found: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** The metrics that a task told while it ran, over all runs that made its present result. */
export interface Training {
  readonly run: string;
  readonly task: string;
  /** ISO 8601. */
  readonly started: string;
  readonly points: readonly { readonly step: number; readonly values: Readonly<Record<string, number>> }[];
}

/** A commit that touched the lock, or the lock in the folder where it is not committed yet. */
export interface Revision {
  /** Full hash; absent for what is not committed. */
  readonly commit?: string;
  readonly date?: string;
  readonly author?: string;
  readonly subject?: string;
  /** By task id, then by output port. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Names of the values that are not as in the revision before. */
  readonly changed: readonly string[];
  readonly problem?: string;
}

export interface ComparedValue {
  readonly name: string;
  /** One a side; null where that side has none. */
  readonly values: readonly (string | number | boolean | null)[];
  readonly differs: boolean;
}

export interface HistoryAnswer {
  readonly revisions: readonly Revision[];
  /** Why there are none: the folder is not in git, nothing is committed yet. */
  readonly problem: string | null;
}

export interface CompareRequest extends WorkflowChoice {
  readonly revisions: readonly string[];
  readonly variants: readonly string[];
}

export interface CompareAnswer {
  readonly sides: readonly string[];
  readonly parameters: readonly ComparedValue[];
  readonly data: readonly ComparedValue[];
  readonly metrics: readonly ComparedValue[];
}

/** Channel of what runs do: `WatchRuns` from the browser, `RunsNews` to it. */
export const eventsChannel = "events";

/** Say it again after each reconnection, with the number of the last record that is there. */
export interface WatchRuns extends WorkflowChoice {
  /** The run to follow; its list alone when not given. */
  readonly run?: string;
  readonly after?: number;
}

export type RunsNews =
  /** The last runs of the workflow, the newest first: at once, and whenever it changes. */
  | { readonly type: "runs"; readonly runs: readonly RecordedRun[] }
  /** In order, without gaps. */
  | { readonly type: "records"; readonly run: string; readonly records: readonly RunRecord[] }
  /** All that there is of a run that has ended was sent. */
  | { readonly type: "run-over"; readonly run: string };

/** Channel of what the machine does; `{on: boolean}` from the browser, `MachineUse` to it. */
export const machineChannel = "machine";

export interface MachineUse {
  /** Processors kept busy, of `cores`. */
  readonly busyCores: number;
  readonly cores: number;
  readonly usedMemoryBytes: number;
  readonly memoryBytes: number;
  readonly gpus: readonly GpuUse[];
}

export interface GpuUse {
  readonly name: string;
  /** 0 to 1. */
  readonly busy: number;
  readonly usedMemoryBytes: number;
  readonly memoryBytes: number;
}
