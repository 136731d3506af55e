/**
 * A task's process: jobs in and events out over the IPC channel. It stays for the next job until the channel closes,
 * and dies with its head. Its argument is the module that exports `stepKinds`; the built-in catalog without one.
 */
import { explainSystemError, isAbort, TomoflowError } from "./core/error.ts";
import type { Job, JobError, WorkerCommand, WorkerMessage } from "./runner/job.ts";
import { declaredContext } from "./steps/declared-context.ts";
import { findStepKind, loadCatalog } from "./steps/load-kinds.ts";
import type { RunContext, StepReport } from "./steps/step-kind.ts";

/** Milliseconds between progress messages: steps report as often as they like. */
const progressInterval = 50;

let current: AbortController | undefined;
const headPid = process.ppid;

// Ctrl-C and a terminal that closes reach the whole process group: the head decides what they mean and sends `stop`
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => undefined);
// what ends services and batch jobs reaches all of their processes too, but may be meant for this one alone
process.on("SIGTERM", () => current?.abort());
process.on("disconnect", () => process.exit(current ? 1 : 0));
process.on("message", (command: WorkerCommand) => {
  if (command.type === "stop") current?.abort();
  else void work(command.job);
});
send({ type: "ready" });

async function work(job: Job): Promise<void> {
  const controller = new AbortController();
  current = controller;
  const end = await perform(job, controller.signal);
  current = undefined;
  send(end);
}

async function perform(job: Job, signal: AbortSignal): Promise<WorkerMessage> {
  const reporter = throttled();
  try {
    const kind = await findStepKind(job.kind, () => loadCatalog(process.argv[2]));
    const { report } = reporter;
    const runProgram: RunContext["runProgram"] = async (words, options = {}) =>
      (await import("./steps/run-program.ts")).runProgram(words, options, { ...job, signal, report });
    const { outputs, checkpointFolder, engine, threads, memoryBytes } = job;
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
    if (waiting) send(waiting);
    waiting = undefined;
    last = performance.now();
  };
  const report = (message: StepReport) => {
    // a step that computes for long without a pause does not see its channel close
    if (process.ppid !== headPid) process.exit(1);
    if (message.type !== "progress") {
      send(message);
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

function send(message: WorkerMessage | StepReport): void {
  if (process.connected) process.send?.(message, () => undefined);
}
