/** The executors of a run: this machine, and those that the caller brings. Each is opened when a step first asks for it. */

import type { Executor, ExecutorOptions } from "../../executor.ts";
import type { RunnerOptions } from "../../options.ts";
import type { Task } from "../../tasks/graph.ts";
import { localExecutor } from "./local.ts";

export interface ExecutorSet {
  of(task: Task): Executor;
  close(): Promise<void>;
}

export function openExecutors(
  { executors = {}, executorOf }: Pick<RunnerOptions, "executors" | "executorOf">,
  options: ExecutorOptions,
): ExecutorSet {
  const opened = new Map<string, Executor>();
  return {
    of({ step }) {
      const name = executorOf?.(step) ?? "local";
      const executor = opened.get(name) ?? (name === "local" ? localExecutor : executors[name]!)(options);
      opened.set(name, executor);
      return executor;
    },
    async close() {
      await Promise.all([...opened.values()].map((executor) => executor.close()));
    },
  };
}
