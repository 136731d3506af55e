import { isAbsolute } from "node:path";
import type { Preflight, RunnerOptions } from "../runner/index.ts";
import { stepKinds } from "../steps/catalog.ts";
import { loadStepKind } from "./step-module.ts";

/** Looks over a task with its kind's own preflight; what it finds without a place gets that of the step. */
export const preflightTask: Preflight = async ({ kind, location, ...context }) => {
  const stepKind = isAbsolute(kind) ? await loadStepKind(kind) : stepKinds.get(kind);
  const found = (await stepKind?.preflight?.(context)) ?? [];
  return found.map((diagnostic) => ({ ...diagnostic, location: diagnostic.location ?? location }));
};

/** Loaded only where the machine has several GPUs. */
export const surveyGpus: NonNullable<RunnerOptions["surveyGpus"]> = async (gpus) =>
  (await import("../compute/engines.ts")).surveyGpus(gpus);
