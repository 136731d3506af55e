/** One workflow file, opened for all that can be done with it: what the command line, scripts and the studio have in common. */
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Result } from "../core/result.ts";
import {
  type Plan,
  type PlanOptions,
  planWorkflow,
  type RunnerOptions,
  type RunSummary,
} from "../runner/index.ts";
import type { WatchOptions } from "../runner/watch/index.ts";
import { type LoadOptions, loadWorkflow } from "../schema/load-workflow.ts";
import type { Workflow } from "../schema/workflow.ts";
import { loadCatalog } from "../steps/load-kinds.ts";
import { loadStepKind } from "../steps/step-module.ts";
import { type CheckOptions, checkWorkflow, runWorkflow } from "./run.ts";
import { type TaskChecks, taskChecks } from "./task-checks.ts";

/** How a workflow is opened. */
export interface SessionOptions extends Pick<LoadOptions, "set" | "variant" | "environment" | "text"> {
  /** Path or URL of a module that exports `stepKinds`; the built-in kinds when not given. */
  readonly catalogPath?: string;
  /** A set of `profiles` in slurm.yaml, for what runs on Slurm. */
  readonly profile?: string;
}

/** How to run; what checks the tasks beforehand comes from the session. */
export type SessionRunOptions = Omit<RunnerOptions, keyof TaskChecks | "catalogPath">;

/** How `watch` of a session works. */
export interface SessionWatchOptions
  extends Omit<WatchOptions, keyof TaskChecks | "catalogPath" | "workflowPath" | "load"> {
  /** Look at the files every second, for disks that tell of no changes. */
  readonly poll?: boolean;
}

/** A workflow that is open: what the commands do with it. */
export interface Session {
  readonly workflow: Workflow;
  /** All for which `run` would refuse to start, and its warnings; see `checkWorkflow`. */
  check(options?: Omit<CheckOptions, "catalogPath">): Promise<readonly Diagnostic[]>;
  /** What a run would do with each task, and why. Throws `lock-conflict`, `lock-unreadable`, `unknown-task`. */
  plan(options?: PlanOptions): Promise<Plan>;
  /** See `runWorkflow`. */
  run(options: SessionRunOptions): Promise<RunSummary>;
  /** See `watchFile`. */
  watch(options: SessionWatchOptions): Promise<RunSummary["outcome"]>;
}

/**
 * Loads a workflow with the step kinds of this program and of the user. The result's diagnostics are the mistakes in the file, or its
 * warnings. Throws what `loadCatalog` throws.
 */
export async function openSession(path: string, options: SessionOptions = {}): Promise<Result<Session>> {
  const loaded = await loadForSession(path, options);
  if (!loaded.ok) return loaded;
  const workflow = loaded.value;
  const { catalogPath, profile } = options;
  const slurm = profile === undefined ? {} : { profile };
  const session: Session = {
    workflow,
    check: (checkOptions) => checkWorkflow(workflow, { ...checkOptions, catalogPath, ...slurm }),
    plan: (planOptions) => planWorkflow(workflow, planOptions),
    run: (runOptions) => runWorkflow(workflow, { ...runOptions, catalogPath, ...slurm }),
    watch: (watchOptions) => watchFile(path, options, watchOptions),
  };
  return { ok: true, value: session, diagnostics: loaded.diagnostics };
}

/**
 * Runs the workflow, and again whenever something that it is made of changes, until `signal` aborts; returns how the last run ended.
 * The file may be wrong: that is told, and it is looked at again when it changes. Throws what `runWorkflow` throws, and `watch-limit`.
 */
export async function watchFile(
  path: string,
  options: SessionOptions,
  { poll = false, ...watching }: SessionWatchOptions,
): Promise<RunSummary["outcome"]> {
  const { diskWatcher, watchWorkflow } = await import("../runner/watch/index.ts");
  const { catalogPath, profile } = options;
  return watchWorkflow({
    startWatcher: diskWatcher({ poll }),
    ...watching,
    ...taskChecks(catalogPath, profile === undefined ? {} : { profile }),
    ...(catalogPath !== undefined && { catalogPath }),
    workflowPath: path,
    load: () => loadForSession(path, options),
  });
}

/** Loads a workflow as a session does, for those that only look at it. */
export async function loadForSession(
  path: string,
  { catalogPath, profile: _, ...options }: SessionOptions = {},
): Promise<Result<Workflow>> {
  return loadWorkflow(path, { ...options, catalog: await loadCatalog(catalogPath), loadStepKind });
}
