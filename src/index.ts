/** The public API: what scripts and step kinds of one's own may use. Everything else may change at any time. */
export { listEngines, openEngine } from "./compute/engines.ts";
export { type Diagnostic, formatDiagnostic, type Location } from "./core/diagnostic.ts";
export { TomoflowError } from "./core/error.ts";
export type { Result } from "./core/result.ts";
export { clusterObjects } from "./objects/clustering/cluster-objects.ts";
export { evaluateObjects } from "./objects/evaluation/evaluate-objects.ts";
export { readObjects, writeObjects } from "./objects/formats.ts";
export { objectFormats } from "./objects/object-formats.ts";
export type { ObjectList, TomogramObject } from "./objects/object-list.ts";
export {
  drawGraph,
  type GraphNode,
  type GraphView,
  mermaidGraph,
  viewGraph,
} from "./runner/drawing/index.ts";
export {
  type EventSink,
  lastLogs,
  logOfTask,
  type Plan,
  type PlannedTask,
  type PlanOptions,
  planWorkflow,
  type RunEvent,
  type RunnerOptions,
  type RunSummary,
  readMetrics,
  type TaskOutcome,
  type TaskState,
} from "./runner/index.ts";
export {
  type FileOrigin,
  type Provenance,
  type TracedInput,
  type TracedTask,
  traceFile,
} from "./runner/provenance/index.ts";
export { buildReport, type ReportOptions } from "./runner/report/index.ts";
export {
  type ComparedSide,
  type ComparedValue,
  type CompareOptions,
  compareLocks,
  type LockComparison,
  type LockRevision,
  readLockHistory,
  type WorkflowPlace,
} from "./runner/revisions/index.ts";
export {
  type CheckedOutFile,
  type CheckoutOptions,
  checkoutLock,
  collectGarbage,
  type GarbageRules,
  type GcOptions,
  type GcReport,
  type RemovedPart,
} from "./runner/upkeep/index.ts";
export { type LoadOptions, loadWorkflow } from "./schema/load-workflow.ts";
export { buildWorkflowSchema } from "./schema/shape/schema.ts";
export type {
  CheckContext,
  ClassDefinition,
  FilePart,
  FileParts,
  InputPort,
  OutputPort,
  ParameterMistake,
  ParameterSchema,
  Parameters,
  ParametersSchema,
  Ports,
  StepCatalog,
  StepDescription,
} from "./schema/step-description.ts";
export type { TableRow, Workflow, WorkflowStep } from "./schema/workflow.ts";
export {
  type CheckOptions,
  checkWorkflow,
  openSession,
  runWorkflow,
  type Session,
  type SessionOptions,
  type SessionRunOptions,
  type SessionWatchOptions,
} from "./session/index.ts";
export { type RunStepOptions, runStep, type StepResult } from "./session/run-step.ts";
export { stepKinds } from "./steps/catalog.ts";
export { fileParts } from "./steps/file-parts.ts";
export type {
  PreflightContext,
  ProgramOptions,
  RunContext,
  StepContext,
  StepKind,
  StepReport,
  StepRow,
} from "./steps/step-kind.ts";
export type { ByteFolder, VolumeSource } from "./volume/byte-folder.ts";
export type { ByteSource } from "./volume/byte-source.ts";
export {
  createVolume,
  openVolume,
  readVolume,
  readVolumeInfo,
  writeVolume,
} from "./volume/formats.ts";
export type {
  Sampling,
  Shape3,
  Volume,
  VolumeInfo,
  VolumeReader,
  VolumeWriter,
  VoxelArray,
  VoxelType,
} from "./volume/volume.ts";
