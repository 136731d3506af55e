/** Tasks and steps as the screen shows them: the plan, with a run laid over it. Without the DOM. */
import type { PlanAnswer, PlannedTask } from "../../protocol/workflow.ts";
import type { RunModel, RunTask, TaskStatus } from "./run-model.ts";

/** What a task is shown as: its state in the plan, or in the run that goes on. */
export type ShownState = "fresh" | "restore" | "run" | "pending" | TaskStatus;

export interface ShownTask extends PlannedTask {
  readonly shown: ShownState;
  readonly now?: RunTask;
}

export interface ShownStep {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  readonly enabled: boolean;
  readonly dependsOn: readonly string[];
  readonly tasks: readonly ShownTask[];
  /** Tasks by state; those of none are left out. */
  readonly counts: ReadonlyMap<ShownState, number>;
  /** 0 to 1, with what tasks at work have done. */
  readonly done: number;
}

/** Words for a state. */
export const stateWords: Readonly<Record<ShownState, string>> = {
  fresh: "up to date",
  restore: "in the cache",
  run: "to do",
  pending: "waits for others",
  waiting: "waiting",
  queued: "queued",
  running: "running",
  done: "done",
  restored: "restored",
  tainted: "tainted",
  failed: "failed",
  interrupted: "interrupted",
  skipped: "skipped",
};

export type Tone = "good" | "accent" | "warn" | "bad" | "idle";

export function toneOf(state: ShownState): Tone {
  switch (state) {
    case "fresh":
    case "done":
    case "restored":
    case "restore":
      return "good";
    case "running":
      return "accent";
    case "failed":
      return "bad";
    case "tainted":
    case "interrupted":
      return "warn";
    default:
      return "idle";
  }
}

/** In the order in which they are shown. */
export const stateOrder: readonly ShownState[] = [
  "running",
  "failed",
  "tainted",
  "interrupted",
  "done",
  "restored",
  "fresh",
  "restore",
  "queued",
  "run",
  "waiting",
  "pending",
  "skipped",
];

/** @param run laid over the plan: the one that goes on, or one that the person looks back at */
export function showTasks({ tasks }: Pick<PlanAnswer, "tasks">, run: RunModel | null): readonly ShownTask[] {
  const [known, planned] = [
    new Set(tasks.map(({ id }) => id)),
    new Map(run?.planned.map((task) => [task.id, task])),
  ];
  // of a run that looked at another version of the workflow
  const gone = run ? run.planned.filter(({ id }) => !known.has(id)) : [];
  return [...tasks, ...gone].map((task) => {
    const now = run?.tasks.get(task.id);
    if (!now) return { ...task, shown: task.state };
    const reasons = planned.get(task.id)?.reasons ?? task.reasons;
    // what it waited for is there
    const begun = now.status !== "waiting" && now.status !== "queued";
    const why = begun ? reasons.filter(({ code }) => code !== "upstream") : reasons;
    return { ...task, reasons: why, shown: now.status, now };
  });
}

export function showSteps(
  { steps }: Pick<PlanAnswer, "steps">,
  tasks: readonly ShownTask[],
): readonly ShownStep[] {
  const own = new Map<string, ShownTask[]>();
  for (const task of tasks) {
    const list = own.get(task.step);
    if (list) list.push(task);
    else own.set(task.step, [task]);
  }
  return steps.map((step) => {
    const mine = own.get(step.id) ?? [];
    return { ...step, tasks: mine, counts: countStates(mine), done: doneOf(mine) };
  });
}

export function countStates(tasks: readonly ShownTask[]): ReadonlyMap<ShownState, number> {
  const counts = new Map<ShownState, number>();
  for (const { shown } of tasks) counts.set(shown, (counts.get(shown) ?? 0) + 1);
  return new Map(
    stateOrder.flatMap((state) => (counts.has(state) ? [[state, counts.get(state)!] as const] : [])),
  );
}

const over: ReadonlySet<ShownState> = new Set([
  "fresh",
  "done",
  "restored",
  "failed",
  "tainted",
  "interrupted",
  "skipped",
]);

export const isOver = ({ shown }: ShownTask): boolean => over.has(shown);

/** 0 to 1 of a task. */
export function partOf(task: ShownTask): number {
  if (isOver(task)) return 1;
  const progress = task.now?.progress;
  return task.shown === "running" && progress && progress.total > 0 ? progress.done / progress.total : 0;
}

const doneOf = (tasks: readonly ShownTask[]): number =>
  tasks.length === 0 ? 0 : tasks.reduce((sum, task) => sum + partOf(task), 0) / tasks.length;

/**
 * Seconds until all is done: each task as long as it, or its step's others, took before, those at work as they say, shared by as many as
 * are at work now. Undefined while nothing is known of some task: half a sum would be a promise. @param nowMs milliseconds since 1970
 */
export function etaSeconds(tasks: readonly ShownTask[], nowMs: number): number | undefined {
  const left = tasks.filter((task) => !isOver(task));
  const running = left.filter(({ shown }) => shown === "running");
  if (running.length === 0) return undefined;
  const means = stepMeans(tasks);
  let [sum, longest] = [0, 0];
  for (const task of left) {
    const seconds = task.shown === "restore" ? 0 : leftOf(task, means.get(task.step), nowMs);
    if (seconds === undefined) return undefined;
    sum += seconds;
    longest = Math.max(longest, seconds);
  }
  return Math.max(longest, sum / running.length);
}

function leftOf(task: ShownTask, mean: number | undefined, nowMs: number): number | undefined {
  const told = task.now?.progress?.etaSeconds;
  if (task.shown === "running" && told !== undefined) return told;
  const usual = mean ?? task.lastDurationSeconds;
  if (usual === undefined) return undefined;
  const spent = task.shown === "running" ? (nowMs - (task.now?.startedMs ?? nowMs)) / 1000 : 0;
  return Math.max(0, usual - spent);
}

/** Of the tasks that ended in this run, else of earlier runs. */
function stepMeans(tasks: readonly ShownTask[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { now: number[]; before: number[] }>();
  for (const { step, now, lastDurationSeconds } of tasks) {
    const sum = sums.get(step) ?? { now: [], before: [] };
    sums.set(step, sum);
    if (now?.status === "done" && now.seconds !== undefined) sum.now.push(now.seconds);
    else if (lastDurationSeconds !== undefined) sum.before.push(lastDurationSeconds);
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return new Map(
    [...sums].flatMap(([step, { now, before }]) => {
      const values = now.length > 0 ? now : before;
      return values.length > 0 ? [[step, mean(values)] as const] : [];
    }),
  );
}
