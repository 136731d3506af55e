/** Slurm for a run: its settings of `slurm.yaml`, the executor, and what can be said beforehand. Loaded where a step asks for it. */
import { TomoflowError } from "../core/error.ts";
import type { Result } from "../core/result.ts";
import type { PreviewedBatch, PreviewOptions } from "../runner/execution/executors/slurm/index.ts";
import type { CheckExecutors, OpenExecutor } from "../runner/index.ts";
import type { Workflow } from "../schema/workflow.ts";

export interface SlurmChoice {
  /** A set of `profiles` in slurm.yaml. */
  readonly profile?: string;
}

/** The executor `slurm`, with the settings of the user and the project at the time when it is opened. */
export const openSlurm =
  (choice: SlurmChoice): OpenExecutor =>
  async (options) => {
    const { slurmExecutor } = await import("../runner/execution/executors/slurm/index.ts");
    const settings = await settingsIn(options.project.folder, choice);
    if (!settings.ok)
      throw new TomoflowError("slurm-settings", settings.diagnostics[0]!.message, {
        hint: "look at slurm.yaml",
      });
    return slurmExecutor({ settings: settings.value })(options);
  };

export const checkSlurmSteps =
  (choice: SlurmChoice): CheckExecutors =>
  async (name, steps, project) => {
    if (name !== "slurm") return [];
    const settings = await settingsIn(project.folder, choice);
    if (!settings.ok) return settings.diagnostics;
    const { checkSlurm } = await import("../runner/execution/executors/slurm/index.ts");
    return checkSlurm(steps, settings.value, project);
  };

/** What a run would submit to Slurm: the scripts, to the letter. Throws what `planWorkflow` throws. */
export async function previewSlurm(
  workflow: Workflow,
  { profile, ...options }: SlurmChoice & PreviewOptions,
): Promise<Result<readonly PreviewedBatch[]>> {
  const settings = await settingsIn(workflow.folder, profile === undefined ? {} : { profile });
  if (!settings.ok) return settings;
  const { previewBatches } = await import("../runner/execution/executors/slurm/index.ts");
  return { ok: true, value: await previewBatches(workflow, settings.value, options), diagnostics: [] };
}

const settingsIn = async (folder: string, choice: SlurmChoice) =>
  (await import("../schema/slurm/read-slurm-settings.ts")).readSlurmSettings({ folder, ...choice });

/** Takes back the jobs that runs of this workflow have in Slurm; returns of how many tasks. Throws `slurm-away`. */
export const cancelSlurm = async (workflow: Workflow): Promise<number> =>
  (await import("../runner/execution/executors/slurm/index.ts")).cancelSlurmJobs(workflow);
