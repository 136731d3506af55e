/** The log of one attempt: `.tomoflow/logs/<workflow>/<task>/<n>.log`, the job on top, then all that it printed and told. */
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import type { Job } from "../../task/job.ts";
import type { Reason } from "../events.ts";
import type { Layout } from "../store/layout.ts";

const keyMark = "# key ";

/** Characters from the start of a log among which its key is. */
const headingLength = 1024;

export interface LogFile {
  readonly path: string;
  /** A line of the runner or of `report({type: "log"})`. */
  line(text: string): void;
  /** What the worker printed, as it comes. */
  output(text: string): void;
  close(): Promise<void>;
}

/** Opens the next number in the task's log folder. Throws explained system errors. */
export async function openLog(layout: Layout, taskId: string): Promise<LogFile> {
  const folder = join(layout.logs, taskId);
  try {
    await mkdir(folder, { recursive: true });
    const numbers = (await readdir(folder)).map((name) => Number.parseInt(name, 10)).filter(Number.isInteger);
    const path = join(folder, `${Math.max(0, ...numbers) + 1}.log`);
    return logTo(path, createWriteStream(path, { flags: "wx" }));
  } catch (error) {
    throw explainSystemError(error, folder);
  }
}

/** A log that cannot be written any more (disk full) must not end the work: it just ends. */
function logTo(path: string, stream: WriteStream): LogFile {
  let usable = true;
  const closed = new Promise<void>((resolve) => {
    stream.on("close", resolve);
    stream.on("error", () => {
      usable = false;
      resolve();
    });
  });
  const write = (text: string) => {
    if (usable) stream.write(text);
  };
  return {
    path,
    line: (text) => write(`${text}\n`),
    output: write,
    close: () => {
      if (usable) stream.end();
      return closed;
    },
  };
}

/** What the attempt is, for whoever reads the log later. `key` is that of the result it works at. */
export function logHeading(
  job: Job,
  {
    key,
    reasons,
    number,
  }: { readonly key: string; readonly reasons: readonly Reason[]; readonly number: number },
): string {
  const files = job.rows.flatMap(({ id, files }) =>
    Object.entries(files).map(([port, path]) => `#   ${id} ${port}: ${path}`),
  );
  return [
    `# ${job.taskId}, attempt ${number}, ${new Date().toISOString()}`,
    `${keyMark}${key}`,
    `# because: ${reasons.map(({ text }) => text).join("; ")}`,
    `# engine ${job.engine}, ${job.threads} threads, ${(job.memoryBytes / 1e9).toFixed(1)} GB`,
    `# parameters: ${JSON.stringify(job.parameters)}`,
    ...files,
  ].join("\n");
}

/** Key of the result that the attempt of a log worked at; undefined for a log without one, or that cannot be read. */
export async function keyOfLog(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(headingLength), position: 0 });
    const lines = buffer.toString("latin1", 0, bytesRead).split("\n", 3);
    return lines.find((line) => line.startsWith(keyMark))?.slice(keyMark.length);
  } finally {
    await file.close();
  }
}
