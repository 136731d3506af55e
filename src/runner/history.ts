/** What earlier runs left to look at: the metrics in the lock, the logs of the attempts. Reading only. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError } from "../core/error.ts";
import type { Workflow } from "../schema/workflow.ts";
import { layoutOf } from "./layout.ts";
import { Lock } from "./lock/lock.ts";

/** Content of a task's metrics outputs, by port. */
export type TaskMetrics = Readonly<Record<string, unknown>>;

/** The metrics of every task in the lock that has any, by task id. Throws `lock-conflict`, `lock-unreadable`. */
export async function readMetrics(workflow: Workflow): Promise<ReadonlyMap<string, TaskMetrics>> {
  const lock = await Lock.open(layoutOf(workflow).lock);
  const entries = lock.ids.map((id): [string, TaskMetrics | undefined] => [id, lock.get(id)?.metrics]);
  return new Map(entries.filter((entry): entry is [string, TaskMetrics] => entry[1] !== undefined));
}

export interface TaskLog {
  readonly task: string;
  /** Counts from 1, over all runs. */
  readonly attempt: number;
  /** Absolute. */
  readonly path: string;
  readonly modified: Date;
}

/** The last log of every task that has one, the newest first. */
export async function lastLogs(workflow: Workflow): Promise<readonly TaskLog[]> {
  const { logs } = layoutOf(workflow);
  const tasks = await namesIn(logs);
  const found = await Promise.all(tasks.map((task) => lastLog(task, join(logs, task))));
  return found.filter((log) => log !== undefined).sort((a, b) => b.modified.getTime() - a.modified.getTime());
}

async function lastLog(task: string, folder: string): Promise<TaskLog | undefined> {
  const attempts = (await namesIn(folder))
    .flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? [])
    .map(Number);
  if (attempts.length === 0) return undefined;
  const attempt = Math.max(...attempts);
  const path = join(folder, `${attempt}.log`);
  return { task, attempt, path, modified: (await stat(path)).mtime };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw explainSystemError(error, folder);
  }
}
