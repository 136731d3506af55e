/** The logs that attempts at tasks left, and which of them tells of a task as it is now. Reading only. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { Lock } from "../lock/lock.ts";
import { layoutOf } from "../store/layout.ts";
import { keyOfLog } from "./log-file.ts";
import { readTrouble } from "./trouble.ts";

export interface TaskLog {
  readonly task: string;
  /** Counts from 1, over all runs. */
  readonly attempt: number;
  /** Absolute. */
  readonly path: string;
  readonly modified: Date;
}

/** Where a workflow is: it need not be loaded. */
export type LoggedWorkflow = Pick<Workflow, "path" | "folder" | "variant">;

/** The last log of every task of the workflow that has one, the newest first. */
export async function lastLogs(workflow: LoggedWorkflow): Promise<readonly TaskLog[]> {
  const { logs } = layoutOf(workflow);
  const last = (await logsBelow(logs)).map((attempts) => attempts.at(-1));
  return newestFirst(last.filter((log) => log !== undefined));
}

export interface FoundLog {
  readonly log: TaskLog;
  /** Number of the last attempt of the task in this workflow; absent when there was none. */
  readonly latest?: number;
}

/**
 * The log of an attempt, or the one that tells of the task as it is: of the last attempt when that went wrong, else of the
 * attempt that made the result in the lock, which another workflow of the folder may have made. Undefined when there is none.
 * Throws `lock-conflict`, `lock-unreadable` and explained system errors.
 */
export async function logOfTask(
  workflow: LoggedWorkflow,
  task: string,
  { attempt }: { readonly attempt?: number } = {},
): Promise<FoundLog | undefined> {
  const layout = layoutOf(workflow);
  const attempts = await logsOf(task, join(layout.logs, task));
  const latest = attempts.at(-1);
  const found = (log: TaskLog | undefined): FoundLog | undefined =>
    log && { log, ...(latest && { latest: latest.attempt }) };
  if (attempt !== undefined) return found(attempts.find((log) => log.attempt === attempt));
  if (await readTrouble(layout, task)) return found(latest);
  const key = (await Lock.open(layout.lock)).get(task)?.key;
  if (key === undefined) return found(latest);
  const everywhere = async () => newestFirst((await logsOfAllWorkflows(layout.allLogs)).flat());
  return found(
    (await firstWithKey(attempts.toReversed(), key)) ??
      (await firstWithKey(await everywhere(), key)) ??
      latest,
  );
}

async function firstWithKey(logs: readonly TaskLog[], key: string): Promise<TaskLog | undefined> {
  for (const log of logs) if ((await keyOfLog(log.path)) === key) return log;
  return undefined;
}

const newestFirst = (logs: readonly TaskLog[]): readonly TaskLog[] =>
  logs.toSorted((a, b) => b.modified.getTime() - a.modified.getTime());

async function logsOfAllWorkflows(folder: string): Promise<readonly (readonly TaskLog[])[]> {
  return (await Promise.all((await namesIn(folder)).map((name) => logsBelow(join(folder, name))))).flat();
}

/** By task. */
const logsBelow = async (folder: string): Promise<readonly (readonly TaskLog[])[]> =>
  Promise.all((await namesIn(folder)).map((task) => logsOf(task, join(folder, task))));

/** The attempts at a task, in their order. */
async function logsOf(task: string, folder: string): Promise<readonly TaskLog[]> {
  const numbers = (await namesIn(folder)).flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? []).map(Number);
  return Promise.all(
    numbers
      .sort((a, b) => a - b)
      .map(async (attempt) => {
        const path = join(folder, `${attempt}.log`);
        return { task, attempt, path, modified: (await stat(path)).mtime };
      }),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw explainSystemError(error, folder);
  }
}
