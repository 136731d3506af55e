/** Writes the record of a run while it goes on. It never ends the work: where it cannot be written, that is told once. */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type Diagnostic, warningDiagnostic } from "../../../core/diagnostic.ts";
import { explainSystemError } from "../../../core/error.ts";
import { toolVersion } from "../../../core/version.ts";
import { maskOf } from "../../../schema/values/environment-mask.ts";
import type { Workflow } from "../../../schema/workflow.ts";
import { identityOf } from "../../claims/process-identity.ts";
import type { RunEvent } from "../../events.ts";
import type { AskedOptions, RecordedEvent, RunAsked, RunRecord } from "../../run-records.ts";
import type { Layout } from "../../store/layout.ts";

export interface RunRecorder {
  /** Undefined where nothing can be recorded. */
  readonly id: string | undefined;
  take(event: RecordedEvent): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface RecordingOptions {
  readonly asked: AskedOptions;
  /** Called once when the record cannot be written any more. */
  readonly onTrouble: (diagnostic: Diagnostic) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Milliseconds between writes: what a run that is killed loses of its record. */
const writeInterval = 100;
/** Between two reports of a task's progress that are kept. */
const progressInterval = 1000;
/** Between signs of life, for those who look from another machine. */
const heartbeatInterval = 60_000;

/** Begins the record of a run of `workflow`; its events must be without secrets already. */
export async function recordRun(
  workflow: Workflow,
  layout: Layout,
  { asked, onTrouble, now = Date.now }: RecordingOptions,
): Promise<RunRecorder> {
  const id = newRunId(now());
  try {
    const file = await createFile(layout, id);
    const writer = new RunWriter(id, file, { onTrouble: (error) => onTrouble(troubleOf(error)), now });
    writer.take(askedEvent(workflow, layout, asked));
    return writer;
  } catch (error) {
    onTrouble(troubleOf(explainSystemError(error, layout.runs)));
    return { id: undefined, take: () => undefined, close: async () => undefined };
  }
}

function newRunId(now: number): string {
  const [day, time] = new Date(now)
    .toISOString()
    .replaceAll(/[-:.Z]/g, "")
    .split("T");
  return `${day}-${time}-${randomBytes(3).toString("hex")}`;
}

async function createFile({ root, runs }: Layout, id: string): Promise<FileHandle> {
  const made = await mkdir(runs, { recursive: true });
  if (made === root) await writeFile(join(root, ".gitignore"), "*\n", { flag: "wx" }).catch(() => undefined);
  return open(join(runs, `${id}.jsonl`), "ax");
}

function askedEvent(workflow: Workflow, { project }: Layout, options: AskedOptions): RunAsked {
  const { path, name, variant, textSha256, environment } = workflow;
  return maskOf(environment).recorded<RunAsked>({
    type: "run-asked",
    format: 1,
    workflowPath: relative(project, path).replaceAll(sep, "/"),
    name,
    ...(variant !== undefined && { variant }),
    workflowSha256: textSha256,
    params: workflow.params,
    options,
    tomoflow: toolVersion(),
    process: identityOf(process.pid),
  });
}

const troubleOf = (error: unknown): Diagnostic =>
  warningDiagnostic(
    "run-not-recorded",
    `this run cannot be recorded: ${error instanceof Error ? error.message : error}`,
    { hint: "the run goes on; tomoflow runs and the studio will not show it whole" },
  );

type TaskProgress = Extract<RunEvent, { type: "task-progress" }>;

class RunWriter implements RunRecorder {
  readonly id: string;
  readonly #file: FileHandle;
  readonly #now: () => number;
  readonly #onTrouble: (error: unknown) => void;
  readonly #heartbeat: NodeJS.Timeout;
  /** Progress not written yet, by task, and when each task's was kept last. */
  readonly #pending = new Map<string, TaskProgress>();
  readonly #keptAt = new Map<string, number>();
  #number = 0;
  #lines = "";
  #timer: NodeJS.Timeout | undefined;
  #progressTimer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #broken = false;

  constructor(
    id: string,
    file: FileHandle,
    { onTrouble, now }: { onTrouble: (error: unknown) => void; now: () => number },
  ) {
    this.id = id;
    this.#file = file;
    this.#onTrouble = onTrouble;
    this.#now = now;
    this.#heartbeat = setInterval(() => this.#showLife(), heartbeatInterval);
    this.#heartbeat.unref();
  }

  take(event: RecordedEvent): void {
    if (this.#broken) return;
    if (event.type === "task-progress") this.#takeProgress(event);
    else if (event.type !== "task-ended" || event.outcome !== "fresh") {
      if ("task" in event) this.#flushProgress(event.task);
      this.#append(event.type === "run-started" ? withoutFresh(event) : event);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#flushAllProgress();
    this.#write();
    await this.#writing;
    await this.#file.close().catch(() => undefined);
  }

  #takeProgress(event: TaskProgress): void {
    this.#pending.set(event.task, event);
    const due = this.#now() - (this.#keptAt.get(event.task) ?? Number.NEGATIVE_INFINITY) >= progressInterval;
    if (due || event.done === event.total) this.#flushProgress(event.task);
    else this.#progressTimer ??= setTimeout(() => this.#flushAllProgress(), progressInterval).unref();
  }

  #flushAllProgress(): void {
    clearTimeout(this.#progressTimer);
    this.#progressTimer = undefined;
    for (const task of [...this.#pending.keys()]) this.#flushProgress(task);
  }

  #flushProgress(task: string): void {
    const event = this.#pending.get(task);
    if (event === undefined) return;
    this.#pending.delete(task);
    this.#keptAt.set(task, this.#now());
    this.#append(event);
  }

  #append(event: RecordedEvent): void {
    const record: RunRecord = {
      run: this.id,
      number: ++this.#number,
      time: new Date(this.#now()).toISOString(),
      event,
    };
    this.#lines += `${JSON.stringify(record)}\n`;
    // keeps nothing waiting: `close` writes at once
    this.#timer ??= setTimeout(() => this.#write(), writeInterval).unref();
  }

  /** One write at a time, in order. */
  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = "";
    if (lines === "" || this.#broken) return;
    this.#writing = this.#writing.then(async () => {
      if (this.#broken) return;
      try {
        await this.#file.appendFile(lines);
      } catch (error) {
        this.#broken = true;
        this.#onTrouble(error);
      }
    });
  }

  #showLife(): void {
    const time = new Date();
    this.#file.utimes(time, time).catch(() => undefined);
  }
}

const withoutFresh = (
  event: Extract<RunEvent, { type: "run-started" }>,
): Extract<RunEvent, { type: "run-started" }> => ({
  ...event,
  tasks: event.tasks.filter(({ state }) => state !== "fresh"),
});
