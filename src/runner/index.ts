/**
 * The runner: plans a workflow, runs what is stale, keeps the results. Speaks in `RunEvent`s only. What a run with nothing to
 * do needs not load has doors of its own: upkeep, watch, drawing, provenance, report, revisions.
 */

export type { Job, JobError, WorkerCommand, WorkerMessage } from "../task/job.ts";
export type {
  EventSink,
  PlannedTask,
  Reason,
  RunEvent,
  StateCounts,
  TaskOutcome,
  TaskState,
} from "./events.ts";
export { localExecutor } from "./execution/executors/local.ts";
export { paceMeter } from "./execution/progress.ts";
export type {
  Executor,
  ExecutorOptions,
  ExecutorProject,
  JobEnd,
  JobListener,
  JobOutcome,
  JobRequest,
  JobStart,
  OpenExecutor,
  SubmittedJob,
  WatchedJob,
} from "./executor.ts";
export { thisMachine } from "./machine/resources.ts";
export type {
  CheckEngines,
  CheckExecutors,
  OutputBytes,
  Plan,
  PlanOptions,
  Preflight,
  PreflightRequest,
  RunnerOptions,
  RunSummary,
} from "./options.ts";
export { groupAlike, reasonsText } from "./planning/alike-tasks.ts";
export { planWorkflow } from "./planning/plan.ts";
export { readMetrics, type TaskMetrics } from "./record/history.ts";
export { type ListRunsOptions, listRuns } from "./record/runs/list-runs.ts";
export { type ReadRunOptions, readRun } from "./record/runs/read-run.ts";
export { signalRun } from "./record/runs/signal-run.ts";
export { type FoundLog, lastLogs, logOfTask, type TaskLog } from "./record/task-logs.ts";
export { checkWorkflow, runWorkflow } from "./run.ts";
export type {
  AskedOptions,
  RecordedEvent,
  RecordedRun,
  RunAsked,
  RunBroken,
  RunRecord,
  RunState,
} from "./run-records.ts";
export { type Layout, layoutOf } from "./store/layout.ts";
export { StatCache } from "./store/stat-cache.ts";
