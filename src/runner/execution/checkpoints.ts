/** Where an attempt keeps what the next one goes on from. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Reason } from "../events.ts";
import type { Layout } from "../store/layout.ts";
import type { Task } from "../tasks/graph.ts";
import type { TaskKeys } from "../tasks/key.ts";

export interface CheckpointPlace {
  readonly task: Task;
  readonly keys: TaskKeys;
  readonly layout: Layout;
  /** Of the attempt, absolute: it goes when the attempt is over. */
  readonly attemptFolder: string;
}

/**
 * The folder of the task's lineage, which outlives attempts and runs; with `checkpoint: false` one that ends with the
 * attempt, so that every attempt starts over. Absolute.
 */
export const checkpointFolder = ({ task, keys, layout, attemptFolder }: CheckpointPlace): string =>
  task.step.checkpoint ? join(layout.checkpoints, keys.lineage) : join(attemptFolder, ".checkpoint");

/**
 * Work that was asked for with `--force` is done, not read from the checkpoint that the last time left; a second attempt of
 * the same run goes on from the first.
 */
export async function forgetCheckpoints(
  folder: string,
  { reasons, number }: { readonly reasons: readonly Reason[]; readonly number: number },
): Promise<void> {
  if (number === 1 && reasons.some(({ code }) => code === "forced"))
    await rm(folder, { recursive: true, force: true });
}
