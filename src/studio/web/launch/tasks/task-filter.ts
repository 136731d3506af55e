import { type ShownState, type ShownTask, stateOrder } from "../task-view.ts";

export interface TaskFilter {
  /** Part of the task's name. */
  readonly text: string;
  readonly states: ReadonlySet<ShownState>;
}

export type TaskOrder = "plan" | "state" | "name" | "time";

/** Without any state chosen, all are shown. */
export function filterTasks(tasks: readonly ShownTask[], { text, states }: TaskFilter): readonly ShownTask[] {
  const wanted = text.trim().toLowerCase();
  return tasks.filter(
    ({ id, shown }) =>
      (states.size === 0 || states.has(shown)) && (wanted === "" || id.toLowerCase().includes(wanted)),
  );
}

/** Sorts stay as the plan has them where equal. */
export function sortTasks(tasks: readonly ShownTask[], order: TaskOrder, down = false): readonly ShownTask[] {
  if (order === "plan") return down ? tasks.toReversed() : tasks;
  const place = new Map(stateOrder.map((state, index) => [state, index]));
  const seconds = ({ now, lastDurationSeconds }: ShownTask): number =>
    now?.seconds ?? lastDurationSeconds ?? -1;
  const compare = {
    state: (a: ShownTask, b: ShownTask) => place.get(a.shown)! - place.get(b.shown)!,
    name: (a: ShownTask, b: ShownTask) => a.id.localeCompare(b.id, "en", { numeric: true }),
    time: (a: ShownTask, b: ShownTask) => seconds(b) - seconds(a),
  }[order];
  const sorted = [...tasks].sort(compare);
  return down ? sorted.reverse() : sorted;
}
