/** `resources.time`: a task that takes longer is asked to stop at a safe point, and killed if it does not. */

import type { JobOutcome } from "../executor.ts";
import type { Task } from "../tasks/graph.ts";

export interface TimeLimit {
  /** The task works, since so many seconds: from now on the clock runs. Waiting in a queue is not its time. */
  begin(seconds: number): void;
  /** Aborted when the task is to stop at a safe point: by the limit, or because the run stops. */
  readonly stop: AbortSignal;
  /** Aborted when it has not stopped in time. */
  readonly kill: AbortSignal;
  /** What the outcome means, once the task has ended. Stops the clock. */
  explain(outcome: JobOutcome): JobOutcome;
}

/** The longest that a timer of Node can wait. */
const longestMilliseconds = 2 ** 31 - 1;

/** Seconds from asking to killing: a tenth of the limit, between 2 s and 1 min, for a last checkpoint. */
const graceSeconds = (limitSeconds: number): number => Math.min(60, Math.max(2, limitSeconds / 10));

/** `stop` is that of the run. */
export function timeLimitOf({ id, step }: Task, stop: AbortSignal): TimeLimit {
  const { timeSeconds } = step.resources;
  const [over, kill] = [new AbortController(), new AbortController()];
  const timers: NodeJS.Timeout[] = [];
  const after = (seconds: number, controller: AbortController) => {
    const milliseconds = Math.min(Math.max(0, seconds * 1000), longestMilliseconds);
    timers.push(setTimeout(() => controller.abort(), milliseconds));
  };
  return {
    begin(seconds) {
      if (timeSeconds === undefined) return;
      after(timeSeconds - seconds, over);
      after(timeSeconds + graceSeconds(timeSeconds) - seconds, kill);
    },
    stop: AbortSignal.any([stop, over.signal]),
    kill: kill.signal,
    explain(outcome) {
      for (const timer of timers) clearTimeout(timer);
      if (!over.signal.aborted || stop.aborted || outcome.type === "done") return outcome;
      const kept = step.checkpoint ? "; what its checkpoint holds is kept for the next attempt" : "";
      const message = `${id} took longer than its time limit, ${shownTime(timeSeconds!)}`;
      const hint = `raise \`time\` in the resources of step ${step.id}, or give it \`retries\`${kept}`;
      return { type: "failed", error: { code: "time-limit", message, hint } };
    },
  };
}

/** `90 s`, `12 min`, `1.5 h`. */
function shownTime(seconds: number): string {
  const [divisor, unit] = seconds < 120 ? [1, "s"] : seconds < 7200 ? [60, "min"] : [3600, "h"];
  return `${Math.round((seconds / divisor) * 100) / 100} ${unit}`;
}
