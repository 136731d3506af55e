/** Reads the record of a run, from any number on, and follows one that goes on. */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
import { pause } from "../../claims/pause.ts";
import type { RunAsked, RunRecord } from "../../run-records.ts";
import type { Layout } from "../../store/layout.ts";
import { isLast, isRunAsked, isRunId, parseRecord } from "./run-record.ts";
import { runStateOf } from "./run-state.ts";

export interface ReadRunOptions {
  /** Number of the last record that the reader has; 0 when not given. */
  readonly after?: number;
  /** Waits for more until the run has ended, its process is gone, or `signal` aborts. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Between looks for more. */
const pollMilliseconds = 100;
const chunkBytes = 2 ** 18;
/** A longer line is none that a run wrote. */
const largestLine = 2 ** 26;

/**
 * The records of a run after number `after`, in order, each once. A last line that was torn when the run was killed is left out.
 * Throws `no-run` and explained system errors.
 */
export async function* readRun(
  { runs }: Pick<Layout, "runs">,
  id: string,
  { after = 0, follow = false, signal }: ReadRunOptions = {},
): AsyncGenerator<RunRecord, void> {
  const file = await openRun(runs, id);
  try {
    const lines = new LineReader(file);
    let asked: RunAsked | undefined;
    let last: RunRecord | undefined;
    for (let isOver = false; ; ) {
      for await (const line of lines.next()) {
        const record = parseRecord(line, id);
        if (record === undefined || record.number <= (last?.number ?? 0)) continue;
        if (isRunAsked(record.event)) asked = record.event;
        last = record;
        if (record.number > after) yield record;
        if (signal?.aborted) return;
      }
      if (isOver || !follow || signal?.aborted || (last && isLast(last.event))) return;
      // what it wrote before it went may have come after the look
      isOver = last !== undefined && !(await goesOn(file, asked, last));
      if (!isOver) await pause(pollMilliseconds, signal ?? never).catch(() => undefined);
    }
  } finally {
    await file.close();
  }
}

const never = new AbortController().signal;

async function openRun(runs: string, id: string): Promise<FileHandle> {
  const path = join(runs, `${id}.jsonl`);
  const missing = () =>
    new TomoflowError("no-run", `there is no record of a run ${id}`, {
      hint: "tomoflow runs lists those that there are",
    });
  if (!isRunId(id)) throw missing();
  return open(path).catch((error) => {
    throw error.code === "ENOENT" ? missing() : explainSystemError(error, path);
  });
}

async function goesOn(file: FileHandle, asked: RunAsked | undefined, { event }: RunRecord): Promise<boolean> {
  if (asked === undefined) return false;
  const { mtimeMs } = await file.stat();
  return runStateOf(asked, event, { touched: mtimeMs, now: Date.now() }) === "running";
}

/** Whole lines of a file that grows. */
class LineReader {
  readonly #file: FileHandle;
  readonly #chunk = Buffer.alloc(chunkBytes);
  #position = 0;
  #rest = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Those that are there by now. */
  async *next(): AsyncGenerator<string> {
    for (;;) {
      const { bytesRead } = await this.#file.read({ buffer: this.#chunk, position: this.#position });
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      let text = Buffer.concat([this.#rest, this.#chunk.subarray(0, bytesRead)]);
      for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
        yield text.toString("utf8", 0, end);
        text = text.subarray(end + 1);
      }
      this.#rest = text.length > largestLine ? Buffer.alloc(0) : text;
    }
  }
}
