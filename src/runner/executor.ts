/**
 * Where jobs run: processes of this machine (`execution/executors/local.ts`), or whatever keeps a queue of its own, a cluster say. Submitting and
 * watching are two things, so that a head which has died can be followed by another.
 */
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Resources } from "../schema/workflow.ts";
import type { Job, JobError, WorkerMessage } from "../task/job.ts";
import type { Machine, Request } from "./machine/resources.ts";

export interface JobRequest {
  /** Of the attempt: no other attempt of the project has it, and it is fit for the name of a file or a job. */
  readonly name: string;
  /** Of the attempt, absolute: the place where the job writes, the same for it and for the head. */
  readonly folder: string;
  readonly job: Job;
  readonly key: string;
  readonly resources: Request;
  /** Names of devices of its own, as CUDA_VISIBLE_DEVICES takes them; none where the executor finds them. */
  readonly gpus: readonly string[];
  /** What the user allows it to take once it has started. */
  readonly timeSeconds?: number;
  /** As the workflow says, where it says: the rest may be the executor's own to choose. */
  readonly asked: Resources;
  /** How the earlier attempts at it went wrong, the first one first. */
  readonly failures: readonly Failure[];
  /** At work, by the last runs of this step. */
  readonly expectedSeconds?: number;
  /** Aborted when nobody wants it any more. */
  readonly stop: AbortSignal;
}

/** What is remembered of an attempt that failed. */
export type Failure = Pick<JobError, "code" | "blameless">;

/** What finds a job again: enough for another head on another day. */
export interface SubmittedJob extends Pick<JobRequest, "name" | "folder"> {
  /** As `submit` returned it; absent where the head died before that was written down. */
  readonly id?: string;
}

export interface JobStart {
  /** Of the job's process, where it is one of this machine. */
  readonly pid?: number;
  /** Where it runs, where that is elsewhere. */
  readonly host?: string;
  /** For how long it has been at work already. */
  readonly seconds?: number;
}

export interface JobListener {
  /** Told once, when it works: not when it waits in a queue. */
  readonly onStarted: (start: JobStart) => void;
  /** Progress, metrics, log lines and engine; not the end. */
  readonly onMessage: (message: WorkerMessage) => void;
  /** What the job prints, as it comes. */
  readonly onOutput: (text: string) => void;
}

export type JobOutcome =
  | { readonly type: "done" }
  | { readonly type: "interrupted" }
  | { readonly type: "failed"; readonly error: JobError };

/** Of a job that may have ended while nobody looked. */
export interface JobEnd {
  readonly outcome: JobOutcome;
  /** At work, without waiting; absent where the head measures it. */
  readonly seconds?: number;
}

/** A job that somebody listens to. */
export interface WatchedJob {
  /** Never rejects: what goes wrong in the job is an outcome. */
  readonly end: Promise<JobEnd>;
  /** Asks it to stop at a safe point; one that waits is taken back. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface Executor {
  /** As in `executor: slurm`. */
  readonly name: string;
  /** What its jobs share; tasks wait for their part of it. `queues`: it takes what it is given and lets it wait itself. */
  readonly capacity: Machine | "queues";
  /** A later head finds its jobs again, so attempts are written down, and the end of the head is not theirs. */
  readonly outlivesHead: boolean;
  /** It ends jobs over their time itself, also when no head is there. */
  readonly keepsTime?: true;
  /** Hands the job over. Throws coded errors where that is not possible. */
  submit(request: JobRequest): Promise<string>;
  /** Listens to a job from its beginning on; undefined where there is no such job, or nothing can be known of it. */
  attach(job: SubmittedJob, listener: JobListener): Promise<WatchedJob | undefined>;
  /** No later job runs where code of a user's own kind was loaded that may not be what `code` says. */
  forgetCode(code: string | undefined): void;
  close(): Promise<void>;
}

export interface ExecutorOptions {
  /** Module that exports `stepKinds`; the built-in catalog when not given. */
  readonly catalogPath?: string;
  /** Variables of a job that holds these devices, besides those that tomoflow was started with. */
  readonly gpuEnvironment: (gpus: readonly string[]) => Readonly<Record<string, string>>;
  /** Working folder of the jobs. */
  readonly folder: string;
  readonly machine: Machine;
  readonly project: ExecutorProject;
  /** What concerns the run as a whole, for the user: a queue that does not answer. */
  readonly tell: (diagnostic: Diagnostic) => void;
  /** Ends running jobs at once. */
  readonly kill: AbortSignal;
}

/** Of which workflow the jobs are. */
export interface ExecutorProject {
  /** Name of the workflow. */
  readonly name: string;
  /** Of the workflow, absolute. */
  readonly folder: string;
  /** Where tomoflow keeps its files, absolute: every host that runs jobs sees it. */
  readonly stateFolder: string;
}

/** Throws coded errors where it cannot be opened. */
export type OpenExecutor = (options: ExecutorOptions) => Executor | Promise<Executor>;
