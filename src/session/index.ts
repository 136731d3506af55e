/** What a run needs put together, for every face: command line, library, studio. */
export { checkEngines } from "./engine-check.ts";
export { metricsPortsOf } from "./metrics-ports.ts";
export { type CheckOptions, checkWorkflow, runWorkflow, taskChecks } from "./run.ts";
export { loadStepKind } from "./step-module.ts";
