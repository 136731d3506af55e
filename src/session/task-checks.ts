import type { RunnerOptions } from "../runner/index.ts";
import { findStepKind, type KindCatalog, loadCatalog } from "../steps/load-kinds.ts";
import { checkEngines } from "./engine-check.ts";
import { checkSlurmSteps, openSlurm, type SlurmChoice } from "./slurm.ts";

export type TaskChecks = Required<
  Pick<
    RunnerOptions,
    "preflight" | "checkEngines" | "checkExecutors" | "executors" | "outputBytes" | "gpuEngine"
  >
>;

/** What can be said of tasks before they run, by the kinds of the catalog at this path: those of this program without one. */
export function taskChecks(catalogPath?: string, slurm: SlurmChoice = {}): TaskChecks {
  let catalog: Promise<KindCatalog> | undefined;
  const findKind = (kind: string) =>
    findStepKind(kind, () => {
      catalog ??= loadCatalog(catalogPath);
      return catalog;
    });
  return {
    // what is found without a place gets that of the step
    preflight: async ({ kind, location, ...context }) => {
      const found = (await (await findKind(kind)).preflight?.(context)) ?? [];
      return found.map((diagnostic) => ({ ...diagnostic, location: diagnostic.location ?? location }));
    },
    // nothing where the inputs cannot be read, which the preflight tells
    outputBytes: async ({ kind, ...context }) =>
      (await findKind(kind)).outputBytes?.(context).catch(() => undefined),
    checkEngines,
    checkExecutors: checkSlurmSteps(slurm),
    executors: { slurm: openSlurm(slurm) },
    // loaded only where the machine has several GPUs
    gpuEngine: {
      name: "webgpu",
      mayBe: (asked) => asked === "auto" || asked === "webgpu",
      survey: async (gpus) => (await import("../compute/engines.ts")).surveyGpus(gpus),
    },
  };
}
