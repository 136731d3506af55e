/** What the runner holds open of one workflow: its tasks, lock, cache and knowledge of files. */
import type { Workflow } from "../schema/workflow.ts";
import type { ExecutorProject } from "./executor.ts";
import type { Lock } from "./lock/lock.ts";
import { openLock } from "./lock/open-lock.ts";
import { type Layout, layoutOf } from "./store/layout.ts";
import { StatCache } from "./store/stat-cache.ts";
import { openStore, type Store } from "./store/store.ts";
import { buildGraph, type TaskGraph } from "./tasks/graph.ts";

export interface Project {
  readonly workflow: Workflow;
  readonly layout: Layout;
  readonly graph: TaskGraph;
  readonly lock: Lock;
  readonly store: Store;
  readonly contents: StatCache;
}

/** Close it with `contents.close()`. Changes nothing on the disk. */
export async function openProject(workflow: Workflow, options: { verify?: boolean } = {}): Promise<Project> {
  const layout = layoutOf(workflow);
  const graph = buildGraph(workflow);
  const [lock, contents] = await Promise.all([
    openLock(layout),
    StatCache.open(layout.statCache, { verify: options.verify ?? false }),
  ]);
  return { workflow, layout, graph, lock, store: openStore(layout, contents), contents };
}

export const executorProject = ({
  workflow,
  layout,
}: Pick<Project, "workflow" | "layout">): ExecutorProject => ({
  name: workflow.name,
  folder: workflow.folder,
  stateFolder: layout.root,
});
