/**
 * What is kept of a run: `.tomoflow/runs/<id>.jsonl`, one event a line, each with the run's id, its own number and its time. The first
 * says what was asked; the last how it ended. Only ever appended to, by one process.
 */

import type { JobError } from "../../../task/job.ts";
import type { ProcessIdentity } from "../../claims/process-identity.ts";
import type { RunEvent } from "../../events.ts";
import { isRecord } from "../../store/record-shapes.ts";

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

/** True for the events after which there are no more. */
export const isLast = ({ type }: RecordedEvent): boolean => type === "run-ended" || type === "run-broken";

/** `20261127-131405-3f2a9c`: sorted by name is sorted by time. */
export const isRunId = (text: string): boolean => /^\d{8}-\d{6}-[0-9a-f]{6}$/.test(text);

/** A whole line of a record; undefined for one that is none of run `run`. */
export function parseRecord(line: string, run: string): RunRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRunRecord(value) && value.run === run ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRunRecord(value: unknown): value is RunRecord {
  if (!isRecord(value)) return false;
  const { run, number, time, event } = value;
  return (
    typeof run === "string" &&
    Number.isSafeInteger(number) &&
    typeof time === "string" &&
    !Number.isNaN(Date.parse(time)) &&
    isRecord(event) &&
    typeof event.type === "string"
  );
}

/** For the first event of a record, which whoever looks over all runs goes by. */
export function isRunAsked(event: RecordedEvent): event is RunAsked {
  if (event.type !== "run-asked") return false;
  const { workflowPath, name, variant, process, options } = event as unknown as Record<string, unknown>;
  return (
    typeof workflowPath === "string" &&
    typeof name === "string" &&
    (variant === undefined || typeof variant === "string") &&
    isRecord(options) &&
    isRecord(process) &&
    typeof process.host === "string" &&
    typeof process.realm === "string" &&
    Number.isSafeInteger(process.pid) &&
    (process.start === undefined || typeof process.start === "string")
  );
}
