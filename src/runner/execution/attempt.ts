/** One attempt at a task: a folder of its own to write in, a log, a job; the results are published elsewhere. */
import { readdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { maskOf } from "../../schema/values/environment-mask.ts";
import type { Job, WorkerMessage } from "../../task/job.ts";
import type { EventSink, Reason, TaskUse } from "../events.ts";
import type { Executor, Failure, JobOutcome, JobStart } from "../executor.ts";
import type { Grant } from "../machine/resources.ts";
import { measureUse } from "../machine/use-meter.ts";
import type { Project } from "../project.ts";
import { type LogFile, logHeading } from "../record/log-file.ts";
import { type TakenOutputs, takenOutputs } from "../results/taken-outputs.ts";
import { isLeftOver, newMark } from "../store/process-mark.ts";
import type { Task } from "../tasks/graph.ts";
import { isModuleKind, jobClasses, jobParameters, jobRows } from "../tasks/inputs.ts";
import type { TaskKeys } from "../tasks/key.ts";
import { type AttemptRecord, forgottenAttempts, newAttemptName } from "./attempt-record.ts";
import { checkpointFolder } from "./checkpoints.ts";
import type { InputLooks } from "./input-looks.ts";
import { paceMeter } from "./progress.ts";
import { runJob } from "./run-job.ts";
import { takeOutputs } from "./take-outputs.ts";

export interface AttemptRequest {
  readonly task: Task;
  readonly keys: TaskKeys;
  readonly reasons: readonly Reason[];
  /** 1 for the first try of this run. */
  readonly number: number;
  readonly failures: readonly Failure[];
  readonly expectedSeconds: number | undefined;
  readonly grant: Grant;
  readonly engine: string;
  readonly log: LogFile;
  readonly stop: AbortSignal;
  /** What was seen of the inputs before. */
  readonly looks: InputLooks;
  /** An earlier head's attempt, whose job is listened to instead of submitting one. */
  readonly record?: AttemptRecord;
  /** Told when the job has been handed over to something that may let it wait. */
  readonly onQueued: (id: string) => void;
  /** Told when it works. */
  readonly onStarted: (start: JobStart) => void;
}

export interface Attempt {
  readonly outcome: JobOutcome;
  /** Absolute path by output port, inside the attempt's folder. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** As the step reported it. */
  readonly engine?: string;
  readonly use?: TaskUse;
  /** `device:inode` of files of which the job made its outputs hard links. */
  readonly linked: ReadonlySet<string>;
  /** Where the job outlives its head: what of its outputs is in the cache already. */
  readonly taken?: TakenOutputs;
  /** Removes the attempt's folder. */
  discard(): Promise<void>;
}

/** Throws explained system errors; what goes wrong in the job is an outcome. */
export async function makeAttempt(
  request: AttemptRequest,
  project: Project,
  { executor, sink }: { executor: Executor; sink: EventSink },
): Promise<Attempt> {
  const { task, keys, log } = request;
  const name = attemptName(request, executor);
  const folder = join(project.layout.attempts, name);
  const discard = () => rm(folder, { recursive: true, force: true });
  try {
    const job = jobOf(request, project, folder);
    const tell = teller(task, { log, sink });
    const { parameters } = maskOf(project.workflow.environment).recorded({ parameters: job.parameters });
    log.line(logHeading({ ...job, parameters }, { ...request, key: keys.key }));
    const started = performance.now();
    let measured: () => TaskUse | undefined = () => undefined;
    const end = await runJob(job, {
      ...request,
      ...{ project, executor, name, folder },
      onMessage: tell.message,
      onOutput: tell.output,
      onStarted(start) {
        if (start.pid !== undefined) measured = measureUse(task.id, start.pid, sink);
        request.onStarted(start);
      },
    });
    const use = measured();
    const seconds = end.seconds ?? (performance.now() - started) / 1000;
    const { engine } = tell;
    const linked = new Set<string>();
    const { outcome } = end;
    const taken = executor.outlivesHead ? { taken: takenOutputs(folder, project.store) } : {};
    const left = { task, folder, linked, ...taken };
    const checked = outcome.type === "done" ? await takeOutputs(job, left) : outcome;
    return {
      outcome: checked,
      outputs: job.outputs,
      seconds,
      linked,
      discard,
      ...taken,
      ...(engine() && { engine: engine() }),
      ...(use && { use }),
    };
  } catch (error) {
    await discard().catch(() => undefined);
    throw error;
  }
}

const attemptName = ({ task, keys, record }: AttemptRequest, { outlivesHead }: Executor): string =>
  record?.name ?? (outlivesHead ? newAttemptName(task.id, keys.key) : `${task.id}${newMark()}`);

/** Removes what killed runs of this machine left behind; those of living processes stay. */
export async function removeDeadAttempts(folder: string): Promise<void> {
  const dead = await deadAttempts(folder);
  await Promise.all(dead.map((path) => rm(path, { recursive: true, force: true })));
}

/** Folders of attempts whose process is gone, and what nobody came back to, absolute. */
export async function deadAttempts(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const left = names.filter(isLeftOver).map((name) => join(folder, name));
  return [...left, ...(await forgottenAttempts(folder))];
}

function jobOf({ task, keys, grant, engine }: AttemptRequest, project: Project, folder: string): Job {
  const { binding, step } = task;
  const { workflow, graph, layout } = project;
  const outputs = Object.entries(binding.outputs).map(([port, path]) => [
    port,
    join(folder, relative(binding.outputFolder, path)),
  ]);
  return {
    taskId: task.id,
    kind: isModuleKind(step.kind.name) ? resolve(workflow.folder, step.kind.name) : step.kind.name,
    ...(keys.code !== undefined && { code: keys.code }),
    parameters: jobParameters(task, graph),
    rows: jobRows(task, graph),
    classes: jobClasses(task, graph, workflow),
    outputs: Object.fromEntries(outputs),
    checkpointFolder: checkpointFolder({ task, keys, layout, attemptFolder: folder }),
    engine,
    threads: grant.cores,
    memoryBytes: grant.memoryBytes,
  };
}

/** Turns what the worker says into events and log lines. */
function teller(task: Task, { log, sink }: { log: LogFile; sink: EventSink }) {
  const pace = paceMeter();
  let engine: string | undefined;
  let partial = "";
  const message = (message: WorkerMessage) => {
    if (message.type === "progress") {
      sink({ ...message, type: "task-progress", task: task.id, ...pace(message.done, message.total) });
    } else if (message.type === "metrics") {
      log.line(`metrics ${JSON.stringify({ step: message.step, ...message.values })}`);
      sink({ ...message, type: "task-metrics", task: task.id });
    } else if (message.type === "log") {
      log.line(message.text);
      sink({ type: "task-log", task: task.id, text: message.text });
    } else if (message.type === "engine") {
      engine = message.name;
      log.line(`engine ${message.name}`);
      sink({ type: "task-engine", task: task.id, name: message.name });
    }
  };
  const output = (text: string) => {
    log.output(text);
    const lines = (partial + text).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) sink({ type: "task-log", task: task.id, text: line });
  };
  return { message, output, engine: () => engine };
}
