/**
 * From an attempt's files to results: into the cache (blobs, then the manifest), into the working tree, into the lock,
 * in this order. Killed in between, the next run finds the last complete stage and goes on from there.
 */
import { readFile } from "node:fs/promises";
import { TomoflowError } from "../../core/error.ts";
import { toolVersion } from "../../core/version.ts";
import { holdingOf, holdingsOf } from "../../schema/step-description.ts";
import { ownValue } from "../../schema/text/data-path.ts";
import type { LockedFile } from "../lock/lock.ts";
import type { Judgement } from "../planning/judge.ts";
import type { Outputs } from "../planning/outputs.ts";
import type { Project } from "../project.ts";
import { clearTrouble } from "../record/trouble.ts";
import { type Content, isFolder, sameContent } from "../store/content.ts";
import { toProjectPath } from "../store/layout.ts";
import { showsCache } from "../store/links.ts";
import { setAside } from "../store/set-aside.ts";
import type { Manifest } from "../store/store.ts";
import { giveToWorkingTree } from "../store/working-copy.ts";
import type { Task } from "../tasks/graph.ts";
import type { TakenOutputs } from "./taken-outputs.ts";

export interface Finished {
  /** Absolute path by output port. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly engine?: string;
  /** Where an earlier head may have taken some of them. */
  readonly taken?: TakenOutputs;
}

/**
 * Keeps what was edited by hand through a link to the cache: the edit is in the file of the cache itself, which a new
 * result with the name of the old one replaces. Returns where to, relative to the project.
 */
export async function keepEditsThroughLinks(
  task: Task,
  { edited }: Judgement,
  { layout }: Project,
): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const [port, { sha256 }] of Object.entries(edited)) {
    const target = task.binding.outputs[port]!;
    if (!(await showsCache(target, layout))) continue;
    kept.push(await setAside(target, sha256, { layout, taskId: task.id }));
  }
  return kept.map((path) => toProjectPath(layout, path));
}

/** Moves the files and folders of an attempt into the cache; not a result yet. Throws explained system errors. */
export async function adoptOutputs(finished: Finished, { store }: Project): Promise<Outputs> {
  const adopted: Record<string, Content> = {};
  const { outputs, taken } = finished;
  for (const [port, path] of Object.entries(outputs))
    adopted[port] =
      (await taken?.find(port, path)) ??
      (await store.adopt(path, taken && ((content) => taken.note(port, content))));
  return adopted;
}

/** Writes the manifest: from here on the task's result is known. */
export async function saveManifest(
  task: Task,
  { keys }: Judgement,
  { outputs, finished, project }: { outputs: Outputs; finished: Finished; project: Project },
): Promise<Manifest> {
  const metrics = await readMetrics(task, outputs, project);
  const manifest: Manifest = {
    version: 1,
    key: keys!.key,
    kind: task.step.kind.name,
    kindVersion: task.step.kind.version,
    lineage: keys!.lineage,
    outputs,
    ...(metrics && { metrics }),
    seconds: Math.round(finished.seconds * 1000) / 1000,
    ...(finished.engine !== undefined && { engine: finished.engine }),
    tomoflow: toolVersion(),
  };
  await project.store.save(manifest);
  return manifest;
}

/**
 * Puts a cached result into the working tree and the lock. Files edited by hand are moved aside; returns where to.
 * Throws `cache-damaged` when a blob is not what it should be.
 */
export async function giveResult(
  task: Task,
  judgement: Judgement,
  { manifest, project }: { manifest: Manifest; project: Project },
): Promise<readonly string[]> {
  const moved = await giveFiles(task, judgement, manifest.outputs, project);
  lockResult(task, judgement, manifest, project);
  await project.contents.save();
  await project.lock.saveSoon();
  await clearTrouble(project.layout, task.id);
  return moved;
}

/** Puts files of the cache into the working tree only. */
export async function giveFiles(
  task: Task,
  { edited }: Judgement,
  outputs: Outputs,
  { store, contents, layout, workflow }: Project,
): Promise<readonly string[]> {
  const moved: string[] = [];
  for (const [port, target] of Object.entries(task.binding.outputs)) {
    const content = outputs[port]!;
    if (!(await store.isSound(content)))
      throw new TomoflowError("cache-damaged", `the cached ${port} of ${task.id} is damaged`, {
        hint: "it is made again by the next run",
      });
    const before = ownValue(edited, port);
    // one that was a link to the cache has been kept before
    if (before && !sameContent(before, content) && !(await showsCache(target, layout)))
      moved.push(await setAside(target, before.sha256, { layout, taskId: task.id }));
    await giveToWorkingTree(content, target, { link: workflow.cache.link, contents, layout, store });
  }
  return moved.map((path) => toProjectPath(layout, path));
}

function lockResult(task: Task, judgement: Judgement, manifest: Manifest, { lock, layout }: Project): void {
  const lockedFile = (path: string, { sha256, size, files, part }: Content): LockedFile => ({
    path: toProjectPath(layout, path),
    sha256,
    size,
    ...(files !== undefined && { files }),
    ...(part !== undefined && { part }),
  });
  const holds = holdingsOf(task.ports);
  const { inputs, contents, recipe, keys } = judgement;
  lock.set(task.id, {
    ...recipe,
    key: keys!.key,
    inputs: Object.fromEntries(inputs.map(({ role, path }) => [role, lockedFile(path, contents.get(role)!)])),
    outputs: Object.fromEntries(
      Object.entries(task.binding.outputs).map(([port, path]) => [
        port,
        { ...lockedFile(path, manifest.outputs[port]!), ...(holds?.[port] && { holds: holds[port] }) },
      ]),
    ),
    ...(manifest.metrics && { metrics: manifest.metrics }),
    seconds: manifest.seconds,
    ...(manifest.engine !== undefined && { engine: manifest.engine }),
    tomoflow: manifest.tomoflow,
  });
}

/** Bytes; a metrics file is small by contract. */
const largestMetrics = 1 << 20;

async function readMetrics(
  { ports }: Task,
  outputs: Outputs,
  { store }: Project,
): Promise<Record<string, unknown> | undefined> {
  const metrics: Record<string, unknown> = {};
  for (const { name } of ports.outputs.filter((port) => holdingOf(port) === "metrics")) {
    const content = outputs[name]!;
    if (isFolder(content)) throw metricsFolder(name);
    if (content.size > largestMetrics) continue;
    try {
      metrics[name] = JSON.parse(await readFile(store.blobPath(content.sha256), "utf8"));
    } catch (cause) {
      throw new TomoflowError(
        "metrics-unreadable",
        `the output ${name} is marked as metrics but is not JSON`,
        {
          cause,
          hint: "write a JSON file there, or do not say that this output holds metrics",
        },
      );
    }
  }
  return Object.keys(metrics).length > 0 ? metrics : undefined;
}

const metricsFolder = (name: string): TomoflowError =>
  new TomoflowError("metrics-unreadable", `the output ${name} is marked as metrics but is a folder`, {
    hint: "write a JSON file as an output of its own, and mark that",
  });
