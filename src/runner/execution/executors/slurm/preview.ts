/** What a run would submit, without submitting it. */
import { join } from "node:path";
import type { SlurmSettings } from "../../../../schema/slurm/slurm-settings.ts";
import type { Workflow } from "../../../../schema/workflow.ts";
import { requestElsewhere } from "../../../machine/resources.ts";
import { executorNameOf, type PlanOptions, type RunnerOptions } from "../../../options.ts";
import { planProject, stepDurations } from "../../../planning/plan.ts";
import { executorProject, openProject } from "../../../project.ts";
import { batchesFolder } from "./batch.ts";
import { makeBatches } from "./make-batches.ts";
import { mostElements } from "./queue-view.ts";
import { quoted } from "./script.ts";
import { submitWords } from "./submissions.ts";
import { workerWords } from "./worker-words.ts";

export interface PreviewedBatch {
  readonly step: string;
  readonly tasks: readonly string[];
  /** What sbatch gets, to the letter. */
  readonly script: string;
  /** How sbatch is called; its name ends with letters that each submission has of its own. */
  readonly command: string;
}

export type PreviewOptions = PlanOptions & Pick<RunnerOptions, "executorOf" | "catalogPath">;

/**
 * The batches of all tasks that a run would compute on Slurm, step by step. Tasks that wait for others are submitted as these end,
 * maybe in several batches. Throws what `planWorkflow` throws.
 */
export async function previewBatches(
  workflow: Workflow,
  settings: SlurmSettings,
  options: PreviewOptions,
): Promise<readonly PreviewedBatch[]> {
  const project = await openProject(workflow, options);
  try {
    const plan = await planProject(project, options);
    const expected = stepDurations(plan.tasks);
    const tasks = plan.selected.filter(
      ({ id, step }) =>
        ["run", "pending"].includes(plan.judgements.get(id)!.state) &&
        executorNameOf(step, options) === "slurm",
    );
    const needy = tasks.map((task) => {
      const { resources: asked, kind, id } = task.step;
      const resources = { ...requestElsewhere(task), gpus: asked.gpu ?? 0 };
      const seconds = expected.get(id);
      const job = { taskId: task.id, kind: kind.name };
      return {
        asked,
        failures: [],
        resources,
        job,
        ...(seconds !== undefined && { expectedSeconds: seconds }),
      };
    });
    const batches = makeBatches(needy, {
      ...{ settings, workflow: workflow.name, folder: workflow.folder },
      ...{ mostElements: await mostElements(), badNodes: [] },
      workerOf: (needs) => workerWords(needs, options.catalogPath),
    });
    const folder = batchesFolder(executorProject(project));
    return batches.map(({ step, elements, tasks: part, script }) => {
      const name = `tf-${workflow.name}-${step}-XXXXXXXXXX`;
      const command = submitWords(name, join(folder, name), elements).map(quoted).join(" ");
      return { step, tasks: part.map(({ job }) => job.taskId), script, command };
    });
  } finally {
    await project.contents.close();
  }
}
