/** How many GPUs a task gets: what the workflow says, and one of several where its engine would take one anyway. */
import { type Diagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { GpuSurvey } from "../../core/gpu/gpu-survey.ts";
import type { UsableGpu } from "../../core/gpu/usable-gpus.ts";
import type { Task } from "../tasks/graph.ts";
import type { LocalMachine } from "./resources.ts";

/** The engine that takes a GPU of the machine by itself, wherever a task may come to it. */
export interface GpuEngine {
  /** For the user. */
  readonly name: string;
  /** Whether a task for which this engine was asked, `auto` among them, may come to it. */
  readonly mayBe: (asked: string) => boolean;
  /** Whether it keeps to the GPUs that it is given. */
  readonly survey: (gpus: readonly UsableGpu[]) => Promise<GpuSurvey>;
}

/** What is known of the GPUs when tasks are given them. */
export interface GpuSharing {
  /** `none` too where the machine has not several, or nothing asks. */
  readonly use: GpuSurvey["use"];
  /** Whether the task may compute with the engine that shares them. */
  readonly mayTake: (task: Task) => boolean;
  readonly warnings: readonly Diagnostic[];
}

/** Asks, once and only where it matters, whether the GPUs can be told apart. `asked`: the engine in place of every step's own. */
export async function surveySharing(
  tasks: readonly Task[],
  { devices: gpus, installedGpus }: LocalMachine,
  { asked, engine }: { readonly asked: string | undefined; readonly engine: GpuEngine | undefined },
): Promise<GpuSharing> {
  const mayTake = ({ step }: Task): boolean =>
    step.kind.usesEngine === true && engine?.mayBe(asked ?? step.engine) === true;
  const matters =
    gpus.length > 0 &&
    Math.max(gpus.length, installedGpus) > 1 &&
    tasks.some((task) => mayTake(task) && !refusesGpus(task));
  if (!matters || engine === undefined) return { use: "none", mayTake, warnings: [] };
  const { use, reason, hint } = await engine.survey(gpus);
  const consequence =
    gpus.length > 1
      ? `this machine has ${gpus.length} GPUs, and tasks of the ${engine.name} engine use one at a time`
      : `the ${engine.name} engine may take another GPU than ${gpus[0]!.name}, the only one given to tasks`;
  const message = `${consequence}: ${reason}`;
  return {
    use,
    mayTake,
    warnings: use === "together" ? [warningDiagnostic("gpus-not-told-apart", message, { hint })] : [],
  };
}

const refusesGpus = ({ step }: Task): boolean => step.resources.gpu === 0;

/**
 * GPUs that the task holds. On a machine with several, one whose engine takes one by itself has one of its own, or all of them
 * where nobody can say which it takes.
 *
 * @param count GPUs of the machine
 */
export function gpusOf(task: Task, count: number, { use, mayTake }: GpuSharing): number {
  const asked = task.step.resources.gpu;
  if (use === "none" || count < 2 || !mayTake(task) || refusesGpus(task)) return asked ?? 0;
  return use === "together" ? count : (asked ?? 1);
}
