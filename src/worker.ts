/**
 * A task's process. As a child of its head: jobs in and events out over the IPC channel; it stays for the next job until
 * the channel closes, and dies with its head. On its own, with `--attempt FOLDER`: one job, through the files of
 * `task/job-folder.ts`, whatever becomes of the head. An argument beside that is the module that exports `stepKinds`; the
 * built-in catalog without one.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { hostname, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { explainSystemError, isAbort, TomoflowError } from "./core/error.ts";
import { declaredContext } from "./steps/declared-context.ts";
import { keepEngine } from "./steps/engine-shelf.ts";
import { findStepKind, loadCatalog } from "./steps/load-kinds.ts";
import type { RunContext, StepReport } from "./steps/step-kind.ts";
import type { Job, JobError, WorkerCommand, WorkerMessage } from "./task/job.ts";
import { type JobEvent, jobFiles } from "./task/job-folder.ts";

/** Milliseconds between progress messages: steps report as often as they like. */
const progressInterval = 50;

/** Part of a machine's memory that a job may plan with where nobody said how much. */
const usableMemory = 0.8;

/** Milliseconds between looks for the file that asks to stop. */
const stopInterval = 500;

let current: AbortController | undefined;
const headPid = process.ppid;
const { values: options, positionals } = parseArgs({
  options: { attempt: { type: "string" } },
  allowPositionals: true,
});
const catalog = positionals[0];

// Ctrl-C and a terminal that closes reach the whole process group: the head decides what they mean and sends `stop`
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => undefined);
// what ends services and batch jobs reaches all of their processes too, but may be meant for this one alone
process.on("SIGTERM", () => current?.abort());
const say = options.attempt === undefined ? obeyHead() : workAlone(options.attempt);

function obeyHead(): (message: WorkerMessage) => void {
  keepEngine();
  process.on("disconnect", () => process.exit(current ? 1 : 0));
  process.on("message", (command: WorkerCommand) => {
    if (command.type === "stop") current?.abort();
    else void work(command.job);
  });
  const tell = (message: WorkerMessage): void => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  tell({ type: "ready" });
  return tell;
}

function workAlone(attempt: string): (message: WorkerMessage) => void {
  const files = jobFiles(attempt);
  const events = openSync(files.events, "a");
  const tell = (message: WorkerMessage | { type: "started"; pid: number; host: string }): void => {
    writeSync(events, `${JSON.stringify({ time: Date.now(), ...message } as JobEvent)}\n`);
  };
  tell({ type: "started", pid: process.pid, host: hostname() });
  const timer = setInterval(() => existsSync(files.stop) && current?.abort(), stopInterval);
  // in a turn of its own: `say` has to be there
  setImmediate(async () => {
    await work(JSON.parse(readFileSync(files.job, "utf8")) as Job);
    clearInterval(timer);
    fsyncSync(events);
    closeSync(events);
    process.exit(0);
  });
  return tell;
}

async function work(job: Job): Promise<void> {
  const controller = new AbortController();
  current = controller;
  const end = await perform(job, controller.signal);
  current = undefined;
  say(end);
}

async function perform(job: Job, signal: AbortSignal): Promise<WorkerMessage> {
  const reporter = throttled();
  try {
    const kind = await findStepKind(job.kind, () => loadCatalog(catalog));
    const { report } = reporter;
    const runProgram: RunContext["runProgram"] = async (words, options = {}) =>
      (await import("./steps/run-program.ts")).runProgram(words, options, { ...job, signal, report });
    const { outputs, checkpointFolder, engine, threads } = job;
    // whoever queues jobs may leave it to the machine that they come to
    const memoryBytes = job.memoryBytes > 0 ? job.memoryBytes : totalmem() * usableMemory;
    await kind.run({
      ...declaredContext(kind, job),
      ...{ outputs, checkpointFolder, engine, threads, memoryBytes },
      ...{ signal, report, runProgram },
    });
    return { type: "done" };
  } catch (error) {
    if (isAbort(error) && signal.aborted) return { type: "interrupted" };
    return { type: "failed", error: toJobError(error, job) };
  } finally {
    reporter.flush();
  }
}

/** Lets progress through at most every `progressInterval`, the latest always. */
function throttled() {
  let last = Number.NEGATIVE_INFINITY;
  let waiting: StepReport | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting) say(waiting);
    waiting = undefined;
    last = performance.now();
  };
  const report = (message: StepReport) => {
    // a step that computes for long without a pause does not see its channel close
    if (options.attempt === undefined && process.ppid !== headPid) process.exit(1);
    if (message.type !== "progress") {
      say(message);
      return;
    }
    waiting = message;
    const left = last + progressInterval - performance.now();
    if (left <= 0) flush();
    else timer ??= setTimeout(flush, left);
  };
  return { report, flush: () => waiting && flush() };
}

function toJobError(error: unknown, job: Job): JobError {
  const path = (error as NodeJS.ErrnoException | null)?.path ?? Object.values(job.outputs)[0] ?? job.taskId;
  const explained = explainSystemError(error, path);
  if (explained instanceof TomoflowError)
    return {
      code: explained.code,
      message: explained.message,
      ...(explained.hint !== undefined && { hint: explained.hint }),
      ...stackOf(explained.cause),
    };
  const message = explained instanceof Error ? explained.message : String(explained);
  return {
    code: "step-error",
    message,
    hint: "this is a mistake in the step: please report it with the log",
    ...stackOf(error),
  };
}

const stackOf = (error: unknown): { stack?: string } =>
  error instanceof Error && error.stack ? { stack: error.stack } : {};
