/** The runs that a project remembers, the newest first. Reading only. */
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RecordedRun, RunAsked, RunRecord } from "../../run-records.ts";
import type { Layout } from "../../store/layout.ts";
import { isRunAsked, isRunId, parseRecord } from "./run-record.ts";
import { runStateOf } from "./run-state.ts";

export interface ListRunsOptions {
  /** Those of one workflow file and variant: path as in `RunAsked`. */
  readonly of?: { readonly workflowPath: string; readonly variant?: string | undefined };
  /** At most so many. */
  readonly most?: number;
}

/** A record that cannot be read is as good as none. */
export async function listRuns(
  { runs }: Pick<Layout, "runs">,
  { of, most = Number.POSITIVE_INFINITY }: ListRunsOptions = {},
): Promise<readonly RecordedRun[]> {
  const found: RecordedRun[] = [];
  for (const id of (await runIds(runs)).reverse()) {
    if (found.length >= most) break;
    const run = await lookAtRun(runs, id);
    if (run && (of === undefined || isOf(run.asked, of))) found.push(run);
  }
  return found;
}

/** The oldest first. */
export const runIds = async (runs: string): Promise<string[]> =>
  (await readdir(runs).catch(() => [] as string[]))
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length))
    .filter(isRunId)
    .sort();

const isOf = (
  asked: RunAsked,
  { workflowPath, variant }: { readonly workflowPath: string; readonly variant?: string | undefined },
): boolean => asked.workflowPath === workflowPath && asked.variant === variant;

/** Undefined where there is no record that can be read. */
export async function lookAtRun(runs: string, id: string): Promise<RecordedRun | undefined> {
  const file = await open(join(runs, `${id}.jsonl`)).catch(() => undefined);
  try {
    return file && (await summarise(file, id));
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

async function summarise(file: FileHandle, id: string): Promise<RecordedRun | undefined> {
  const { size, mtimeMs } = await file.stat();
  const first = parseRecord((await textAt(file, 0, headBytes)).split("\n", 1)[0]!, id);
  if (first === undefined || !isRunAsked(first.event)) return undefined;
  const last = (await lastRecord(file, size, id)) ?? first;
  const { event } = last;
  return {
    id,
    asked: first.event,
    started: first.time,
    last: last.time,
    records: last.number,
    state: runStateOf(first.event, event, { touched: mtimeMs, now: Date.now() }),
    ...((event.type === "run-ended" || event.type === "run-broken") && { end: event }),
  };
}

const headBytes = 2 ** 20;

/** The last whole line that is a record, looked for from the end in ever longer pieces. */
async function lastRecord(file: FileHandle, size: number, id: string): Promise<RunRecord | undefined> {
  for (let length = 2 ** 12; ; length *= 8) {
    const start = Math.max(0, size - length);
    const lines = (await textAt(file, start, size - start)).split("\n");
    // behind the last newline is nothing, or a line that was torn
    for (const line of lines.slice(0, -1).reverse()) {
      const record = parseRecord(line, id);
      if (record) return record;
    }
    if (start === 0) return undefined;
  }
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
  return buffer.toString("utf8", 0, bytesRead);
}
