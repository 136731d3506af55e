/** A job from handing it over to its end, by a new submission or by coming back to one that an earlier head made. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import type { Job, JobError } from "../../task/job.ts";
import type { Executor, JobEnd, JobListener, JobRequest, JobStart, WatchedJob } from "../executor.ts";
import type { Project } from "../project.ts";
import type { Look } from "../store/stat-cache.ts";
import type { Task } from "../tasks/graph.ts";
import type { AttemptRequest } from "./attempt.ts";
import { writeAttempt } from "./attempt-record.ts";
import { forgetCheckpoints } from "./checkpoints.ts";
import { type TimeLimit, timeLimitOf } from "./time-limit.ts";

export interface RunJobOptions extends AttemptRequest, JobListener {
  readonly project: Project;
  readonly executor: Executor;
  /** Of the attempt. */
  readonly name: string;
  /** Of the attempt, absolute. */
  readonly folder: string;
}

/** Throws explained system errors, and what the executor throws where it cannot take the job. */
export async function runJob(job: Job, options: RunJobOptions): Promise<JobEnd> {
  const { task, stop, executor } = options;
  const limit = timeLimitOf(task, stop);
  const keepsTime = executor.keepsTime === true;
  const listener: JobListener = {
    ...options,
    onStarted(start: JobStart) {
      if (!keepsTime) limit.begin(start.seconds ?? 0);
      options.onStarted(start);
    },
  };
  const watched = await watchJob(job, listener, options);
  if (watched === undefined) return { outcome: { type: "failed", error: lostJob(task, executor) } };
  const release = heed(watched, limit);
  const end = await watched.end;
  release();
  return { ...end, outcome: limit.explain(end.outcome) };
}

/** Listens to the job that the record tells of, if it can be found, else to a new one. */
async function watchJob(
  job: Job,
  listener: JobListener,
  options: RunJobOptions,
): Promise<WatchedJob | undefined> {
  const { record, executor, name, folder, log } = options;
  if (record) {
    const id = record.id === undefined ? {} : { id: record.id };
    const watched = await executor.attach({ name, folder, ...id }, listener);
    if (watched) return watched;
    log.line("the job of an earlier run cannot be found any more: it is submitted again");
  }
  return executor.attach({ name, folder, id: await submit(job, options) }, listener);
}

async function submit(job: Job, options: RunJobOptions): Promise<string> {
  const { task, keys, number, looks, executor, project, name, folder } = options;
  await forgetCheckpoints(job.checkpointFolder, options);
  await makeFolders(job);
  const request = requestOf(job, options);
  if (!executor.outlivesHead) return executor.submit(request);
  const intent = {
    task: task.id,
    key: keys.key,
    executor: executor.name,
    name,
    number,
    ...(options.failures.length > 0 && { failures: options.failures }),
    looks: [...looks].map(recordedLook),
  };
  await writeAttempt(project.layout, intent);
  const id = await executor.submit(request);
  try {
    await writeAttempt(project.layout, { ...intent, id });
  } catch (error) {
    (await executor.attach({ name, folder, id }, options))?.kill();
    throw error;
  }
  options.onQueued(id);
  return id;
}

/** What is in a folder its stamp stands for: a list of thousands of files need not be written down. */
const recordedLook = ([role, look]: readonly [string, Look | undefined]) =>
  [role, look && { content: look.content, stamp: look.stamp }] as const;

function requestOf(job: Job, options: RunJobOptions): JobRequest {
  const { task, keys, grant, name, folder, failures, stop, expectedSeconds } = options;
  const { cores, memoryBytes, gpus } = grant;
  const asked = task.step.resources;
  const { timeSeconds, gpu } = asked;
  return {
    ...{ asked, failures, stop },
    ...(expectedSeconds !== undefined && { expectedSeconds }),
    ...{ name, folder, job, gpus },
    key: keys.key,
    resources: { cores, memoryBytes, gpus: Math.max(gpus.length, gpu ?? 0) },
    ...(timeSeconds !== undefined && { timeSeconds }),
  };
}

async function makeFolders(job: Job): Promise<void> {
  const folders = new Set([job.checkpointFolder, ...Object.values(job.outputs).map((path) => dirname(path))]);
  for (const folder of folders)
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw explainSystemError(error, folder);
    }
}

/** Passes on what the run and the time limit ask for, until the returned function is called. */
function heed(watched: WatchedJob, { stop, kill }: TimeLimit): () => void {
  const [onStop, onKill] = [() => watched.stop(), () => watched.kill()];
  stop.addEventListener("abort", onStop);
  kill.addEventListener("abort", onKill);
  if (stop.aborted) onStop();
  if (kill.aborted) onKill();
  return () => {
    stop.removeEventListener("abort", onStop);
    kill.removeEventListener("abort", onKill);
  };
}

const lostJob = ({ id }: Task, { name }: Executor): JobError => ({
  code: "job-lost",
  message: `the executor ${name} knows nothing of the job of ${id} any more`,
  hint: "run again",
});
