/** What a run needs put together, for every face: command line, library, studio. */
export { metricsPortsOf } from "./metrics-ports.ts";
export { type CheckOptions, checkWorkflow, runWorkflow } from "./run.ts";
export {
  openSession,
  type Session,
  type SessionOptions,
  type SessionRunOptions,
  type SessionWatchOptions,
  watchFile,
} from "./session.ts";
export { cancelSlurm, previewSlurm, type SlurmChoice } from "./slurm.ts";
