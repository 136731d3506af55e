/** One task from its turn to its end: lease, a last look, tries. */

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Diagnostic, describePlace } from "../core/diagnostic.ts";
import { isAbort, TomoflowError } from "../core/error.ts";
import type { EventSink } from "./events.ts";
import type { Executor } from "./executors/executor.ts";
import type { Task } from "./graph.ts";
import { type Judgement, judgeTask } from "./judge.ts";
import { acquireLease, type Lease } from "./lease.ts";
import type { Preflight } from "./options.ts";
import type { Outputs } from "./outputs.ts";
import { preflightRequest } from "./preflight.ts";
import type { Project } from "./project.ts";
import type { Grant } from "./resources.ts";
import { restoreTask } from "./restore.ts";
import { failedEnd, type TaskEnd } from "./task-end.ts";
import { tryOnce } from "./try-once.ts";

export interface PerformOptions {
  readonly project: Project;
  readonly executor: Executor;
  readonly sink: EventSink;
  readonly stop: AbortSignal;
  /** Engine asked for on the command line. */
  readonly engine: string | undefined;
  readonly forced: ReadonlySet<string>;
  /** Absent where the task was looked over already, with all its files. */
  readonly preflight: Preflight | undefined;
  /** What was found before the run, and need not be told again. */
  readonly told: readonly Diagnostic[];
  /** Outputs of the tasks before, by task id. */
  readonly upstream: ReadonlyMap<string, Outputs>;
}

/** Never rejects: what goes wrong is the end of the task. */
export async function performTask(task: Task, grant: Grant, options: PerformOptions): Promise<TaskEnd> {
  try {
    return await underLease(task, options, (lease) => performNow(task, { ...options, lease, grant }));
  } catch (error) {
    if (isAbort(error) || options.stop.aborted) return { outcome: "interrupted", seconds: 0 };
    return failedEnd(error);
  }
}

/** State of a task whose earlier tasks have ended, with files looked at anew. */
export function judgeNow(
  task: Task,
  { project, upstream, forced }: Pick<PerformOptions, "project" | "upstream" | "forced">,
): Promise<Judgement> {
  const contentOf = (path: string) => project.contents.contentOf(path);
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
  if (judgement.state === "fresh") return { outcome: "fresh", seconds: 0, outputs: judgement.outputs! };
  if (judgement.state === "restore") {
    const end = await restoreTask(task, judgement, options);
    if (end) return end;
  }
  await lookOver(task, options);
  for (let number = 1; ; number++) {
    const end = await tryOnce(task, judgement, { ...options, number });
    if (end.outcome !== "failed" || number > task.step.retries || options.stop.aborted) return end;
    const text = `attempt ${number} failed (${end.error?.message}); trying again`;
    options.sink({ type: "task-log", task: task.id, text });
  }
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
