/** Where jobs run: processes of this machine (`local.ts`), or a Slurm cluster. */
import type { Job, JobError, WorkerMessage } from "../../job.ts";

export interface ExecutorTask {
  readonly job: Job;
  readonly key: string;
  /** Devices of its own, as CUDA_VISIBLE_DEVICES takes them. */
  readonly gpus: readonly string[];
  /** Asks the job to stop at a safe point. */
  readonly stop: AbortSignal;
  /** Ends this job at once. */
  readonly kill?: AbortSignal;
  /** Progress, metrics, log lines and engine; not the end. */
  readonly onMessage: (message: WorkerMessage) => void;
  /** What the job prints, as it comes. */
  readonly onOutput: (text: string) => void;
  /** Told the process as soon as it works on the job. */
  readonly onProcess: (pid: number) => void;
}

export type JobOutcome =
  | { readonly type: "done" }
  | { readonly type: "interrupted" }
  | { readonly type: "failed"; readonly error: JobError };

export interface ExecutorOptions {
  /** Module that exports `stepKinds`; the built-in catalog when not given. */
  readonly catalogPath?: string;
  /** Variables of a job that holds these devices, besides those that tomoflow was started with. */
  readonly gpuEnvironment: (gpus: readonly string[]) => Readonly<Record<string, string>>;
  /** Working folder of the jobs. */
  readonly folder: string;
  /** Ends running jobs at once. */
  readonly kill: AbortSignal;
}

export interface Executor {
  /** Runs one job to its end; never throws for what goes wrong in the job. */
  run(task: ExecutorTask): Promise<JobOutcome>;
  /** No later job runs where code of a user's own kind was loaded that may not be what `code` says. */
  forgetCode(code: string | undefined): void;
  close(): Promise<void>;
}
