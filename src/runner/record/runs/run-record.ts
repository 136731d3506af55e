/** Reads the lines of a record. */

import type { RecordedEvent, RunAsked, RunRecord } from "../../run-records.ts";
import { isRecord } from "../../store/record-shapes.ts";

/** True for the events after which there are no more. */
export const isLast = ({ type }: RecordedEvent): boolean => type === "run-ended" || type === "run-broken";

/** `20261127-131405123-3f2a9c`, to the millisecond: sorted by name is sorted by time. */
export const isRunId = (text: string): boolean => /^\d{8}-\d{9}-[0-9a-f]{6}$/.test(text);

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
