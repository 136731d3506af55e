/**
 * What is written down of an attempt whose job outlives its head, in the attempt's folder: before the job is submitted, and again
 * when it has a name there. A later head that comes to the same task finds it and listens to that job instead of submitting another.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { jobFiles } from "../../task/job-folder.ts";
import type { Failure } from "../executor.ts";
import { writeDurably } from "../store/durable.ts";
import type { Layout } from "../store/layout.ts";
import { isRecord, isSha256, isTaskId } from "../store/record-shapes.ts";
import type { Look } from "../store/stat-cache.ts";

export interface AttemptRecord {
  readonly task: string;
  /** Of the result it works at. */
  readonly key: string;
  readonly executor: string;
  /** Of the attempt; its folder has the same name. */
  readonly name: string;
  /** As the executor gave it; absent until it has. */
  readonly id?: string;
  /** 1 for the first try of its run. */
  readonly number: number;
  /** How those before it went wrong; absent where there were none. */
  readonly failures?: readonly Failure[];
  /** What was seen of the inputs before it was submitted, by role. */
  readonly looks: readonly (readonly [string, Look | undefined])[];
}

/** Days that an attempt nobody came back to is kept. */
const daysKept = 30;

/** A name that says nothing of this process or host. */
export const newAttemptName = (task: string, key: string): string =>
  `${task}-${key.slice(0, 12)}-${randomBytes(5).toString("hex")}`;

/** Throws explained system errors. */
export async function writeAttempt(layout: Layout, record: AttemptRecord): Promise<void> {
  const path = jobFiles(join(layout.attempts, record.name)).attempt;
  await mkdir(dirname(path), { recursive: true });
  await writeDurably(path, `${JSON.stringify(record)}\n`);
}

/** Names of attempts, by task. */
export type AttemptNames = ReadonlyMap<string, readonly string[]>;

/** Those that are there now, of all tasks. */
export async function listAttempts({ attempts }: Pick<Layout, "attempts">): Promise<AttemptNames> {
  const byTask = new Map<string, string[]>();
  for (const name of await readdir(attempts).catch(() => [] as string[])) {
    const task = /^(.+)-[0-9a-f]{12}-[0-9a-f]{10}$/.exec(name)?.[1];
    if (task === undefined) continue;
    const names = byTask.get(task);
    if (names) names.push(name);
    else byTask.set(task, [name]);
  }
  return byTask;
}

/** What is written down of these attempts, the latest last. What is damaged is passed over. */
export async function recordedAttempts(
  layout: Layout,
  names: readonly string[],
): Promise<readonly AttemptRecord[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const path = jobFiles(join(layout.attempts, name)).attempt;
      const [record, stats] = [await readAttempt(path, name), await stat(path).catch(() => undefined)];
      return record ? { record, at: stats?.mtimeMs ?? 0 } : [];
    }),
  );
  return found
    .flat()
    .sort((a, b) => a.at - b.at)
    .map(({ record }) => record);
}

/** Folders of recorded attempts in which nothing has happened for so long that nobody will come back to them. */
export async function forgottenAttempts(folder: string, now = Date.now()): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const old = await Promise.all(
    names.map(async (name) => {
      const { attempt, events } = jobFiles(join(folder, name));
      const [record, last] = await Promise.all(
        [attempt, events].map((path) => stat(path).catch(() => undefined)),
      );
      if (record === undefined) return [];
      const latest = Math.max(record.mtimeMs, last?.mtimeMs ?? 0);
      return now - latest > daysKept * 86_400_000 ? [join(folder, name)] : [];
    }),
  );
  return old.flat();
}

async function readAttempt(path: string, name: string): Promise<AttemptRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(path, "utf8"));
    return isAttempt(record) && record.name === name ? record : undefined;
  } catch {
    return undefined;
  }
}

function isAttempt(value: unknown): value is AttemptRecord {
  if (!isRecord(value)) return false;
  const { task, key, executor, name, id, number, failures = [], looks } = value;
  return (
    typeof task === "string" &&
    typeof name === "string" &&
    isTaskId(name) &&
    isSha256(key) &&
    typeof executor === "string" &&
    (id === undefined || typeof id === "string") &&
    Number.isSafeInteger(number) &&
    Array.isArray(failures) &&
    failures.every((failure) => isRecord(failure) && typeof failure.code === "string") &&
    Array.isArray(looks) &&
    looks.every((look) => Array.isArray(look) && typeof look[0] === "string")
  );
}
