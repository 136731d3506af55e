import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as api from "../src/index.ts";
import { repositoryRoot } from "./support/source-tree.ts";

/** A name that goes or changes here breaks the scripts of users: say so in CHANGELOG.md. */
const values = [
  "TomoflowError",
  "buildReport",
  "buildWorkflowSchema",
  "checkWorkflow",
  "checkoutLock",
  "clusterObjects",
  "collectGarbage",
  "compareLocks",
  "createVolume",
  "drawGraph",
  "evaluateObjects",
  "fileParts",
  "formatDiagnostic",
  "lastLogs",
  "listEngines",
  "loadWorkflow",
  "logOfTask",
  "mermaidGraph",
  "objectFormats",
  "openEngine",
  "openSession",
  "openVolume",
  "planWorkflow",
  "readLockHistory",
  "readMetrics",
  "readObjects",
  "readVolume",
  "readVolumeInfo",
  "runStep",
  "runWorkflow",
  "stepKinds",
  "traceFile",
  "viewGraph",
  "writeObjects",
  "writeVolume",
];

const types = [
  "ByteFolder",
  "ByteSource",
  "CheckContext",
  "CheckOptions",
  "CheckedOutFile",
  "CheckoutOptions",
  "ClassDefinition",
  "CompareOptions",
  "ComparedSide",
  "ComparedValue",
  "Diagnostic",
  "EventSink",
  "FileOrigin",
  "FilePart",
  "FileParts",
  "GarbageRules",
  "GcOptions",
  "GcReport",
  "GraphNode",
  "GraphView",
  "InputPort",
  "LoadOptions",
  "Location",
  "LockComparison",
  "LockRevision",
  "ObjectList",
  "OutputPort",
  "ParameterMistake",
  "ParameterSchema",
  "Parameters",
  "ParametersSchema",
  "Plan",
  "PlanOptions",
  "PlannedTask",
  "Ports",
  "PreflightContext",
  "ProgramOptions",
  "Provenance",
  "RemovedPart",
  "ReportOptions",
  "Result",
  "RunContext",
  "RunEvent",
  "RunStepOptions",
  "RunSummary",
  "RunnerOptions",
  "Sampling",
  "Session",
  "SessionOptions",
  "SessionRunOptions",
  "SessionWatchOptions",
  "Shape3",
  "StepCatalog",
  "StepContext",
  "StepDescription",
  "StepKind",
  "StepReport",
  "StepResult",
  "StepRow",
  "TableRow",
  "TaskOutcome",
  "TaskState",
  "TomogramObject",
  "TracedInput",
  "TracedTask",
  "Volume",
  "VolumeInfo",
  "VolumeReader",
  "VolumeSource",
  "VolumeWriter",
  "VoxelArray",
  "VoxelType",
  "Workflow",
  "WorkflowPlace",
  "WorkflowStep",
];

const text = readFileSync(join(repositoryRoot, "src/index.ts"), "utf8");

test("the public values are these", () => assert.deepEqual(Object.keys(api).sort(), [...values].sort()));

test("the public types are these", () => {
  const named = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, typeOnly, list]) =>
    list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && (typeOnly || name.startsWith("type ")))
      .map((name) => name.replace(/^type /, "")),
  );
  assert.deepEqual(named.sort(), [...types].sort());
});

test("index.ts only re-exports", () => {
  const rest = text.replace(/\/\*\*.*?\*\//gs, "").replace(/export (type )?\{[^}]*\} from "[^"]+";/g, "");
  assert.equal(rest.trim(), "");
});
