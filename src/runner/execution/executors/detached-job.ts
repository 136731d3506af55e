/** A job that speaks through files (`job-folder.ts`): written down for it, followed from any process, at any time. */
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { explainSystemError } from "../../../core/error.ts";
import type { JobError } from "../../../task/job.ts";
import { type JobEvent, jobFiles } from "../../../task/job-folder.ts";
import type { JobEnd, JobListener, JobOutcome, JobRequest, WatchedJob } from "../../executor.ts";
import { writeDurably } from "../../store/durable.ts";
import { explainEnd } from "./explain-end.ts";

/** What is known of a job whose events have not come to an end. */
export type JobLife =
  | { readonly state: "alive" | "waiting" | "unknown" }
  /** Gone without a word; `error` where whoever ran it says why. */
  | { readonly state: "gone"; readonly error?: JobError };

export interface FollowOptions {
  readonly listener: JobListener;
  /** Asked from time to time while no end has been told. What is not known for sure must be `unknown`. */
  readonly life: () => Promise<JobLife>;
  readonly kill: () => void;
  /** Resolves when it is time for another look; after 200 ms when not given. */
  readonly pause?: () => Promise<void>;
  /** Has the last word on how a job has ended that has told its end itself. `asked`: it was to end. */
  readonly conclude?: (told: JobEnd, asked: boolean) => Promise<JobEnd>;
}

/** Writes what the worker reads. Throws explained system errors. */
export async function writeJob({ folder, job }: JobRequest): Promise<void> {
  const path = jobFiles(folder).job;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeDurably(path, JSON.stringify(job));
  } catch (error) {
    throw explainSystemError(error, path);
  }
}

/** Tells the listener everything from the job's beginning on, and what comes. */
export function followJob(folder: string, options: FollowOptions): WatchedJob {
  let isToEnd = false;
  let hasStarted = false;
  const listener: JobListener = {
    ...options.listener,
    onStarted(start) {
      hasStarted = true;
      options.listener.onStarted(start);
    },
  };
  return {
    end: follow(folder, { ...options, listener }, () => isToEnd),
    stop() {
      isToEnd = true;
      if (hasStarted) writeFile(jobFiles(folder).stop, "").catch(() => undefined);
      else options.kill();
    },
    kill() {
      isToEnd = true;
      options.kill();
    },
  };
}

async function follow(folder: string, options: FollowOptions, isToEnd: () => boolean): Promise<JobEnd> {
  const files = jobFiles(folder);
  const [events, output] = [tail(files.events), tail(files.output)];
  const heard = newHearing(options.listener);
  for (;;) {
    // asked before the last look: what it wrote before it was gone is there then
    const life = await options.life().catch((): JobLife => ({ state: "unknown" }));
    options.listener.onOutput(await output.next());
    for (const line of (await events.next()).split("\n")) heard.line(line);
    if (heard.end) return options.conclude?.(heard.end, isToEnd()) ?? heard.end;
    if (life.state === "gone") {
      const last = (await readFile(files.output, "utf8").catch(() => "")).slice(-4000);
      const error = life.error ?? explainEnd(null, null, last);
      return { outcome: isToEnd() ? { type: "interrupted" } : { type: "failed", error } };
    }
    await (options.pause ?? briefly)();
  }
}

const briefly = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

/** Takes lines in; a torn one, the last words of a killed worker, is passed over. */
function newHearing(listener: JobListener) {
  let startedAt: number | undefined;
  let end: JobEnd | undefined;
  const ended = (time: number, outcome: JobOutcome) => {
    end = { outcome, ...(startedAt !== undefined && { seconds: Math.max(0, time - startedAt) / 1000 }) };
  };
  const hear = (event: JobEvent) => {
    const { time } = event;
    if (event.type === "started") {
      if (startedAt === undefined)
        listener.onStarted({ host: event.host, seconds: Math.max(0, Date.now() - time) / 1000 });
      startedAt = time;
    } else if (event.type === "done" || event.type === "interrupted") ended(time, { type: event.type });
    else if (event.type === "failed") ended(time, { type: "failed", error: event.error });
    else listener.onMessage(event);
  };
  return {
    line(text: string) {
      const event = parseEvent(text);
      if (event && end === undefined) hear(event);
    },
    get end() {
      return end;
    },
  };
}

function parseEvent(text: string): JobEvent | undefined {
  try {
    const event = JSON.parse(text) as Partial<JobEvent> | null;
    return typeof event?.type === "string" && typeof event.time === "number"
      ? (event as JobEvent)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whole lines that a file has grown by since the last call; nothing while it is not there. */
function tail(path: string) {
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);
  return {
    async next(): Promise<string> {
      const file = await open(path).catch(() => undefined);
      if (file === undefined) return "";
      try {
        for (;;) {
          const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(65536), position });
          if (bytesRead === 0) break;
          position += bytesRead;
          rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        }
      } finally {
        await file.close();
      }
      const whole = rest.lastIndexOf(10) + 1;
      const text = rest.toString("utf8", 0, whole);
      rest = rest.subarray(whole);
      return text;
    },
  };
}
