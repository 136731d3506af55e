/** The lines of one step in the live view: a row of its own, then the tasks worth a line. */

import {
  type StepProgress,
  stepEtaSeconds,
  stepHasBegun,
  type TaskProgress,
} from "../../session/run-progress.ts";
import { count, formatDuration, paint, withShownPaths } from "../output.ts";
import { metricsText, progressBar, progressText, retryingText } from "./progress-text.ts";

/** More running rows than these are counted, not shown: hundreds of rows stay readable. */
const shownRunning = 6;
const shownFailed = 3;

/** The text of a step, first line first; `nameWidth` aligns the steps, `now` in milliseconds. */
export function stepLines(step: StepProgress, nameWidth: number, now: number): string {
  const name = step.id.padEnd(nameWidth);
  const single = step.tasks.length === 1 && step.tasks[0].row === undefined;
  const lines = single ? singleTaskLines(step.tasks[0], name, now) : rowTasksLines(step, name, now);
  return lines.join("\n");
}

function singleTaskLines(task: TaskProgress, name: string, now: number): string[] {
  switch (task.status) {
    case "waiting":
      return [paint("dim", `${name}  waiting`)];
    case "queued":
      return [paint("dim", `${name}  queued`)];
    case "running": {
      const metrics = metricsText(task.metrics);
      return [`${name}  ${runningText(task, now)}`, ...(metrics ? [`  ${metrics}`] : [])];
    }
    case "failed":
      return [`${name}  ${failedText(task)}`];
    default:
      return [`${name}  ${endedText(task)}`];
  }
}

function rowTasksLines(step: StepProgress, name: string, now: number): string[] {
  if (!stepHasBegun(step)) return [waitingLine(step, name)];
  const { tasks } = step;
  const running = tasks.filter(({ status }) => status === "running");
  const failed = tasks.filter(({ status }) => status === "failed");
  const width = Math.max(...running.map(({ row }) => row?.length ?? 0));
  const hidden = running.length - shownRunning;
  return [
    `${name}  ${rowsText(step, running.length, now)}`,
    ...running
      .slice(0, shownRunning)
      .map((task) => `  ${(task.row ?? task.id).padEnd(width)}  ${runningText(task, now)}`),
    ...(hidden > 0 ? [paint("dim", `  and ${hidden} more running`)] : []),
    ...failed.slice(0, shownFailed).map((task) => `  ${task.row ?? task.id}  ${failedText(task)}`),
    ...(failed.length > shownFailed
      ? [paint("red", `  and ${failed.length - shownFailed} more failed`)]
      : []),
  ];
}

function waitingLine({ tasks }: StepProgress, name: string): string {
  const fresh = tasks.filter(({ status }) => status === "fresh").length;
  if (fresh === tasks.length) return `${name}  ${paint("dim", `${fresh} fresh`)}`;
  const waiting = `${count(tasks.length - fresh, "task")} waiting`;
  return paint("dim", `${name}  ${waiting}${fresh > 0 ? `, ${fresh} fresh` : ""}`);
}

/** While rows run, a bar and the time left; at the end how many did what, and how long they took. */
function rowsText(step: StepProgress, running: number, now: number): string {
  const { tasks } = step;
  const queued = tasks.filter(({ status }) => status === "queued").length;
  const waiting = tasks.filter(({ status }) => status === "waiting").length + queued;
  const over = tasks.length - waiting - running;
  if (waiting + running === 0) return endedRowsText(tasks);
  const eta = stepEtaSeconds(step, now);
  const time = eta === undefined ? "" : `  eta ${formatDuration(eta)}`;
  const inQueue = queued > 0 ? paint("dim", `  ${queued} queued`) : "";
  return `${progressBar(over / tasks.length)}  ${over}/${tasks.length} tomograms${time}${inQueue}`;
}

function endedRowsText(tasks: readonly TaskProgress[]): string {
  const numbers = new Map<string, number>();
  for (const { status } of tasks) numbers.set(status, (numbers.get(status) ?? 0) + 1);
  const seconds = tasks.reduce((sum, task) => sum + (task.seconds ?? 0), 0);
  const words = [...numbers].map(([status, number]) =>
    paint(status === "failed" ? "red" : "dim", `${number} ${status}`),
  );
  return `${words.join(", ")}${seconds > 0 ? `  ${paint("dim", formatDuration(seconds))}` : ""}`;
}

function runningText(task: TaskProgress, now: number): string {
  if (task.retrying) return paint("yellow", retryingText(withTimeLeft(task.retrying, task, now)));
  const elapsed = elapsedText((now - (task.startedAt ?? now)) / 1000);
  const engine = task.engine ? paint("dim", `  ${task.engine}`) : "";
  const attempt = task.attempt > 1 ? paint("yellow", `  attempt ${task.attempt}`) : "";
  if (!task.progress) return `${paint("dim", `running for ${elapsed}`)}${engine}${attempt}`;
  const { done, total } = task.progress;
  return `${progressBar(total > 0 ? done / total : 0)}  ${progressText(task.progress)}${engine}${attempt}`;
}

/** Whole seconds: it is redrawn all the time. */
const elapsedText = (seconds: number): string =>
  seconds < 60 ? `${Math.floor(seconds)} s` : formatDuration(Math.floor(seconds));

const withTimeLeft = <E extends { readonly seconds: number }>(
  event: E,
  { startedAt = 0 }: TaskProgress,
  now: number,
): E => ({ ...event, seconds: Math.max(0, event.seconds - (now - startedAt) / 1000) });

const failedText = ({ ended }: TaskProgress): string =>
  paint("red", withShownPaths(ended?.error?.message ?? "failed"));

function endedText({ status, seconds = 0, metrics }: TaskProgress): string {
  if (status === "fresh" || status === "skipped") return paint("dim", status);
  const values = metricsText(metrics, 4);
  return `${paint("dim", `${status}  ${formatDuration(seconds)}`)}${values && `  ${values}`}`;
}
