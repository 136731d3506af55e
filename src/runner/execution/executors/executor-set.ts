/** The executors of a run: this machine, and those that the caller brings. Those that its steps ask for are opened before it starts. */
import type { WorkflowStep } from "../../../schema/workflow.ts";
import type { Executor, ExecutorOptions } from "../../executor.ts";
import type { RunnerOptions } from "../../options.ts";
import { executorNameOf } from "../../options.ts";
import type { Task } from "../../tasks/graph.ts";
import { localExecutor } from "./local.ts";

export interface ExecutorSet {
  of(task: Task): Executor;
  close(): Promise<void>;
}

/** Throws what opening them throws. */
export async function openExecutors(
  steps: Iterable<WorkflowStep>,
  given: Pick<RunnerOptions, "executors" | "executorOf">,
  options: ExecutorOptions,
): Promise<ExecutorSet> {
  const opened = new Map<string, Executor>();
  for (const name of new Set([...steps].map((step) => executorNameOf(step, given))))
    opened.set(name, await (name === "local" ? localExecutor : given.executors![name]!)(options));
  return {
    of: ({ step }) => opened.get(executorNameOf(step, given))!,
    async close() {
      await Promise.all([...opened.values()].map((executor) => executor.close()));
    },
  };
}
