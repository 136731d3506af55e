/**
 * The files through which a head and a job that is not its child speak, in `.job/` of the attempt's folder: `job.json` says
 * what to do, `events.jsonl` what happened, a line each, `output.log` holds what the job printed, and a file `stop` asks it
 * to stop at a safe point. The worker's last line is written through to the disk before it ends.
 */
import { join } from "node:path";
import type { WorkerMessage } from "./job.ts";

/** A line of `events.jsonl`. */
export type JobEvent = {
  /** Milliseconds since 1970, by the clock of the job's host. */ readonly time: number;
} & (
  | WorkerMessage
  /** The first line of every process that takes up the job. */
  | { readonly type: "started"; readonly pid: number; readonly host: string }
);

export interface JobFiles {
  /** What the head remembers of the attempt; not for the job. */
  readonly attempt: string;
  readonly job: string;
  readonly events: string;
  readonly output: string;
  readonly stop: string;
}

/** @param attempt folder of the attempt, absolute */
export function jobFiles(attempt: string): JobFiles {
  const inside = (name: string) => join(attempt, ".job", name);
  return {
    attempt: inside("attempt.json"),
    job: inside("job.json"),
    events: inside("events.jsonl"),
    output: inside("output.log"),
    stop: inside("stop"),
  };
}
