/** The log of a task, from any byte on: what is written meanwhile is asked for with the next call. */
import { open } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
import { logOfTask } from "../../../runner/index.ts";
import type { WorkflowPlace } from "../../../runner/revisions/index.ts";
import type { LogAnswer } from "../../protocol/workflow.ts";

/** Bytes an answer holds at most; of a longer log without `from`, its end. */
const most = 256 * 1024;

export interface LogRequest {
  readonly task: string;
  readonly attempt?: number;
  readonly from?: number;
}

/** Throws `no-log` and explained system errors. */
export async function readLog(place: WorkflowPlace, { task, attempt, from }: LogRequest): Promise<LogAnswer> {
  const found = await logOfTask(place, task, attempt === undefined ? {} : { attempt });
  if (found === undefined)
    throw new TomoflowError("no-log", `${task} has no log yet`, { hint: "it begins when the task does" });
  const { log, latest } = found;
  const file = await open(log.path).catch((error) => {
    throw explainSystemError(error, log.path);
  });
  try {
    const { size } = await file.stat();
    const start = from === undefined ? Math.max(0, size - most) : Math.min(from, size);
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(most, size - start)),
      position: start,
    });
    const whole = wholeCharacters(buffer.subarray(0, bytesRead));
    return {
      attempt: log.attempt,
      latest: latest ?? log.attempt,
      text: whole.toString("utf8"),
      from: start,
      end: start + whole.length,
    };
  } finally {
    await file.close();
  }
}

/** Without a character at the end of which the rest is not there yet. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}
