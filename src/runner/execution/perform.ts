/** One task from its turn to its end: lease, a last look, tries. */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Diagnostic, describePlace } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { acquireLease, type Lease } from "../claims/lease.ts";
import { pause } from "../claims/pause.ts";
import type { EventSink } from "../events.ts";
import type { Executor, Failure } from "../executor.ts";
import type { Grant } from "../machine/resources.ts";
import type { Preflight, TaskControl } from "../options.ts";
import { type Judgement, type JudgeOptions, judgeTask } from "../planning/judge.ts";
import type { Outputs } from "../planning/outputs.ts";
import { preflightRequest } from "../planning/preflight.ts";
import type { Project } from "../project.ts";
import { restoreTask } from "../results/restore.ts";
import { failedEnd, skippedEnd, type TaskEnd } from "../results/task-end.ts";
import type { Task } from "../tasks/graph.ts";
import { lookAtInput } from "../tasks/input-content.ts";
import { type AttemptNames, type AttemptRecord, listAttempts, recordedAttempts } from "./attempt-record.ts";
import { tryOnce } from "./try-once.ts";

export interface PerformOptions {
  readonly project: Project;
  readonly executor: Executor;
  readonly sink: EventSink;
  readonly stop: AbortSignal;
  readonly control: TaskControl | undefined;
  readonly retryDelaySeconds: ((failures: number) => number) | undefined;
  /** Engine asked for on the command line. */
  readonly engine: string | undefined;
  readonly forced: ReadonlySet<string>;
  /** Absent where the task was looked over already, with all its files. */
  readonly preflight: Preflight | undefined;
  /** What was found before the run, and need not be told again. */
  readonly told: readonly Diagnostic[];
  /** Attempts that were there when the run began. */
  readonly attemptNames: () => Promise<AttemptNames>;
  /** At work, by the last runs of its step. */
  readonly expectedSeconds: number | undefined;
  /** Outputs of the tasks before, by task id. */
  readonly upstream: ReadonlyMap<string, Outputs>;
}

/** Never rejects: what goes wrong is the end of the task. */
export async function performTask(task: Task, grant: Grant, given: PerformOptions): Promise<TaskEnd> {
  const { control } = given;
  const stop = control ? AbortSignal.any([given.stop, control.stopOf(task.id)]) : given.stop;
  const options = { ...given, stop };
  try {
    return await underLease(task, options, (lease) => performNow(task, { ...options, lease, grant }));
  } catch (error) {
    if (options.stop.aborted) return { outcome: "interrupted", seconds: 0 };
    return failedEnd(error);
  }
}

/** State of a task whose earlier tasks have ended, with files looked at anew. */
export function judgeNow(
  task: Task,
  { project, upstream, forced }: Pick<PerformOptions, "project" | "upstream" | "forced">,
): Promise<Judgement> {
  const contentOf: JudgeOptions["contentOf"] = async (input) =>
    (await lookAtInput(input, project.contents))?.content;
  return judgeTask(task, project, { upstream, forced: forced.has(task.id), contentOf });
}

/** Tasks that share checkpoints, in this run and others, go one after the other. */
async function underLease(
  task: Task,
  options: PerformOptions,
  action: (lease: Lease) => Promise<TaskEnd>,
): Promise<TaskEnd> {
  const { project, sink, stop } = options;
  const tell = (text: string) => sink({ type: "task-log", task: task.id, text });
  const { lineage } = (await judgeNow(task, options)).keys ?? {};
  if (lineage === undefined) throw inputsVanished(task);
  const lease = await acquireLease(join(project.layout.leases, lineage), {
    task: task.id,
    signal: stop,
    onWait: ({ task: other, pid, host }) => tell(`waits for ${other}, at work in process ${pid} on ${host}`),
    onTakeOver: ({ pid, host }) => tell(`takes over from a run that has ended (process ${pid} on ${host})`),
  });
  try {
    return await action(lease);
  } finally {
    await lease.release();
  }
}

async function performNow(
  task: Task,
  options: PerformOptions & { readonly lease: Lease; readonly grant: Grant },
): Promise<TaskEnd> {
  // inputs may have changed, or another run may have made it, while this one waited for its turn
  const judgement = await judgeNow(task, options);
  if (judgement.keys === undefined) throw inputsVanished(task);
  const record = await attemptToGoOnWith(task, judgement, options);
  if (judgement.state === "fresh") return { outcome: "fresh", seconds: 0, outputs: judgement.outputs! };
  if (judgement.state === "restore") {
    const end = await restoreTask(task, judgement, options);
    if (end) return end;
  }
  await lookOver(task, options);
  const refusal = await options.control?.refuse(task.id, judgement.keys.key);
  if (refusal !== undefined) return skippedEnd(refusal);
  const failures: Failure[] = [...(record?.failures ?? [])];
  for (let number = record?.number ?? 1, goOn = record; ; number++, goOn = undefined) {
    const end = await tryOnce(task, judgement, {
      ...{ ...options, number, failures: [...failures] },
      ...(goOn && { record: goOn }),
    });
    // the head before this one died while it took the outputs: what it has taken is a result of nobody
    if (goOn && end.error?.code === "output-not-written") continue;
    if (end.outcome !== "failed" || options.stop.aborted) return end;
    const { code, blameless } = end.error!;
    failures.push({ code, ...(blameless && { blameless }) });
    if (number - forgiven(failures) > task.step.retries) return end;
    await waitForRetry(task, end, { ...options, number, forgiven: forgiven(failures) });
  }
}

/** Failures that are not counted among the `retries` of a task: it had no part in them, and they are few. */
const forgiven = (failures: readonly Failure[]): number =>
  Math.min(mostForgiven, failures.filter(({ blameless }) => blameless).length);

const mostForgiven = 5;

/**
 * An attempt of a head that is gone, whose job works at this very result, or has done. Jobs at results that nobody wants any more are
 * ended, and their attempts removed.
 */
async function attemptToGoOnWith(
  { id }: Task,
  { keys, state, reasons }: Judgement,
  { executor, project: { layout }, attemptNames, lease }: PerformOptions & { readonly lease: Lease },
): Promise<AttemptRecord | undefined> {
  if (!executor.outlivesHead) return undefined;
  // a head that has died since those were listed has left its lease
  const names = await (lease.hadOther ? listAttempts(layout) : attemptNames());
  const records = await recordedAttempts(layout, names.get(id) ?? []);
  const ours = records.filter(({ task, executor: name }) => task === id && name === executor.name);
  const forced = reasons.some(({ code }) => code === "forced");
  const wanted = state === "run" && !forced ? ours.findLast(({ key }) => key === keys!.key) : undefined;
  for (const record of ours.filter((each) => each !== wanted)) {
    const { name, id: job } = record;
    const folder = join(layout.attempts, name);
    const silent = { onStarted: () => undefined, onMessage: () => undefined, onOutput: () => undefined };
    const watched = await executor.attach({ name, folder, ...(job !== undefined && { id: job }) }, silent);
    watched?.kill();
    await watched?.end;
    await rm(folder, { recursive: true, force: true });
  }
  return wanted;
}

/** What failed for want of something (a licence, a network disk) may not at once have it. */
const doubling = (failures: number): number => Math.min(60, 2 ** (failures - 1));

/** Rejects when the wait is stopped. */
async function waitForRetry(
  task: Task,
  { error }: TaskEnd,
  options: PerformOptions & { readonly number: number; readonly forgiven: number },
): Promise<void> {
  const { number: attempt, retryDelaySeconds = doubling, sink, stop } = options;
  const seconds = retryDelaySeconds(attempt);
  const attempts = task.step.retries + 1 + options.forgiven;
  sink({ type: "task-retrying", task: task.id, attempt, attempts, seconds, error: error! });
  await pause(seconds * 1000, stop);
}

async function lookOver(task: Task, { preflight, project, sink, told }: PerformOptions): Promise<void> {
  const diagnostics = (await preflight?.(preflightRequest(task, project))) ?? [];
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  for (const diagnostic of diagnostics)
    if (diagnostic.severity !== "error" && !told.some((known) => isDeepStrictEqual(known, diagnostic)))
      sink({ type: "diagnostic", diagnostic });
  const messages = errors.map((error) => messageWithPlace(error, task)).join("; ");
  if (errors.length > 0) throw new TomoflowError("preflight", messages, { hint: errors[0]?.hint });
}

/** A mistake in a file other than the workflow is told with its place there. */
function messageWithPlace(diagnostic: Diagnostic, { step }: Task): string {
  const place = diagnostic.location?.file === step.location.file ? "" : describePlace(diagnostic);
  return `${place}${place && ": "}${diagnostic.message}`;
}

const inputsVanished = (task: Task): TomoflowError =>
  new TomoflowError("file-missing", `an input of ${task.id} is not there any more`, { hint: "run again" });
