/** A recorded run in a line. */
import type { RecordedRun, TaskOutcome } from "../runner/index.ts";
import { formatDuration, paint } from "./output.ts";

/** When it began, its state, how long it took. */
export function stateText({ started, last, state }: RecordedRun): [string, string, string] {
  const seconds = (Date.parse(last) - Date.parse(started)) / 1000;
  return [localTime(started), painted(state), formatDuration(seconds)];
}

export const localTime = (time: string): string => new Date(time).toLocaleString("sv-SE");

function painted(state: RecordedRun["state"]): string {
  switch (state) {
    case "done":
      return paint("green", state);
    case "running":
      return paint("cyan", state);
    case "failed":
    case "lost":
      return paint("red", state);
    case "interrupted":
      return paint("yellow", state);
  }
}

const shownOutcomes: readonly TaskOutcome[] = [
  "done",
  "restored",
  "failed",
  "tainted",
  "interrupted",
  "skipped",
];

/** `3 done, 1 failed`; what broke it off. */
export function endText({ end, asked, state }: RecordedRun): string {
  if (end?.type === "run-broken") return end.error.message;
  if (end) {
    const parts = shownOutcomes.flatMap((outcome) =>
      end.counts[outcome] > 0 ? [`${end.counts[outcome]} ${outcome}`] : [],
    );
    return parts.length > 0 ? parts.join(", ") : "nothing to do";
  }
  const where = `process ${asked.process.pid} on ${asked.process.host}`;
  return state === "lost" ? `${where} is gone and left no end` : where;
}
