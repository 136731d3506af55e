/** The working copies of a task's outputs against what the lock and the cache say they should hold. */

import { ownValue } from "../../schema/text/data-path.ts";
import type { Reason } from "../events.ts";
import type { LockedTask } from "../lock/lock.ts";
import type { Project } from "../project.ts";
import { type Content, sameContent } from "../store/content.ts";
import { toProjectPath } from "../store/layout.ts";
import type { Manifest } from "../store/store.ts";
import type { Task } from "../tasks/graph.ts";
import { shortHash } from "./reasons.ts";

/** By output port. */
export type Outputs = Readonly<Record<string, Content>>;

/** Content of each working copy by port; undefined where there is none. */
export async function workingCopies(
  task: Task,
  contentOf: (file: { readonly path: string }) => Promise<Content | undefined>,
): Promise<Map<string, Content | undefined>> {
  const entries = Object.entries(task.binding.outputs);
  return new Map(
    await Promise.all(entries.map(async ([port, path]) => [port, await contentOf({ path })] as const)),
  );
}

export function matches(copies: ReadonlyMap<string, Content | undefined>, outputs: Outputs): boolean {
  return (
    Object.keys(outputs).length === copies.size &&
    [...copies].every(([port, copy]) => sameContent(copy, ownValue(outputs, port)))
  );
}

interface Known {
  readonly locked: LockedTask | undefined;
  readonly manifest: Manifest | undefined;
  readonly project: Project;
}

/** What is missing, and what was changed: known neither to the lock nor to the result that belongs there. */
export async function outputReasons(
  task: Task,
  copies: ReadonlyMap<string, Content | undefined>,
  { locked, manifest, project }: Known,
): Promise<{ reasons: Reason[]; edited: Outputs }> {
  const reasons: Reason[] = [];
  const edited: Record<string, Content> = {};
  for (const [port, copy] of copies) {
    const path = toProjectPath(project.layout, task.binding.outputs[port]!);
    const before = ownValue(locked?.outputs, port);
    if (copy === undefined && before) reasons.push({ code: "output-missing", text: `${path} is missing` });
    if (copy === undefined || sameContent(copy, before)) continue;
    if (sameContent(copy, ownValue(manifest?.outputs, port))) continue;
    const ours = await project.store.has(copy);
    if (!ours) edited[port] = copy;
    const change = ours ? "holds another result" : before ? "was edited" : "is not from tomoflow";
    const hashes = before ? ` (${shortHash(before.sha256)} → ${shortHash(copy.sha256)})` : "";
    reasons.push({ code: "output-changed", text: `${path} ${change}${hashes}` });
  }
  return { reasons, edited };
}
