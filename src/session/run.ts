/** Running a loaded workflow, and looking it over beforehand: the same for every face. */
import type { Diagnostic } from "../core/diagnostic.ts";
import {
  checkWorkflow as checkTasks,
  type RunnerOptions,
  type RunSummary,
  runWorkflow as runTasks,
} from "../runner/index.ts";
import type { Workflow } from "../schema/workflow.ts";
import type { SlurmChoice } from "./slurm.ts";
import { taskChecks } from "./task-checks.ts";

/**
 * Runs what is stale. Everything that happens goes to `options.sink`. A run that would fail for what can be seen beforehand does not
 * start: the summary holds the diagnostics. Throws `lock-conflict`, `lock-unreadable`, `unknown-task` and explained system errors.
 */
export const runWorkflow = (
  workflow: Workflow,
  { profile, ...options }: RunnerOptions & SlurmChoice,
): Promise<RunSummary> =>
  runTasks(workflow, { ...taskChecks(options.catalogPath, choiceOf(profile)), ...options });

const choiceOf = (profile: string | undefined): SlurmChoice => (profile === undefined ? {} : { profile });

/** Which tasks `checkWorkflow` looks over, and with which engine. */
export type CheckOptions = Pick<
  RunnerOptions,
  "catalogPath" | "only" | "force" | "verify" | "engine" | "executorOf"
> &
  SlurmChoice;

/**
 * All for which `runWorkflow` would refuse to start, and its warnings, without running anything: missing files, engines that cannot
 * be opened, what the step kinds find in the inputs of every task that is not up to date. Throws what `runWorkflow` throws.
 */
export async function checkWorkflow(
  workflow: Workflow,
  { profile, ...options }: CheckOptions = {},
): Promise<readonly Diagnostic[]> {
  const checks = taskChecks(options.catalogPath, choiceOf(profile));
  const found = await checkTasks(workflow, { ...checks, ...options });
  // a workflow for a cluster may be written and checked elsewhere
  return found.map((each) => (each.code === "slurm-missing" ? { ...each, severity: "warning" } : each));
}
