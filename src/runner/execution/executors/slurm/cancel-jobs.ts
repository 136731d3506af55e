/** Takes back what runs have left in Slurm, without a head: the jobs of all attempts that are written down. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { TomoflowError } from "../../../../core/error.ts";
import type { Workflow } from "../../../../schema/workflow.ts";
import { openProject } from "../../../project.ts";
import { listAttempts, recordedAttempts } from "../../attempt-record.ts";
import { batchesFolder, batchFiles, jobNumber, readPlace } from "./batch.ts";
import { isUnreachable, saidBy } from "./commands.ts";
import { cancelJobs, elementId, giveUp } from "./submissions.ts";

/**
 * Cancels the jobs of a workflow's tasks, and forgets their attempts, so that the next run submits them anew. Returns how many tasks had
 * one. Throws `slurm-away` where Slurm does not answer.
 */
export async function cancelSlurmJobs(workflow: Workflow): Promise<number> {
  const { graph, layout, contents } = await openProject(workflow);
  await contents.close();
  const found: { readonly folder: string; readonly id?: string }[] = [];
  const names = [...(await listAttempts(layout)).values()].flat();
  const all = await recordedAttempts(layout, names);
  for (const { task, name, executor, id } of all) {
    if (executor !== "slurm" || !graph.byId.has(task)) continue;
    const folder = join(layout.attempts, name);
    const known = id ?? (await idOf(folder, batchesFolder({ stateFolder: layout.root })));
    found.push({ folder, ...(known !== undefined && { id: known }) });
  }
  const ids = [...new Set(found.flatMap(({ id }) => id ?? []))];
  const answer = ids.length > 0 ? await cancelJobs(ids) : undefined;
  if (answer && (isUnreachable(answer) || answer.code === undefined))
    throw new TomoflowError("slurm-away", `Slurm does not answer: ${saidBy(answer)}`, {
      hint: "try it again later",
    });
  await Promise.all(found.map(({ folder }) => rm(folder, { recursive: true, force: true })));
  return found.length;
}

/** Of a job whose head died before it wrote down its number; one that is not there yet shall do nothing when it comes. */
async function idOf(folder: string, batches: string): Promise<string | undefined> {
  const place = await readPlace(folder);
  if (place === undefined) return undefined;
  const batch = join(batches, place.batch);
  const number = jobNumber(await readFile(batchFiles(batch).answer, "utf8").catch(() => ""));
  if (number !== undefined) return elementId(number, place.element, place.elements);
  if ((await readdir(batch).catch(() => [])).length > 0) await giveUp(batch, place.batch);
  return undefined;
}
