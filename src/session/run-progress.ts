/** What is known of a run in progress, folded from its events: the model behind the live view. */
import type { PlannedTask, RunEvent, TaskOutcome, TaskState } from "../runner/events.ts";

export interface TaskProgress {
  readonly id: string;
  readonly step: string;
  readonly row?: string;
  readonly planned: TaskState;
  /** `queued`: handed over, and waiting where it was handed to. */
  status: "waiting" | "queued" | "running" | TaskOutcome;
  /** Latest `task-progress` event. */
  progress?: Extract<RunEvent, { type: "task-progress" }>;
  metrics: Readonly<Record<string, number>>;
  engine?: string;
  attempt: number;
  /** While it waits for another attempt. */
  retrying?: Extract<RunEvent, { type: "task-retrying" }>;
  /** Milliseconds of the reporter's clock. */
  startedAt?: number;
  seconds?: number;
  ended?: Extract<RunEvent, { type: "task-ended" }>;
}

export interface StepProgress {
  readonly id: string;
  readonly tasks: TaskProgress[];
}

export interface RunProgress {
  readonly workflow: string;
  /** In the order of the plan. */
  readonly steps: readonly StepProgress[];
  readonly tasks: ReadonlyMap<string, TaskProgress>;
}

/** The state before the first task starts. */
export function startProgress(workflow: string, planned: readonly PlannedTask[]): RunProgress {
  const tasks = new Map<string, TaskProgress>();
  const steps = new Map<string, StepProgress>();
  for (const { id, step, row, state } of planned) {
    const status = state === "fresh" ? "fresh" : "waiting";
    const task: TaskProgress = { id, step, row, planned: state, status, metrics: {}, attempt: 1 };
    tasks.set(id, task);
    if (!steps.has(step)) steps.set(step, { id: step, tasks: [] });
    steps.get(step)?.tasks.push(task);
  }
  return { workflow, steps: [...steps.values()], tasks };
}

/** Takes in an event about a task; `now` in milliseconds. Events of other kinds change nothing. */
export function recordEvent(progress: RunProgress, event: RunEvent, now: number): void {
  const task = "task" in event ? progress.tasks.get(event.task) : undefined;
  if (!task) return;
  switch (event.type) {
    case "task-queued":
      task.status = "queued";
      break;
    case "task-started":
      Object.assign(task, { status: "running", attempt: event.attempt, startedAt: now, progress: undefined });
      task.retrying = undefined;
      break;
    case "task-retrying":
      Object.assign(task, { retrying: event, startedAt: now });
      break;
    case "task-progress":
      task.progress = event;
      break;
    case "task-metrics":
      task.metrics = { ...task.metrics, ...event.values };
      break;
    case "task-engine":
      task.engine = event.name;
      break;
    case "task-ended":
      Object.assign(task, { status: event.outcome, seconds: event.seconds, ended: event });
      break;
  }
}

/** True when nothing of the step is left to do. */
export const stepIsOver = ({ tasks }: StepProgress): boolean =>
  tasks.every(({ status }) => !["waiting", "queued", "running"].includes(status));

/** True when a task of the step runs or has run. */
export const stepHasBegun = ({ tasks }: StepProgress): boolean =>
  tasks.some(({ status }) => status !== "waiting" && status !== "fresh");

/**
 * Seconds until the tasks of a step are done, from the pace so far: the mean duration of those that ended here, how many
 * run at a time, and since when. Undefined while nothing has ended, and when all that is left has already taken longer than
 * the others did. `now` in milliseconds.
 */
export function stepEtaSeconds({ tasks }: StepProgress, now: number): number | undefined {
  const ended = tasks.filter(({ status }) => status === "done" || status === "tainted");
  const running = tasks.filter(({ status }) => status === "running");
  const waiting = tasks.filter(({ status }) => status === "waiting" || status === "queued");
  if (ended.length === 0 || running.length === 0) return undefined;
  const meanSeconds = ended.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0) / ended.length;
  const left = running.map(({ startedAt = now }) => Math.max(0, meanSeconds - (now - startedAt) / 1000));
  const total = meanSeconds * waiting.length + left.reduce((sum, seconds) => sum + seconds, 0);
  return total > 0 ? Math.max(total / running.length, ...left) : undefined;
}
