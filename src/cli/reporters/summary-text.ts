/** The lines around a run: what it is going to do, and how it went. */
import type { RunEvent } from "../../runner/events.ts";
import { count, formatDuration, paint, shownPath, withShownPaths } from "../output.ts";
import { wrapPieces } from "../wrapping.ts";
import { outcomesText } from "./progress-text.ts";

type RunStarted = Extract<RunEvent, { type: "run-started" }>;
type RunEnded = Extract<RunEvent, { type: "run-ended" }>;
type TaskEnded = Extract<RunEvent, { type: "task-ended" }>;

/** `quickstart: 14 tasks: 3 fresh, 1 to restore, 10 to run`. */
export function planText({ workflow, tasks, counts }: RunStarted): string {
  const parts = [
    counts.fresh && `${counts.fresh} fresh`,
    counts.restore && `${counts.restore} to restore`,
    counts.run + counts.pending && `${counts.run + counts.pending} to run`,
  ].filter(Boolean);
  return `${paint("bold", workflow)}: ${count(tasks.length, "task")}${parts.length ? `: ${parts.join(", ")}` : ""}`;
}

/** `✔ done in 3 min 20 s: 11 run, 3 fresh`; for a run with nothing to do, that everything is fresh. */
export function outcomeText(event: RunEnded): string {
  const { counts, seconds, outcome } = event;
  const total = Object.values(counts).reduce((sum, number) => sum + number, 0);
  if (outcome === "done" && counts.fresh === total)
    return `${paint("green", "✔")} everything is fresh (${count(total, "task")}, ${formatDuration(seconds)})`;
  if (outcome === "failed" && counts.failed + counts.tainted === 0)
    return `${paint("red", "✖")} nothing was run: mend what is wrong above, then run again`;
  const marks = {
    done: `${paint("green", "✔")} done in`,
    failed: `${paint("red", "✖")} failed after`,
    interrupted: `${paint("yellow", "■")} interrupted after`,
  };
  return `${marks[outcome]} ${formatDuration(seconds)}: ${outcomesText(counts)}`;
}

/** More failures than these are counted: they tend to be the same. */
const shownFailures = 5;

/** Each failed task with its message, advice and log. */
export function failuresText(ended: readonly TaskEnded[]): string[] {
  const failed = ended.filter(({ outcome }) => outcome === "failed");
  const hidden = failed.length - shownFailures;
  const lines = failed
    .slice(0, shownFailures)
    .flatMap(({ task, error, logFile }) => [
      `${paint("red", "✖")} ${paint("bold", task)}: ${withShownPaths(error?.message ?? "failed")}`,
      ...(error?.hint ? [`    hint: ${withShownPaths(error.hint)}`] : []),
      ...(logFile ? [`    log:  ${shownPath(logFile)}`] : []),
    ]);
  return hidden > 0 ? [...lines, paint("red", `and ${hidden} more failed`)] : lines;
}

/** What a user should know of tasks that ended well, but not cleanly. */
export function taintedText(ended: readonly TaskEnded[]): string[] {
  return ended
    .filter(({ outcome }) => outcome === "tainted")
    .map(
      ({ task, detail }) =>
        `${paint("yellow", "!")} ${task}: ${detail ?? "an input changed while it ran"}; the result is kept but will be made again`,
    );
}

/** The three tasks that took longest, if they took long at all. */
export function slowestText(ended: readonly TaskEnded[]): string | undefined {
  const slow = ended
    .filter(({ outcome, seconds }) => outcome === "done" && seconds >= 1)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 3);
  if (slow.length === 0) return undefined;
  return slow.map(({ task, seconds }) => `${task} ${formatDuration(seconds)}`).join(", ");
}

/** `results  …`, `metrics  …` and so on, in two columns; values, which are two spaces apart, are not cut at `width`. */
export function labelledLines(pairs: readonly (readonly [string, string])[], width: number): string {
  const labelWidth = Math.max(...pairs.map(([label]) => label.length));
  return pairs
    .flatMap(([label, text]) =>
      wrapPieces(text.split("  "), `  ${paint("dim", label)}${" ".repeat(labelWidth - label.length)}  `, {
        width,
      }),
    )
    .join("\n");
}
