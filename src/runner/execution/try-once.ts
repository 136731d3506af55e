/** One try at a task: log, attempt, and what becomes of it: a result, or a trouble to remember. */

import { formatBytes } from "../../core/bytes.ts";
import { maskOf } from "../../schema/values/environment-mask.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { Lease } from "../claims/lease.ts";
import type { EventSink, TaskUse } from "../events.ts";
import type { Executor, Failure, JobStart } from "../executor.ts";
import type { Grant } from "../machine/resources.ts";
import type { Judgement } from "../planning/judge.ts";
import type { Outputs } from "../planning/outputs.ts";
import type { Project } from "../project.ts";
import { type LogFile, openLog } from "../record/log-file.ts";
import { maskedError, maskedLog } from "../record/masked-texts.ts";
import { recordTrouble } from "../record/trouble.ts";
import {
  adoptOutputs,
  giveFiles,
  giveResult,
  keepEditsThroughLinks,
  saveManifest,
} from "../results/publish.ts";
import { keptRemark } from "../results/restore.ts";
import { failedEnd, type TaskEnd } from "../results/task-end.ts";
import { toProjectPath } from "../store/layout.ts";
import type { Task } from "../tasks/graph.ts";
import { type Attempt, makeAttempt } from "./attempt.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import { changedInput, forgetDoubtfulCheckpoints, type InputLooks, lookAtInputs } from "./input-looks.ts";

export interface TryOptions {
  readonly project: Project;
  readonly executor: Executor;
  readonly sink: EventSink;
  /** Asks the task to stop at a safe point. */
  readonly stop: AbortSignal;
  readonly engine: string | undefined;
  readonly lease: Lease;
  readonly grant: Grant;
  /** 1 for the first try of this run. */
  readonly number: number;
  /** How the earlier tries went wrong. */
  readonly failures: readonly Failure[];
  /** At work, by the last runs of this step. */
  readonly expectedSeconds: number | undefined;
  /** An earlier head's try, to be gone on with. */
  readonly record?: AttemptRecord;
}

/** Rejects only when not even a log can be opened. */
export async function tryOnce(task: Task, judgement: Judgement, options: TryOptions): Promise<TaskEnd> {
  const { workflow, layout } = options.project;
  const log = maskedLog(await openLog(layout, task.id), workflow);
  try {
    const end = withMaskedError(
      await attemptAndPublish(task, judgement, { ...options, log }).catch(failedEnd),
      workflow,
    );
    log.line(endLine(end));
    await remember(task, judgement, end, { project: options.project, log });
    return { ...end, logFile: log.path };
  } finally {
    await log.close();
  }
}

/** What is remembered of it is read by later plans. */
const withMaskedError = (end: TaskEnd, { environment }: Workflow): TaskEnd =>
  end.error ? { ...end, error: maskedError(end.error, maskOf(environment)) } : end;

async function attemptAndPublish(
  task: Task,
  judgement: Judgement,
  options: TryOptions & { readonly log: LogFile },
): Promise<TaskEnd> {
  const { project, log, lease, number, grant, record, executor, sink } = options;
  const looks = record ? new Map(record.looks) : await lookAtInputs(judgement, project);
  const request = {
    task,
    keys: judgement.keys!,
    reasons: judgement.reasons,
    ...{ number, grant, failures: options.failures, expectedSeconds: options.expectedSeconds },
    engine: options.engine ?? task.step.engine,
    log,
    stop: options.stop,
    looks,
    ...(record && { record }),
    onQueued: (job: string) => sink({ ...eventOf(task, "task-queued"), executor: executor.name, job }),
    onStarted(start: JobStart) {
      sink(startEvent(task, judgement, { ...options, start }));
      // a lease that does not name its worker is still a lease
      if (start.pid !== undefined) void lease.useWorker(start.pid).catch(() => undefined);
    },
  };
  const attempt = await makeAttempt(request, project, options);
  try {
    const end = await publish(task, judgement, { ...options, attempt, looks });
    return { ...end, ...(attempt.use && { use: attempt.use }) };
  } finally {
    await attempt.discard().catch(() => undefined);
  }
}

async function publish(
  task: Task,
  judgement: Judgement,
  {
    project,
    executor,
    attempt,
    looks,
  }: Pick<TryOptions, "project" | "executor"> & { readonly attempt: Attempt; readonly looks: InputLooks },
): Promise<TaskEnd> {
  const { outcome, seconds } = attempt;
  const outputs = outcome.type === "done" ? await adopt(task, judgement, { attempt, project }) : undefined;
  // after the hashing of the outputs, which takes a while: the later the look, the more it sees
  const changed = await changedInput(judgement, { looks, linked: attempt.linked }, project);
  if (changed !== undefined) {
    await forgetDoubtfulCheckpoints(judgement, project);
    if (changed.role.startsWith("code")) executor.forgetCode(judgement.keys?.code);
  }
  if (outcome.type === "interrupted") return { outcome: "interrupted", seconds };
  if (outcome.type === "failed") return { outcome: "failed", seconds, error: outcome.error };
  const { contents, kept } = outputs!;
  if (changed !== undefined) {
    const moved = await giveFiles(task, judgement, contents, project);
    const detail = `${changed.path} ${changed.how} while ${task.id} was reading it: run again`;
    const remark = keptRemark([...kept, ...moved]).detail;
    return { outcome: "tainted", seconds, detail: remark === undefined ? detail : `${detail}; ${remark}` };
  }
  const manifest = await saveManifest(task, judgement, { outputs: contents, finished: attempt, project });
  const moved = await giveResult(task, judgement, { manifest, project });
  return { outcome: "done", seconds, outputs: contents, ...keptRemark([...kept, ...moved]) };
}

async function adopt(
  task: Task,
  judgement: Judgement,
  { attempt, project }: { readonly attempt: Attempt; readonly project: Project },
): Promise<{ readonly contents: Outputs; readonly kept: readonly string[] }> {
  const kept = await keepEditsThroughLinks(task, judgement, project);
  return { contents: await adoptOutputs(attempt, project), kept };
}

async function remember(
  task: Task,
  { keys }: Judgement,
  { outcome, error, detail }: TaskEnd,
  { project, log }: { project: Project; log: LogFile },
): Promise<void> {
  if (outcome !== "failed" && outcome !== "interrupted" && outcome !== "tainted") return;
  const message = error?.message ?? detail ?? "";
  const logFile = toProjectPath(project.layout, log.path);
  // on a full disk even this may fail, and the failure itself has been told already
  await recordTrouble(project.layout, task.id, { outcome, key: keys!.key, message, logFile }).catch(
    () => undefined,
  );
}

function startEvent(
  task: Task,
  { reasons }: Judgement,
  {
    log,
    number,
    grant,
    start,
  }: Pick<TryOptions, "number" | "grant"> & { readonly log: LogFile; readonly start: JobStart },
) {
  return {
    ...eventOf(task, "task-started"),
    reasons,
    attempt: number,
    logFile: log.path,
    ...(start.host === undefined ? { resources: grant } : { host: start.host }),
  };
}

function eventOf<Type extends string>({ id, step, binding: { row } }: Task, type: Type) {
  return { type, task: id, step: step.id, ...(row !== undefined && { row }) };
}

const endLine = ({ outcome, error, detail, use }: TaskEnd): string =>
  [`# ${outcome}`, error?.message, error?.hint, error?.stack, detail, useText(use)]
    .filter((part) => part)
    .join("\n# ");

const useText = (use: TaskUse | undefined): string | undefined =>
  use && `used ${use.cores.toFixed(1)} cores on average, ${formatBytes(use.memoryBytes)} of memory at most`;
