/** What a preflight may ask of the rows around those of its task. */

import type { PreflightTable } from "../../task/preflight.ts";
import type { TaskRow } from "../../task/row.ts";
import type { Project } from "../project.ts";
import type { Task, TaskGraph } from "../tasks/graph.ts";
import { jobRows } from "../tasks/inputs.ts";

/** By step: a task is looked over again when its turn comes, and there may be thousands. */
const knownReaders = new WeakMap<TaskGraph, Map<string, ReadonlyMap<string, readonly TaskRow[]>>>();

/** The tables of the tasks; they share what is looked at once. */
export function preflightTables({ workflow, graph }: Project): (task: Task) => PreflightTable {
  const looks = new Map<string, Promise<unknown>>();
  const readers = knownReaders.get(graph) ?? new Map<string, ReadonlyMap<string, readonly TaskRow[]>>();
  knownReaders.set(graph, readers);
  const readersOf = (step: string): ReadonlyMap<string, readonly TaskRow[]> => {
    const known = readers.get(step);
    if (known) return known;
    const rows = graph.tasks.filter((task) => task.step.id === step).flatMap((task) => jobRows(task, graph));
    const found = rowsByFile(rows);
    readers.set(step, found);
    return found;
  };
  let writers: ReadonlyMap<string, Task> | undefined;
  const writerOf = (path: string): Task | undefined => {
    writers ??= new Map(
      graph.tasks.flatMap((task) => Object.values(task.binding.outputs).map((output) => [output, task])),
    );
    return writers.get(path);
  };
  return ({ step }) => ({
    locate: (row, port) => workflow.locateInput(step, row, port),
    rowsReading: (port, path) => readersOf(step.id).get(fileKey(port, path)) ?? [],
    rowsBehind: (path) => {
      const writer = writerOf(path);
      return writer ? jobRows(writer, graph) : [];
    },
    once: <T>(key: string, look: () => Promise<T>) => {
      const known = looks.get(key) as Promise<T> | undefined;
      if (known) return known;
      const begun = look();
      looks.set(key, begun);
      return begun;
    },
  });
}

function rowsByFile(rows: readonly TaskRow[]): ReadonlyMap<string, readonly TaskRow[]> {
  const found = new Map<string, TaskRow[]>();
  for (const row of rows)
    for (const [port, path] of Object.entries(row.files)) {
      const key = fileKey(port, path);
      const others = found.get(key);
      if (others) others.push(row);
      else found.set(key, [row]);
    }
  return found;
}

const fileKey = (port: string, path: string): string => `${port} ${path}`;
