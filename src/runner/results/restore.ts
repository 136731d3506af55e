/** Takes a task's result from the cache. */
import { TomoflowError } from "../../core/error.ts";
import type { EventSink } from "../events.ts";
import type { Judgement } from "../planning/judge.ts";
import type { Project } from "../project.ts";
import type { Task } from "../tasks/graph.ts";
import { giveResult, keepEditsThroughLinks } from "./publish.ts";
import { failedEnd, type TaskEnd } from "./task-end.ts";

/** Never rejects; undefined when the cache turns out damaged, which is told, so that the task must run. */
export async function restoreTask(
  task: Task,
  { manifest, ...judgement }: Judgement,
  { project, sink }: { readonly project: Project; readonly sink: EventSink },
): Promise<TaskEnd | undefined> {
  const started = performance.now();
  if (manifest === undefined) return undefined;
  try {
    const kept = await keepEditsThroughLinks(task, judgement, project);
    const moved = [...kept, ...(await giveResult(task, judgement, { manifest, project }))];
    await project.store.touch(manifest.key);
    // found by the key over whole files: from now on by that over what counts of them
    const { key, lineage } = judgement.keys!;
    if (manifest.key !== key) await project.store.save({ ...manifest, key, lineage });
    const seconds = (performance.now() - started) / 1000;
    return { outcome: "restored", seconds, outputs: manifest.outputs, ...keptRemark(moved) };
  } catch (error) {
    if (!(error instanceof TomoflowError && error.code === "cache-damaged")) return failedEnd(error);
    await project.store.forget(manifest.key);
    const text = "its result in the cache is damaged: it is made again";
    sink({ type: "task-log", task: task.id, text });
    return undefined;
  }
}

/** Tells where files edited by hand are now. */
export const keptRemark = (moved: readonly string[]): { detail?: string } =>
  moved.length > 0 ? { detail: `what was edited by hand is kept as ${moved.join(", ")}` } : {};
