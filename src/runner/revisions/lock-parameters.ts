/** With what the results of a lock were made, a name and a value each. */
import type { LockedTask } from "../lock/lock.ts";
import { type Leaf, leavesOf } from "./leaves.ts";
import type { LockedTasks } from "./lock-at.ts";

type Leaves = ReadonlyMap<string, Leaf>;

/**
 * For each lock its values by name: `train.epochs`, `train.classes.1.radius`, `train.rows`, `train.engine`. One value a
 * step where all its rows agree in every lock, else one a task: `segment@t2.bias`.
 */
export function parametersOf(locks: readonly LockedTasks[]): readonly Leaves[] {
  const tables = locks.map(tableOf);
  const split = new Set(
    tables.flatMap((table) => [...table].filter(([, rows]) => disagree(rows)).map(([name]) => name)),
  );
  return tables.map((table) => {
    const values = [...table].flatMap(([name, rows]) =>
      split.has(name)
        ? [...rows].map(([task, value]): [string, Leaf] => [nameOf(task, name), value])
        : [[name, [...rows.values()][0]!] as [string, Leaf]],
    );
    return new Map(values);
  });
}

/** `step.parameter` -> task id -> value. */
function tableOf(tasks: LockedTasks): ReadonlyMap<string, ReadonlyMap<string, Leaf>> {
  const table = new Map<string, Map<string, Leaf>>();
  for (const [id, task] of tasks)
    for (const [name, value] of valuesOf(task)) {
      const full = `${stepOf(id)}.${name}`;
      const rows = table.get(full) ?? new Map<string, Leaf>();
      table.set(full, rows.set(id, value));
    }
  return table;
}

const stepOf = (task: string): string => task.split("@")[0]!;

const nameOf = (task: string, name: string): string => task + name.slice(stepOf(task).length);

const disagree = (rows: ReadonlyMap<string, Leaf>): boolean => new Set(rows.values()).size > 1;

function valuesOf({ kind, version, parameters, classes, rows, engine, tomoflow }: LockedTask): Leaves {
  const ids = Object.keys(rows);
  return new Map<string, Leaf>([
    ...leavesOf(parameters, ""),
    ...leavesOf(classes, "classes"),
    ...leavesOf(rows, "rows"),
    ...(ids.length > 0 ? [["rows", ids.join(", ")] as const] : []),
    ["uses", `${kind}, version ${version}`],
    ...(engine !== undefined ? [["engine", engine] as const] : []),
    ["tomoflow", tomoflow],
  ]);
}
