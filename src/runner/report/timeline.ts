/**
 * When each task would run if all began as early as their inputs allow: the lock keeps durations, not times of day, so this
 * is the shortest a run could have been, and shows what it waits for.
 */
import type { PlannedTask } from "../events.ts";

export interface TimelineLane {
  /** A task, or a step with all its tasks. */
  readonly name: string;
  readonly bars: readonly { readonly task: string; readonly start: number; readonly end: number }[];
  /** Seconds of work, all bars together. */
  readonly work: number;
}

export interface Timeline {
  readonly lanes: readonly TimelineLane[];
  /** Seconds from the first start to the last end. */
  readonly span: number;
  /** Seconds of all tasks together. */
  readonly work: number;
}

interface TimedTask extends Pick<PlannedTask, "id" | "step" | "lastDurationSeconds"> {
  readonly dependsOn: readonly string[];
}

/** More lanes than this are drawn one a step. */
const mostLanes = 24;

/** `tasks` in dependency order; those without a known duration take no time and get no bar. */
export function layOutTimeline(tasks: readonly TimedTask[]): Timeline {
  const ends = new Map<string, number>();
  const timed = tasks.flatMap((task) => {
    const start = task.dependsOn.reduce((latest, id) => Math.max(latest, ends.get(id) ?? 0), 0);
    const end = start + (task.lastDurationSeconds ?? 0);
    ends.set(task.id, end);
    return task.lastDurationSeconds === undefined ? [] : [{ task: task.id, step: task.step, start, end }];
  });
  const lanes = new Map<string, { task: string; start: number; end: number }[]>();
  for (const { task, step, start, end } of timed) {
    const name = timed.length > mostLanes ? step : task;
    const bars = lanes.get(name) ?? [];
    bars.push({ task, start, end });
    lanes.set(name, bars);
  }
  const workOf = (bars: readonly { start: number; end: number }[]) =>
    bars.reduce((sum, { start, end }) => sum + end - start, 0);
  return {
    lanes: [...lanes].map(([name, bars]) => ({ name, bars, work: workOf(bars) })),
    span: timed.reduce((latest, { end }) => Math.max(latest, end), 0),
    work: workOf(timed),
  };
}
