import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "yaml";
import { isMap } from "../../../schema/text/data-path.ts";
import type { PlanAnswer } from "../../protocol/workflow.ts";
import type { OpenedWorkflow } from "./workflow-place.ts";

/** What there is to do, and why. Throws `lock-conflict`, `lock-unreadable`. */
export async function planAnswer({ session, warnings }: OpenedWorkflow): Promise<PlanAnswer> {
  const { workflow } = session;
  const { tasks, counts, estimatedSeconds } = await session.plan();
  return {
    name: workflow.name || basename(workflow.path),
    description: workflow.description ?? null,
    variants: await variantsIn(workflow.path),
    params: workflow.params,
    classes: workflow.classes.map(({ label, name, color }) => ({ label, name, color: color ?? null })),
    steps: workflow.steps.map(({ id, kind, enabled, dependsOn }) => ({
      id,
      kind: kind.name,
      summary: kind.summary,
      enabled,
      dependsOn,
    })),
    tasks,
    counts,
    estimatedSeconds: estimatedSeconds ?? null,
    warnings,
  };
}

/** A loaded workflow knows its own variant alone. */
async function variantsIn(path: string): Promise<readonly string[]> {
  try {
    const value: unknown = parse(await readFile(path, "utf8"), { merge: true });
    return isMap(value) && isMap(value.variants) ? Object.keys(value.variants) : [];
  } catch {
    return [];
  }
}
