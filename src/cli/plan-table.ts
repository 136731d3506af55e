/** A plan as a table: a line a task, or a line for many tasks of a step that are in the same state for the same reason. */
import type { PlannedTask, TaskState } from "../runner/events.ts";
import { groupAlike, type Plan, reasonsText } from "../runner/index.ts";
import { count, formatDuration, formatTable, paint, type Style } from "./output.ts";

/** As many tasks of a step in the same state, or more, share a line. */
const groupSize = 6;

const stateStyles: Readonly<Record<TaskState, Style>> = {
  fresh: "green",
  restore: "cyan",
  run: "yellow",
  pending: "dim",
};

export function planTable(tasks: readonly PlannedTask[], options: { all?: boolean } = {}): string {
  const lines = groupAlike(tasks).flatMap((group) =>
    options.all || group.length < groupSize ? group.map((task) => lineOf([task])) : [lineOf(group)],
  );
  return formatTable(lines, { header: ["task", "state", "last", "why"], align: ["left", "left", "right"] });
}

function lineOf(group: readonly PlannedTask[]): string[] {
  const [first] = group;
  const name = group.length === 1 ? first.id : `${first.step} (${group.length} rows)`;
  const durations = group.flatMap(({ lastDurationSeconds }) => lastDurationSeconds ?? []);
  const total = durations.reduce((sum, seconds) => sum + seconds, 0);
  return [
    name,
    paint(stateStyles[first.state], first.state),
    durations.length > 0 ? formatDuration(total) : "",
    reasonsText(first, { many: group.length > 1 }),
  ];
}

/** `14 tasks: 3 fresh, 1 to restore, 10 to run, about 3 min 20 s`. */
export function planTotals({ tasks, counts, estimatedSeconds }: Plan): string {
  const toRun = counts.run + counts.pending;
  const parts = [
    counts.fresh > 0 && `${counts.fresh} fresh`,
    counts.restore > 0 && `${counts.restore} to restore`,
    toRun > 0 &&
      `${toRun} to run${counts.pending > 0 ? ` (${counts.pending} depend on results not made yet)` : ""}`,
    estimatedSeconds !== undefined && `about ${formatDuration(estimatedSeconds)}`,
  ].filter(Boolean);
  return `${count(tasks.length, "task")}: ${parts.join(", ")}`;
}
