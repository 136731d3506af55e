/** What a caller may ask of the runner. */
import type { Diagnostic, Location } from "../core/diagnostic.ts";
import type { ClassDefinition, Parameters } from "../schema/step-description.ts";
import type { WorkflowStep } from "../schema/workflow.ts";
import type { OutputSize, PreflightTable } from "../task/preflight.ts";
import type { TaskRow } from "../task/row.ts";
import type { EventSink, PlannedTask, StateCounts, TaskOutcome } from "./events.ts";
import type { ExecutorProject, OpenExecutor } from "./executor.ts";
import type { GpuEngine } from "./machine/task-gpus.ts";

/** Which tasks to plan, and what to do even though it is up to date. */
export interface PlanOptions {
  /** `step` or `step@row`: only these and what they need. */
  readonly only?: readonly string[];
  /** `step` or `step@row`: run even if fresh or in the cache. */
  readonly force?: readonly string[];
  /** Hash every file again instead of trusting its size and times. */
  readonly verify?: boolean;
}

/** What a run would do with each task, and why. */
export interface Plan {
  /** In dependency order. */
  readonly tasks: readonly PlannedTask[];
  readonly counts: StateCounts;
  /** Wall clock, from the last durations; absent when none is known. */
  readonly estimatedSeconds?: number;
}

/** A task to be looked over, before anything starts or before it starts itself. */
export interface PreflightRequest {
  readonly taskId: string;
  readonly step: string;
  /** Name of the step kind; for `./my-step.mjs`, its absolute path. */
  readonly kind: string;
  /** Of the step in the workflow file. */
  readonly location: Location;
  readonly parameters: Parameters;
  readonly rows: readonly TaskRow[];
  readonly classes: readonly ClassDefinition[];
  /** Absolute paths of the files that earlier tasks have yet to write: there may be none yet, or an older one. */
  readonly pending: ReadonlySet<string>;
  readonly table: PreflightTable;
}

export type Preflight = (request: PreflightRequest) => Promise<readonly Diagnostic[]>;

/** Engines that these steps, or `asked` in their stead, would compute with and that cannot be opened on this machine. */
export type CheckEngines = (
  steps: readonly Pick<WorkflowStep, "id" | "engine" | "location">[],
  asked: string | undefined,
) => Promise<readonly Diagnostic[]>;

/** Executors, by name, that cannot take the jobs of these steps. */
export type CheckExecutors = (
  name: string,
  steps: readonly WorkflowStep[],
  project: ExecutorProject,
) => Promise<readonly Diagnostic[]>;

/** Where the tasks of a step run. */
export const executorNameOf = (
  step: WorkflowStep,
  { executorOf }: Pick<RunnerOptions, "executorOf">,
): string => executorOf?.(step) ?? step.executor;

/** Undefined where the kind of the task cannot tell. */
export type OutputBytes = (request: PreflightRequest) => Promise<OutputSize | undefined>;

/** A say in single tasks while a run goes on: what `watch` steers with. */
export interface TaskControl {
  /** Aborted when this task alone is to stop at a safe point. */
  stopOf(taskId: string): AbortSignal;
  /** Asked when a task is about to work; a text refuses, and tells the user why. */
  refuse(taskId: string, key: string): Promise<string | undefined>;
}

/** How a run is done: what to run, who checks it, what it may use of the machine, and where its events go. */
export interface RunnerOptions extends PlanOptions {
  /** Path or URL of a module that exports `stepKinds`; the built-in catalog when not given. */
  readonly catalogPath?: string;
  /**
   * Looks over a task; an error stops the run before anything starts. A task that waits for others is looked over again when
   * its turn comes; an error then fails it.
   */
  readonly preflight?: Preflight;
  /** Asked about the steps that have something to compute; an error stops the run before anything starts. */
  readonly checkEngines?: CheckEngines;
  /** Where given, a run for whose results the disk has no room does not start. */
  readonly outputBytes?: OutputBytes;
  /**
   * Asked once where the machine has several GPUs that tasks of this engine may share; without it they get what
   * the workflow says, and the engine takes its first GPU.
   */
  readonly gpuEngine?: GpuEngine;
  /** By name: where jobs may run besides the processes of this machine, which are `local`. */
  readonly executors?: Readonly<Record<string, OpenExecutor>>;
  /** Where the tasks of a step run; what the workflow says when not given. */
  readonly executorOf?: (step: WorkflowStep) => string;
  /** Asked about the steps that have something to compute elsewhere; an error stops the run before anything starts. */
  readonly checkExecutors?: CheckExecutors;
  /** Overrides the engine of every step. */
  readonly engine?: string;
  /** Most tasks at a time, of each executor; the number of cores when not given, no limit where it has a queue. */
  readonly jobs?: number;
  /** After a failure go on with what does not depend on it. */
  readonly keepGoing?: boolean;
  /** Asks running tasks to stop at a safe point and starts no more. */
  readonly signal?: AbortSignal;
  /** Kills the workers. */
  readonly kill?: AbortSignal;
  readonly sink: EventSink;
  readonly control?: TaskControl;
  /** Seconds to wait after so many failed attempts of a task with `retries`; 1, 2, 4, … 60 when not given. */
  readonly retryDelaySeconds?: (failures: number) => number;
}

/** How a run ended. */
export interface RunSummary {
  readonly outcome: "done" | "failed" | "interrupted";
  readonly counts: Readonly<Record<TaskOutcome, number>>;
  readonly seconds: number;
  /** What was found before anything started; with an error among them nothing was run. */
  readonly diagnostics: readonly Diagnostic[];
  readonly resultsFolder: string;
}
