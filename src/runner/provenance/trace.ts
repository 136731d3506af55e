/** Where a file came from, all the way up to the files that no task made. */
import { resolve } from "node:path";
import { TomoflowError } from "../../core/error.ts";
import { resolvePlace } from "../../core/remote-address.ts";
import type { Parameters } from "../../schema/step-description.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { Reason, TaskState } from "../events.ts";
import type { LockedFile } from "../lock/lock.ts";
import { planProject } from "../planning/plan.ts";
import { openProject, type Project } from "../project.ts";
import { type Content, sameContent } from "../store/content.ts";
import { toProjectPath } from "../store/layout.ts";
import { inputFiles } from "../tasks/inputs.ts";
import { Records, type TaskRecord } from "./records.ts";

/**
 * What a file is: `output`, a result in its place; `copy` of a result; `edited`, in the place of a result but with other
 * content; `missing`, a result that should be there; `earlier`, a result that the cache has and no lock tells of;
 * `source`, a file that tasks read and none made.
 */
export type FileOrigin = "output" | "copy" | "edited" | "missing" | "earlier" | "source";

/** A file that a task read, against what lies there now. */
export interface TracedInput extends Content {
  /** `tomogram`, `t0/tomogram`, `with:weights`, `class:1.mask` or `code`. */
  readonly role: string;
  /** Relative to the workflow's folder where it lies inside. */
  readonly path: string;
  /** `train.best`; absent for a file that no task made. */
  readonly madeBy?: string;
  /** The file at `path` against what the task read. */
  readonly now: "same" | "changed" | "missing";
}

/** The task that made a file, as its lock entry or run record tells it. */
export interface TracedTask {
  /** `segment@t2` or `train`. */
  readonly id: string;
  readonly kind: string;
  readonly version: number;
  readonly parameters: Parameters;
  readonly classes: Readonly<Record<string, unknown>>;
  readonly rows: Readonly<Record<string, unknown>>;
  readonly inputs: readonly TracedInput[];
  readonly seconds: number;
  readonly engine?: string;
  /** Version of tomoflow. */
  readonly tomoflow: string;
  readonly key: string;
  /** Name of the lock file with the record, and the commit where it no longer stands in the folder. */
  readonly lock: string;
  readonly commit?: string;
  /** Absent when the record is not of the lock at hand or the workflow has no such task any more. */
  readonly state?: TaskState;
  readonly reasons: readonly Reason[];
}

/** Where a file came from: the task that made it, and what that task read. */
export interface Provenance {
  /** Relative to the workflow's folder where it lies inside. */
  readonly path: string;
  /** Absent when there is no such file. */
  readonly content?: Content;
  readonly origin: FileOrigin;
  /** `train.best`, and where that output belongs; absent for a source. */
  readonly madeBy?: string;
  readonly home?: string;
  /** Tasks of the lock that read it, with the role: `target@t0 (objects)`. */
  readonly readBy: readonly string[];
  /** The task that made it first, then those that made what it read, and so on. */
  readonly tasks: readonly TracedTask[];
  /** For `earlier`: what the cache tells. */
  readonly cached?: { readonly kind: string; readonly version: number; readonly tomoflow: string };
}

/** Traces the file at `path`. Throws `unknown-file` for one that no task made or read, and what reading a lock throws. */
export async function traceFile(workflow: Workflow, path: string): Promise<Provenance> {
  const project = await openProject(workflow);
  try {
    return await trace(project, resolve(path));
  } finally {
    await project.contents.close();
  }
}

async function trace(project: Project, absolute: string): Promise<Provenance> {
  const records = new Records(project);
  const asked = toProjectPath(project.layout, absolute);
  // what lies in a folder that counts as a whole is that folder's
  const path = records.folderAround(asked) ?? asked;
  if (path !== asked) return trace(project, resolve(project.layout.project, path));
  const content = await project.contents.contentOf(absolute);
  const maker = content && (await records.makerOf({ sha256: content.sha256, path }));
  const owner = records.ownerOf(path);
  const readBy = records.readersOf({ path, sha256: content?.sha256 });
  const common = { path, ...(content && { content }), readBy };
  const record = maker ?? owner;
  if (record) {
    const home = record.task.outputs[record.port]!.path;
    const origin = maker ? (home === path ? "output" : "copy") : content ? "edited" : "missing";
    const tasks = await withStates(project, await ancestors(project, records, record));
    return { ...common, origin, madeBy: outputName(record), home, tasks };
  }
  const cached = content && (await records.cachedMakerOf(content.sha256));
  if (cached) {
    const { kind, kindVersion: version, tomoflow } = cached.manifest;
    const madeBy = `${kind}.${cached.port}`;
    return { ...common, origin: "earlier", madeBy, tasks: [], cached: { kind, version, tomoflow } };
  }
  if (readBy.length > 0) return { ...common, origin: "source", tasks: [] };
  throw unknownFile(absolute, content !== undefined);
}

const outputName = ({ id, port }: Pick<TaskRecord, "id" | "port">): string => `${id}.${port}`;

/** The record's task and every task before it, nearest first, each once. */
async function ancestors(
  project: Project,
  records: Records,
  first: TaskRecord,
): Promise<readonly TracedTask[]> {
  const waiting = [first];
  const seen = new Set([first.task.key]);
  const traced: TracedTask[] = [];
  for (let record = waiting.shift(); record; record = waiting.shift()) {
    const inputs: TracedInput[] = [];
    for (const [role, file] of Object.entries(record.task.inputs)) {
      const maker = await records.makerOfInput(file);
      if (maker && !seen.has(maker.task.key)) waiting.push(maker);
      if (maker) seen.add(maker.task.key);
      const now = await compareWithNow(project, file, { id: record.id, role });
      inputs.push({ role, ...file, ...(maker && { madeBy: outputName(maker) }), now });
    }
    traced.push(tracedTask(record, inputs));
  }
  return traced;
}

async function compareWithNow(
  { contents, workflow, graph }: Project,
  file: LockedFile,
  { id, role }: { readonly id: string; readonly role: string },
): Promise<TracedInput["now"]> {
  const path = resolvePlace(workflow.folder, file.path);
  const task = file.part === undefined ? undefined : graph.byId.get(id);
  const input = task && inputFiles(task, graph, workflow).find((each) => each.role === role);
  const part = input?.part?.name === file.part ? input?.part : undefined;
  const look = part && (await contents.lookAtPart(path, part));
  const content = look?.content ?? (await contents.contentOf(path));
  if (content === undefined) return "missing";
  return sameContent(content, file) ? "same" : "changed";
}

function tracedTask({ id, task, lock, commit }: TaskRecord, inputs: readonly TracedInput[]): TracedTask {
  const { kind, version, parameters, classes, rows, seconds, engine, tomoflow, key } = task;
  return {
    id,
    kind,
    version,
    parameters,
    classes,
    rows,
    inputs,
    seconds,
    ...(engine !== undefined && { engine }),
    tomoflow,
    key,
    lock,
    ...(commit !== undefined && { commit }),
    reasons: [],
  };
}

/** Adds what a run would do with each task that is still one of the workflow, with the result recorded. */
async function withStates(project: Project, tasks: readonly TracedTask[]): Promise<readonly TracedTask[]> {
  const current = tasks.filter(
    ({ id, key }) => project.graph.byId.has(id) && project.lock.get(id)?.key === key,
  );
  if (current.length === 0) return tasks;
  const plan = await planProject(project, { only: current.map(({ id }) => id) });
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  return tasks.map((task) => {
    const now = current.includes(task) ? planned.get(task.id) : undefined;
    return now ? { ...task, state: now.state, reasons: now.reasons } : task;
  });
}

function unknownFile(path: string, exists: boolean): TomoflowError {
  const message = exists ? `no task made or read a file like ${path}` : `there is no file ${path}`;
  const hint = exists
    ? "it is looked for in the lock files beside the workflow, in git and in the cache; name the workflow of its project after it"
    : "give the path of a result, of a copy of one, or of an input";
  return new TomoflowError(exists ? "unknown-file" : "file-missing", message, { hint });
}
