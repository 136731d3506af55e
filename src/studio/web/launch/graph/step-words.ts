import type { ShownState, ShownStep } from "../task-view.ts";

const headOrder: readonly ShownState[] = [
  "running",
  "failed",
  "tainted",
  "interrupted",
  "queued",
  "run",
  "waiting",
  "pending",
  "skipped",
  "restore",
  "restored",
  "done",
  "fresh",
];

/** The state that a step is marked with: what needs a look first. */
export function headState({ counts, tasks }: Pick<ShownStep, "counts" | "tasks">): ShownState | undefined {
  if (tasks.length === 0) return undefined;
  return headOrder.find((state) => counts.has(state));
}

/** Why its tasks are to run, each reason once with how many tasks have it, the most frequent first. */
export function whyOf({ tasks }: Pick<ShownStep, "tasks">): readonly string[] {
  const counts = new Map<string, number>();
  for (const { reasons, shown } of tasks)
    if (shown !== "fresh" && shown !== "done")
      for (const { text } of reasons) {
        const line = text.split("\n", 1)[0]!;
        counts.set(line, (counts.get(line) ?? 0) + 1);
      }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([text, count]) => (count > 1 ? `${text} (${count} tasks)` : text));
}
