/** The metrics that earlier runs left in the lock. Reading only. */
import type { Workflow } from "../../schema/workflow.ts";
import { Lock } from "../lock/lock.ts";
import { layoutOf } from "../store/layout.ts";

/** Content of a task's metrics outputs, by port. */
export type TaskMetrics = Readonly<Record<string, unknown>>;

/** The metrics of every task in the lock that has any, by task id. Throws `lock-conflict`, `lock-unreadable`. */
export async function readMetrics(workflow: Workflow): Promise<ReadonlyMap<string, TaskMetrics>> {
  const lock = await Lock.open(layoutOf(workflow).lock);
  const entries = lock.ids.map((id): [string, TaskMetrics | undefined] => [id, lock.get(id)?.metrics]);
  return new Map(entries.filter((entry): entry is [string, TaskMetrics] => entry[1] !== undefined));
}
