/** The lock of a workflow as it stands in the folder or in a commit. Needs the workflow's place only, none of its data. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { type LockedTask, parseLock } from "../lock/lock.ts";
import type { TaskMetrics } from "../record/history.ts";
import { layoutOf } from "../store/layout.ts";
import { fileAt } from "./git.ts";

/** Where a workflow file is, absolute, and the variant meant. */
export type WorkflowPlace = Pick<Workflow, "path" | "folder" | "variant">;

export type LockedTasks = ReadonlyMap<string, LockedTask>;

/** The text of the lock in the folder; undefined where there is none. */
export async function lockText(place: WorkflowPlace): Promise<string | undefined> {
  const { lock } = layoutOf(place);
  try {
    return await readFile(lock, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw explainSystemError(error, lock);
  }
}

/** Throws `no-lock`, `lock-conflict`, `lock-unreadable`. */
export async function lockNow(place: WorkflowPlace): Promise<LockedTasks> {
  const { lock } = layoutOf(place);
  const text = await lockText(place);
  if (text !== undefined) return parseLock(lock, text);
  const flag = place.variant === undefined ? "" : ` --variant ${place.variant}`;
  throw new TomoflowError("no-lock", `there is no ${lock}`, {
    hint: `it is written by a run: tomoflow run ${basename(place.path)}${flag}`,
  });
}

/** `commit` is a full hash, `revision` what the user called it. Throws `not-in-revision`, `lock-conflict`, `lock-unreadable`. */
export async function lockIn(
  place: WorkflowPlace,
  { commit, revision }: { readonly commit: string; readonly revision: string },
): Promise<LockedTasks> {
  const name = basename(layoutOf(place).lock);
  const text = await fileAt(place.folder, commit, name);
  if (text !== undefined) return parseLock(`${name} in ${revision}`, text);
  throw new TomoflowError("not-in-revision", `${revision} has no ${name}`, {
    hint: "tomoflow history lists the commits that have one",
  });
}

/** By task id; tasks without metrics are left out. */
export const metricsOf = (tasks: LockedTasks): Readonly<Record<string, TaskMetrics>> =>
  Object.fromEntries([...tasks].flatMap(([id, { metrics }]) => (metrics ? [[id, metrics]] : [])));
