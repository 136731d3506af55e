/** Tasks of a plan that a reader can take in as one: hundreds of rows are mostly alike. */
import type { PlannedTask } from "../events.ts";

/** Tasks of one step with the same state and, but for the row in them, the same reasons, in the order of the plan. */
export function groupAlike(tasks: readonly PlannedTask[]): readonly (readonly PlannedTask[])[] {
  const groups = new Map<string, PlannedTask[]>();
  for (const task of tasks) {
    const key = JSON.stringify([task.step, task.state, reasonsText(task, { many: true })]);
    const group = groups.get(key);
    if (group) group.push(task);
    else groups.set(key, [task]);
  }
  return [...groups.values()];
}

/**
 * The first line of each reason, so that a task is one line. For many rows at once `waits for segment@t1` becomes
 * `waits for segment`, and `new row t1` becomes `new row`.
 */
export function reasonsText({ row, reasons }: PlannedTask, { many }: { many: boolean }): string {
  const text = reasons.map((reason) => reason.text.split("\n", 1)[0]!.replace(/:$/, "")).join("; ");
  if (!many || row === undefined) return text;
  return text.replaceAll(`@${row}`, "").replace(`new row ${row}`, "new row");
}
