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

/** More reasons than these are counted: a training has as many as the tomograms that changed. */
const shownReasons = 6;

/**
 * Each reason in one line. For many rows at once `waits for segment@t1` becomes
 * `waits for segment`, `new row t1` becomes `new row`, and `data/t1.mrc changed 3f2a… → 90bc…` becomes `data/*.mrc changed`.
 */
export function reasonsText(
  { row, reasons }: Pick<PlannedTask, "row" | "reasons">,
  { many = false } = {},
): string {
  const texts = reasons.map((reason) => {
    const text = inOneLine(reason.text);
    return many && row !== undefined ? ofAnyRow(text, reason.code, row) : text;
  });
  const hidden = texts.length - shownReasons;
  return hidden > 0
    ? `${texts.slice(0, shownReasons).join("; ")}; and ${hidden} more reason${hidden === 1 ? "" : "s"}`
    : texts.join("; ");
}

/** The first line; where that ends in a colon, what a program wrote last, which tends to say what went wrong. */
function inOneLine(text: string): string {
  const [first, ...rest] = text.trimEnd().split("\n");
  return first!.endsWith(":") ? [first, rest.at(-1)?.trim()].join(" ").trim().replace(/:$/, "") : first!;
}

function ofAnyRow(text: string, code: string, row: string): string {
  const other = text.replaceAll(`@${row}`, "").replace(`new row ${row}`, "new row");
  if (code !== "input") return other;
  return other.replaceAll(row, "*").replace(/ \(?[0-9a-f]{4}… → [0-9a-f]{4}…\)?$/, "");
}
