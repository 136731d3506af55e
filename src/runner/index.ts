/** The runner: plans a workflow, runs what is stale, keeps the results. Speaks in `RunEvent`s only. */

export { drawRails, type RailLine } from "./drawing/graph-rails.ts";
export { drawGraph } from "./drawing/graph-svg.ts";
export { type GraphNode, type GraphView, viewGraph } from "./drawing/graph-view.ts";
export { mermaidGraph } from "./drawing/mermaid.ts";
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
export {
  type FileOrigin,
  type Provenance,
  type TracedInput,
  type TracedTask,
  traceFile,
} from "./provenance/trace.ts";
export { buildReport, type ReportOptions } from "./report/report.ts";
export {
  type ComparedSide,
  type ComparedValue,
  type CompareOptions,
  compareLocks,
  type LockComparison,
} from "./revisions/compare-locks.ts";
export type { WorkflowPlace } from "./revisions/lock-at.ts";
export { type LockRevision, readLockHistory } from "./revisions/lock-history.ts";
export { runWorkflow } from "./run.ts";
