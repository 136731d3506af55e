/** Gives disk space of `.tomoflow` back: results, checkpoints, logs, records of runs and what killed runs left. */
import { rm, stat } from "node:fs/promises";
import { explainSystemError } from "../../core/error.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { layoutOf } from "../store/layout.ts";
import { forgetGoneLinks } from "../store/links.ts";
import { type StoredThing, surveyCache } from "./cache-survey.ts";
import { bytesOf, findGarbage, type Garbage, type GarbageRules } from "./garbage.ts";

/** How `collectGarbage` works. */
export interface GcOptions extends GarbageRules {
  /** Only says what would go. */
  readonly dryRun?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How many of a sort, and how many bytes. */
export interface RemovedPart {
  readonly count: number;
  readonly bytes: number;
}

/** What went, or would go, and what is left. */
export interface GcReport {
  readonly dryRun: boolean;
  readonly removed: {
    /** What one task key made each; the bytes are those of files that no other result has. */
    readonly results: RemovedPart;
    readonly checkpoints: RemovedPart;
    readonly logs: RemovedPart;
    /** Records of runs. */
    readonly runs: RemovedPart;
    /** Of volumes, for the studio. */
    readonly slices: RemovedPart;
    /** Journals of lists in the studio, and lists as they were before it. */
    readonly studio: RemovedPart;
    /** What killed runs left behind. */
    readonly attempts: RemovedPart;
  };
  readonly freedBytes: number;
  /** Results and checkpoints that stay. */
  readonly keptBytes: number;
}

/**
 * Cleans up the project of a workflow. A run at work in it is not disturbed. Throws `lock-conflict`, `lock-unreadable`
 * and explained system errors.
 */
export async function collectGarbage(
  workflow: Pick<Workflow, "path" | "folder">,
  { dryRun = false, now = Date.now, ...rules }: GcOptions = {},
): Promise<GcReport> {
  const started = Date.now();
  const layout = layoutOf(workflow);
  const garbage = findGarbage(await surveyCache(layout), rules, now());
  if (!dryRun) {
    await removeGarbage(garbage, started);
    await forgetGoneLinks(layout, started);
  }
  const removed = {
    results: { count: garbage.results.length, bytes: bytesOf(garbage.blobs) },
    checkpoints: partOf(garbage.checkpoints),
    logs: partOf(garbage.logs),
    runs: partOf(garbage.runs),
    slices: partOf(garbage.slices),
    studio: partOf(garbage.studio),
    attempts: partOf(garbage.attempts),
  };
  const freedBytes = Object.values(removed).reduce((sum, { bytes }) => sum + bytes, 0);
  return { dryRun, removed, freedBytes, keptBytes: garbage.keptBytes };
}

const partOf = (things: readonly StoredThing[]): RemovedPart => ({
  count: things.length,
  bytes: bytesOf(things),
});

/** Manifests go first: one that is there must be true, and files without one are found by the next `gc`. */
async function removeGarbage(
  { results, blobs, checkpoints, logs, runs, slices, studio, attempts }: Garbage,
  started: number,
): Promise<void> {
  for (const { path } of results) await remove(path);
  for (const { path } of blobs) if (!(await changedSince(path, started))) await remove(path);
  for (const { path } of [...checkpoints, ...logs, ...runs, ...slices, ...studio, ...attempts])
    await remove(path);
}

/** A run that came meanwhile may have put the same content in again. */
async function changedSince(path: string, time: number): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && stats.ctimeMs >= time;
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw explainSystemError(error, path);
  }
}
