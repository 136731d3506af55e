/** The numbers of metrics files as tables. Without the DOM. */
import type { TaskResult } from "../../../protocol/workflow.ts";

export interface Scores {
  /** `evaluate`, or the row of its step. */
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
}

/** Numbers of `evaluate` and `train` that come first. */
const first = ["macro.f1", "micro.f1", "localization.f1", "best.meanF1"];
/** More columns are not shown: the file has them all. */
const mostColumns = 12;

/** The few numbers of each task worth a column: of a class its F1, precision and recall. */
export function scoresOf(tasks: readonly TaskResult[]): readonly Scores[] {
  return tasks.map(({ task, row, metrics }) => ({
    name: row ?? task,
    values: Object.assign({}, ...Object.values(metrics).map(mainNumbers)) as Record<string, number>,
  }));
}

function mainNumbers(content: unknown): Record<string, number> {
  if (!isRecord(content)) return {};
  const found: [string, number][] = [];
  for (const name of first) {
    const [group, key] = name.split(".") as [string, string];
    const value = isRecord(content[group]) ? content[group][key] : undefined;
    if (typeof value === "number") found.push([name, value]);
  }
  if (isRecord(content.classes))
    for (const [label, scores] of Object.entries(content.classes)) {
      if (!isRecord(scores)) continue;
      const name = typeof scores.name === "string" ? scores.name : label;
      for (const key of ["f1", "precision", "recall", "averagePrecision"])
        if (typeof scores[key] === "number") found.push([`${name} ${key}`, scores[key]]);
    }
  if (found.length > 0) return Object.fromEntries(found);
  return Object.fromEntries(
    Object.entries(content).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

export const columnsOf = (rows: readonly Scores[]): readonly string[] =>
  [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].slice(0, mostColumns);

/** F1, precision, recall and average precision of each class of an evaluation; none for other metrics. */
export function classScores(content: unknown): readonly Scores[] {
  if (!isRecord(content) || !isRecord(content.classes)) return [];
  return Object.entries(content.classes).flatMap(([label, scores]) => {
    if (!isRecord(scores)) return [];
    const values = Object.fromEntries(
      ["f1", "precision", "recall", "averagePrecision", "tp", "fp", "fn"].flatMap((key) =>
        typeof scores[key] === "number" ? [[key, scores[key]]] : [],
      ),
    );
    return [{ name: typeof scores.name === "string" ? scores.name : label, values }];
  });
}

/** The name of a class that a step told by its number alone, which it does where names are nothing to it. */
export function classWords(
  name: string,
  classes: readonly { readonly label: number; readonly name: string }[],
): string {
  const label = Number(/^class (\d+)(?= |$)/.exec(name)?.[1]);
  const known = classes.find((each) => each.label === label);
  return known ? name.replace(/^class \d+/, known.name) : name;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
