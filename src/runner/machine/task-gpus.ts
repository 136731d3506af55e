/** How many GPUs a task gets: what the workflow says, and one of several where its engine would take one anyway. */
import { type Diagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { GpuSurvey } from "../../core/gpu/gpu-survey.ts";
import type { UsableGpu } from "../../core/gpu/usable-gpus.ts";
import type { Task } from "../tasks/graph.ts";
import type { LocalMachine } from "./resources.ts";

/** What is known of the GPUs when tasks are given them. */
export interface GpuSharing {
  /** `none` too where the machine has not several, or nothing asks. */
  readonly use: GpuSurvey["use"];
  readonly warnings: readonly Diagnostic[];
}

export type SurveyGpus = (gpus: readonly UsableGpu[]) => Promise<GpuSurvey>;

/** Whether the task computes with the `webgpu` engine where it can. */
export const mayUseWebgpu = ({ step }: Task, engine: string | undefined): boolean =>
  step.kind.usesEngine === true && ["auto", "webgpu"].includes(engine ?? step.engine);

/** Asks, once and only where it matters, whether the GPUs can be told apart. */
export async function surveySharing(
  tasks: readonly Task[],
  { devices: gpus, installedGpus }: LocalMachine,
  { engine, survey }: { readonly engine: string | undefined; readonly survey: SurveyGpus | undefined },
): Promise<GpuSharing> {
  const matters =
    gpus.length > 0 &&
    Math.max(gpus.length, installedGpus) > 1 &&
    tasks.some((task) => mayUseWebgpu(task, engine) && !refusesGpus(task));
  if (!matters || survey === undefined) return { use: "none", warnings: [] };
  const { use, reason, hint } = await survey(gpus);
  const consequence =
    gpus.length > 1
      ? `this machine has ${gpus.length} GPUs, and tasks of the webgpu engine use one at a time`
      : `the webgpu engine may take another GPU than ${gpus[0]!.name}, the only one given to tasks`;
  const message = `${consequence}: ${reason}`;
  return {
    use,
    warnings: use === "together" ? [warningDiagnostic("gpus-not-told-apart", message, { hint })] : [],
  };
}

const refusesGpus = ({ step }: Task): boolean => step.resources.gpu === 0;

/**
 * GPUs that the task holds. On a machine with several, one that computes with `webgpu` has one of its own, or all of them
 * where nobody can say which it takes.
 *
 * @param count GPUs of the machine
 */
export function gpusOf(
  task: Task,
  {
    count,
    use,
    engine,
  }: { readonly count: number; readonly use: GpuSurvey["use"]; readonly engine?: string },
): number {
  const asked = task.step.resources.gpu;
  if (use === "none" || count < 2 || !mayUseWebgpu(task, engine) || refusesGpus(task)) return asked ?? 0;
  return use === "together" ? count : (asked ?? 1);
}
