/** How a task ended, before it becomes an event. */
import { TomoflowError } from "../../core/error.ts";
import type { JobError } from "../../task/job.ts";
import type { RunEvent, TaskOutcome, TaskUse } from "../events.ts";
import type { Outputs } from "../planning/outputs.ts";
import type { Task } from "../tasks/graph.ts";

export interface TaskEnd {
  readonly outcome: TaskOutcome;
  readonly seconds: number;
  /** Present where later tasks may use them. */
  readonly outputs?: Outputs;
  readonly error?: JobError;
  readonly logFile?: string;
  /** A short remark for the user. */
  readonly detail?: string;
  readonly use?: TaskUse;
}

/** Of a task that was judged to be fresh. */
export const freshEnd = ({ outputs }: { readonly outputs?: Outputs }): TaskEnd => ({
  outcome: "fresh",
  seconds: 0,
  outputs: outputs!,
});

export const skippedEnd = (detail: string): TaskEnd => ({ outcome: "skipped", seconds: 0, detail });

export function failedEnd(error: unknown): TaskEnd {
  const known = error instanceof TomoflowError;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    outcome: "failed",
    seconds: 0,
    error: {
      code: known ? error.code : "runner-error",
      message,
      ...(known && error.hint !== undefined && { hint: error.hint }),
      ...(!known && stack !== undefined && { stack }),
    },
  };
}

export function endEvent(task: Task, { outputs, ...end }: TaskEnd): RunEvent {
  const { row, outputs: paths } = task.binding;
  return {
    type: "task-ended",
    task: task.id,
    step: task.step.id,
    ...(row !== undefined && { row }),
    ...end,
    outputs: outputs || end.outcome === "tainted" ? paths : {},
  };
}

export function countOutcomes(
  ends: Iterable<{ readonly outcome: TaskOutcome }>,
): Record<TaskOutcome, number> {
  const counts = { fresh: 0, restored: 0, done: 0, tainted: 0, failed: 0, interrupted: 0, skipped: 0 };
  for (const { outcome } of ends) counts[outcome]++;
  return counts;
}
