/**
 * The runner: plans a workflow, runs what is stale, keeps the results. Speaks in `RunEvent`s only. What a run with nothing to
 * do needs not load has doors of its own: upkeep, watch, drawing, provenance, report, revisions.
 */

export { groupAlike, reasonsText } from "./alike-tasks.ts";
export type {
  EventSink,
  PlannedTask,
  Reason,
  RunEvent,
  StateCounts,
  TaskOutcome,
  TaskState,
} from "./events.ts";
export { lastLogs, readMetrics, type TaskLog, type TaskMetrics } from "./history.ts";
export type { Job, JobError, WorkerCommand, WorkerMessage } from "./job.ts";
export { type Layout, layoutOf } from "./layout.ts";
export type { Plan, PlanOptions, Preflight, PreflightRequest, RunnerOptions, RunSummary } from "./options.ts";
export { planWorkflow } from "./plan.ts";
export { paceMeter } from "./progress.ts";
export { runWorkflow } from "./run.ts";
