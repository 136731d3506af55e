/** Running tasks on a Slurm cluster: loaded only where a step asks for it. */
export { cancelSlurmJobs } from "./cancel-jobs.ts";
export { checkSlurm } from "./check-slurm.ts";
export { type PreviewedBatch, type PreviewOptions, previewBatches } from "./preview.ts";
export { type SlurmOptions, slurmExecutor } from "./slurm-executor.ts";
