import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Layout } from "../../store/layout.ts";
import { lookAtRun, runIds } from "./list-runs.ts";

/** Records of a project that are kept without `gc`. */
export const mostRuns = 1000;

/** Removes the oldest records over the limit, but for those of runs that go on. What cannot be removed stays. */
export async function pruneRuns({ runs }: Pick<Layout, "runs">, most = mostRuns): Promise<void> {
  const ids = await runIds(runs);
  for (const id of ids.slice(0, Math.max(0, ids.length - most)))
    if ((await lookAtRun(runs, id))?.state !== "running")
      await rm(join(runs, `${id}.jsonl`), { force: true }).catch(() => undefined);
}
