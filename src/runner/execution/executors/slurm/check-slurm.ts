/** Whether Slurm would take the jobs of these steps: what would else be seen hours later, when the first of them is submitted. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../../../../core/diagnostic.ts";
import type { SlurmSettings } from "../../../../schema/slurm/slurm-settings.ts";
import type { WorkflowStep } from "../../../../schema/workflow.ts";
import type { ExecutorProject } from "../../../executor.ts";
import { ask } from "./commands.ts";
import type { NeedyTask } from "./job-options.ts";
import { makeBatches } from "./make-batches.ts";
import { refusalOf } from "./refusal.ts";
import { workerWords } from "./worker-words.ts";

/** Asks with `sbatch --test-only`, once for what several steps ask for alike. Where Slurm does not answer nothing is wrong yet. */
export async function checkSlurm(
  steps: readonly WorkflowStep[],
  settings: SlurmSettings,
  { name, folder }: ExecutorProject,
): Promise<readonly Diagnostic[]> {
  const here = await mkdtemp(join(tmpdir(), "tomoflow-slurm-"));
  try {
    const found: Diagnostic[] = [];
    const asked = new Set<string>();
    for (const step of steps) {
      const batching = { settings, workflow: name, folder, mostElements: 1, badNodes: [] };
      const [batch] = makeBatches([taskOf(step)], {
        ...batching,
        workerOf: (needs) => workerWords(needs, undefined),
      });
      const options = batch!.script.split("\n").filter((line) => line.startsWith("#SBATCH"));
      if (asked.has(options.join())) continue;
      asked.add(options.join());
      const path = join(here, `${asked.size}.sh`);
      await writeFile(path, batch!.script);
      const refusal = refusalOf(await ask(["sbatch", "--test-only", path, here]));
      if (refusal === undefined) continue;
      const { said, hint } = refusal;
      const message = refusal.isAbsent
        ? `step ${step.id} runs on Slurm, and ${said}`
        : `Slurm would refuse the jobs of step ${step.id}: ${said}`;
      const code = refusal.isAbsent ? "slurm-missing" : "slurm-refused";
      found.push(errorDiagnostic(code, message, { location: step.location, hint }));
      // what is missing for one is missing for all
      if (refusal.isAbsent) break;
    }
    return found;
  } finally {
    await rm(here, { recursive: true, force: true });
  }
}

const taskOf = ({ id, kind, resources }: WorkflowStep): NeedyTask => ({
  asked: resources,
  failures: [],
  resources: { cores: 1, memoryBytes: 0, gpus: resources.gpu ?? 0 },
  job: { taskId: id, kind: kind.name },
});
