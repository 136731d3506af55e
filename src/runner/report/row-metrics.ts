/** The metrics of a step that has many rows, as one table: a line a row, and above them the mean of each number. */
import type { TaskMetrics } from "../record/history.ts";
import type { MetricsTable } from "./metrics-tables.ts";

export type Headline = (content: unknown) => Readonly<Record<string, number>>;

/** Numbers of a task, by name. */
type Numbers = ReadonlyMap<string, number>;

/** More columns than these do not fit. */
const mostColumns = 8;

/** `tasks` are those of one step, by row; undefined when they have no numbers. */
export function rowMetrics(
  tasks: readonly (readonly [row: string, ports: TaskMetrics])[],
  headline: Headline | undefined,
): MetricsTable | undefined {
  const rows = tasks.map(([row, ports]) => ({ row, numbers: numbersOf(ports, headline) }));
  const columns = [...new Set(rows.flatMap(({ numbers }) => [...numbers.keys()]))].slice(0, mostColumns);
  if (columns.length === 0) return undefined;
  const lines = rows.map(({ row, numbers }) => ({
    name: row,
    values: columns.map((column) => numbers.get(column) ?? null),
  }));
  const means = columns.map((column) => mean(rows.flatMap(({ numbers }) => numbers.get(column) ?? [])));
  return { columns, rows: [{ name: `mean of ${rows.length}`, values: means }, ...lines], depth: 0 };
}

/** Those that belong to the top of a page, else all that lie at most two steps deep. */
function numbersOf(ports: TaskMetrics, headline: Headline | undefined): Numbers {
  const chosen = Object.values(ports).flatMap((content) => Object.entries(headline?.(content) ?? {}));
  return new Map(chosen.length > 0 ? chosen : Object.values(ports).flatMap((content) => leaves(content, [])));
}

function leaves(content: unknown, names: readonly string[]): [string, number][] {
  if (typeof content === "number") return [[names.join("."), content]];
  if (typeof content !== "object" || content === null || Array.isArray(content) || names.length > 1)
    return [];
  return Object.entries(content).flatMap(([name, value]) => leaves(value, [...names, name]));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
