/** Events of a small run, for the tests of reporters. */
import type { PlannedTask, RunEvent, TaskOutcome } from "../../../src/runner/events.ts";

export const plannedTasks: readonly PlannedTask[] = [
  { id: "target@t0", step: "target", row: "t0", state: "fresh", reasons: [] },
  {
    id: "target@t1",
    step: "target",
    row: "t1",
    state: "run",
    reasons: [{ code: "row", text: "new row t1" }],
  },
  {
    id: "train",
    step: "train",
    state: "pending",
    reasons: [{ code: "upstream", text: "waits for target@t1" }],
  },
];

export const runStarted: RunEvent = {
  type: "run-started",
  workflow: "small",
  path: "/project/small.yaml",
  tasks: plannedTasks,
  counts: { fresh: 1, restore: 0, run: 1, pending: 1 },
};

export const taskStarted = (task: string, attempt = 1): RunEvent => ({
  type: "task-started",
  task,
  ...partsOf(task),
  reasons: plannedTasks.find(({ id }) => id === task)?.reasons ?? [],
  attempt,
  logFile: `/project/.tomoflow/logs/${task}.log`,
});

export const taskProgress = (
  task: string,
  done: number,
  total: number,
): Extract<RunEvent, { type: "task-progress" }> => ({
  type: "task-progress",
  task,
  done,
  total,
  unit: "epoch",
  ratePerSecond: 0.5,
  etaSeconds: (total - done) * 2,
});

export const taskEnded = (
  task: string,
  outcome: TaskOutcome,
  more: Partial<Extract<RunEvent, { type: "task-ended" }>> = {},
): Extract<RunEvent, { type: "task-ended" }> => ({
  type: "task-ended",
  task,
  ...partsOf(task),
  outcome,
  seconds: outcome === "fresh" ? 0 : 12,
  outputs: {},
  ...more,
});

export const runEnded = (
  outcome: "done" | "failed" | "interrupted",
  counts: Partial<Record<TaskOutcome, number>>,
): RunEvent => ({
  type: "run-ended",
  outcome,
  seconds: 24,
  counts: { fresh: 0, restored: 0, done: 0, tainted: 0, failed: 0, interrupted: 0, skipped: 0, ...counts },
  resultsFolder: `${process.cwd()}/results/small`,
});

function partsOf(task: string): { step: string; row?: string } {
  const [step, row] = task.split("@");
  return row === undefined ? { step } : { step, row };
}
