/** What a run needs put together, for every face: command line, library, studio. */

export { loadStepKind } from "../steps/step-module.ts";
export { checkEngines } from "./engine-check.ts";
export { metricsPortsOf } from "./metrics-ports.ts";
export { type CheckOptions, checkWorkflow, runWorkflow, taskChecks } from "./run.ts";
