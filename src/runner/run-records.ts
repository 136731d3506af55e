/**
 * What is kept of a run: `.tomoflow/runs/<id>.jsonl`, one event a line, each with the run's id, its own number and its time. The first
 * says what was asked; the last how it ended. Only ever appended to, by one process. Types alone, for browsers too.
 */
import type { JobError } from "../task/job.ts";
import type { RunEvent } from "./events.ts";

/** A process, told from others for good. */
export interface ProcessIdentity {
  readonly host: string;
  /** Boot and process namespace: pids compare only where this is equal. */
  readonly realm: string;
  readonly pid: number;
  /** Start time of the process in ticks since the boot, against reused pids; absent where the system does not tell. */
  readonly start?: string;
}

/** What was asked of the runner. */
export interface AskedOptions {
  readonly only?: readonly string[];
  readonly force?: readonly string[];
  readonly verify?: boolean;
  readonly engine?: string;
  readonly jobs?: number;
  readonly keepGoing?: boolean;
}

/** The first event of every record. */
export interface RunAsked {
  readonly type: "run-asked";
  /** Version of this format. */
  readonly format: 1;
  /** Path of the workflow file relative to the project, with forward slashes. */
  readonly workflowPath: string;
  readonly name: string;
  readonly variant?: string;
  /** SHA-256 of the text that was loaded. */
  readonly workflowSha256: string;
  /** Shared values, with `--set` and the variant applied. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly options: AskedOptions;
  /** Version of tomoflow. */
  readonly tomoflow: string;
  /** What runs it. */
  readonly process: ProcessIdentity;
}

/** The last event of a run that threw: a lock that cannot be written, a full disk. */
export interface RunBroken {
  readonly type: "run-broken";
  readonly error: JobError;
}

/**
 * Of the runner's events, tasks that are up to date are only counted: `run-started` lists the others, and they have no `task-ended`.
 * Progress is kept once a second and task.
 */
export type RecordedEvent = RunAsked | RunBroken | RunEvent;

export interface RunRecord {
  readonly run: string;
  /** From 1, without gaps. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: RecordedEvent;
}

/** `lost`: it ended without saying how; it was killed, its machine stopped, or its record could not be written any more. */
export type RunState = "running" | "done" | "failed" | "interrupted" | "lost";

/** A run as a list of them shows it. */
export interface RecordedRun {
  readonly id: string;
  readonly asked: RunAsked;
  /** ISO 8601: when it began, and its last sign. */
  readonly started: string;
  readonly last: string;
  /** Number of the last record. */
  readonly records: number;
  readonly state: RunState;
  readonly end?: Extract<RunEvent, { type: "run-ended" }> | RunBroken;
}
