/** Runs a step alone: places for its outputs and checkpoint, the work, and only then the outputs under their names. */
import { mkdir, rm, rmdir } from "node:fs/promises";
import { totalmem } from "node:os";
import type { SingleStep } from "./check.ts";
import { checkpointFolderOf } from "./checkpoint-folder.ts";
import { prepareOutputs } from "./outputs.ts";

export interface SingleStepPlaces {
  /** Path by output port, where the user chose one. */
  readonly given: ReadonlyMap<string, string>;
  /** Where the other outputs go, and the checkpoint. */
  readonly folder: string;
}

/** What the work is told of its surroundings; see `RunContext`. */
export interface SingleStepSurroundings {
  /** Absolute path to write by output port. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly checkpointFolder: string;
  readonly memoryBytes: number;
}

/** Part of the memory that a step may plan with, as in a workflow. */
const usableMemory = 0.9;

/**
 * Returns the absolute path of each output. Throws what `work` throws; a step that is stopped leaves its checkpoint, to go on from when
 * it is called again with the same files and parameters.
 */
export async function runSingleStep(
  { kind, context, outputs: ports }: SingleStep,
  { given, folder }: SingleStepPlaces,
  work: (surroundings: SingleStepSurroundings) => Promise<void>,
): Promise<Readonly<Record<string, string>>> {
  const outputs = await prepareOutputs(ports, given, folder);
  const checkpointFolder = await checkpointFolderOf(kind, context, folder);
  await mkdir(checkpointFolder, { recursive: true });
  try {
    const memoryBytes = Math.floor(totalmem() * usableMemory);
    await work({ outputs: outputs.paths, checkpointFolder, memoryBytes });
    await outputs.publish();
    await rm(checkpointFolder, { recursive: true, force: true });
  } finally {
    await outputs.discard();
    await removeIfEmpty(checkpointFolder);
  }
  return outputs.published;
}

/** A folder with a checkpoint in it stays. */
async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code ?? "")) throw error;
  });
}
