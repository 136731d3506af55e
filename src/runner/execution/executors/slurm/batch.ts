/** A batch: tasks that one sbatch hands over, in a folder of its own; and what each attempt knows of its batch. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { explainSystemError } from "../../../../core/error.ts";
import type { ExecutorProject } from "../../../executor.ts";
import { writeDurably } from "../../../store/durable.ts";
import { isRecord } from "../../../store/record-shapes.ts";

/** Where an attempt is: written into its folder before sbatch is called. */
export interface BatchPlace {
  /** Name of the batch, of its folder and of the job in Slurm. */
  readonly batch: string;
  readonly element: number;
  /** Tasks that the element does. */
  readonly alike: number;
  /** Elements of the batch: with one it is no array. */
  readonly elements: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** For messages. */
  readonly memoryBytes?: number;
  readonly timeSeconds?: number;
}

export interface BatchTask {
  readonly element: number;
  /** Of the attempt, absolute. */
  readonly folder: string;
  /** 0: none. */
  readonly timeSeconds: number;
}

export interface Batch {
  readonly name: string;
  readonly folder: string;
  readonly script: string;
  readonly tasks: readonly BatchTask[];
}

/** Of all batches, absolute. */
export const batchesFolder = ({ stateFolder }: Pick<ExecutorProject, "stateFolder">): string =>
  join(stateFolder, "slurm");

export const batchFiles = (folder: string) => ({
  script: join(folder, "script.sh"),
  tasks: join(folder, "tasks"),
  /** What sbatch said. */
  answer: join(folder, "sbatch"),
  withdrawn: join(folder, "withdrawn"),
});

export const placeFile = (attempt: string): string => join(attempt, ".job", "slurm.json");

/** Throws explained system errors. */
export async function writeBatch({ folder, script, tasks }: Batch): Promise<void> {
  const files = batchFiles(folder);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw explainSystemError(error, folder);
  }
  const lines = tasks.map(
    ({ element, folder: attempt, timeSeconds }) => `${element} ${Math.ceil(timeSeconds)} ${attempt}\n`,
  );
  await Promise.all([writeDurably(files.script, script), writeDurably(files.tasks, lines.join(""))]);
}

export const writePlace = (attempt: string, place: BatchPlace): Promise<void> =>
  writeDurably(placeFile(attempt), `${JSON.stringify(place)}\n`);

/** Undefined for an attempt that has not come that far. */
export async function readPlace(attempt: string): Promise<BatchPlace | undefined> {
  try {
    const place: unknown = JSON.parse(await readFile(placeFile(attempt), "utf8"));
    if (!isRecord(place) || typeof place.batch !== "string" || !/^[\w.-]+$/.test(place.batch))
      return undefined;
    return [place.element, place.alike, place.elements, place.since].every(Number.isSafeInteger)
      ? (place as unknown as BatchPlace)
      : undefined;
  } catch {
    return undefined;
  }
}

/** No job of this batch shall do anything from now on that has not begun. */
export const withdraw = (folder: string): Promise<void> => writeDurably(batchFiles(folder).withdrawn, "");

export const removeBatch = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/**
 * The job's number in what sbatch said, among whatever a site prints around it: a line of its own, with `;CLUSTER` where there are
 * several.
 */
export function jobNumber(said: string): string | undefined {
  const lines = said.split("\n").map((line) => line.trim());
  const alone = lines.findLast((line) => /^\d+(;\S+)?$/.test(line));
  if (alone !== undefined) return alone.split(";")[0];
  return lines.map((line) => /^Submitted batch job (\d+)/.exec(line)?.[1]).findLast((id) => id !== undefined);
}
