import { isAbsolute } from "node:path";
import type { OutputBytes, Preflight, RunnerOptions } from "../runner/index.ts";
import { stepKinds } from "../steps/catalog.ts";
import type { StepKind } from "../steps/step-kind.ts";
import { loadStepKind } from "../steps/step-module.ts";

/** Looks over a task with its kind's own preflight; what it finds without a place gets that of the step. */
export const preflightTask: Preflight = async ({ kind, location, ...context }) => {
  const stepKind = await findKind(kind);
  const found = (await stepKind?.preflight?.(context)) ?? [];
  return found.map((diagnostic) => ({ ...diagnostic, location: diagnostic.location ?? location }));
};

/** What a kind says of the size of its outputs; nothing where its inputs cannot be read, which the preflight tells. */
export const outputBytesOfTask: OutputBytes = async ({ kind, ...context }) =>
  (await findKind(kind))?.outputBytes?.(context).catch(() => undefined);

const findKind = (kind: string): Promise<StepKind | undefined> =>
  isAbsolute(kind) ? loadStepKind(kind) : Promise.resolve(stepKinds.get(kind));

/** Loaded only where the machine has several GPUs. */
export const surveyGpus: NonNullable<RunnerOptions["surveyGpus"]> = async (gpus) =>
  (await import("../compute/engines.ts")).surveyGpus(gpus);
