/** Whether the disk has room for what a run would write, as far as its steps can tell beforehand. */
import { statfs } from "node:fs/promises";
import PQueue from "p-queue";
import { formatBytes } from "../../core/bytes.ts";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { OutputBytes, PreflightRequest } from "../options.ts";
import type { Project } from "../project.ts";
import { toProjectPath } from "../store/layout.ts";
import { nearestExisting } from "./nearest-folder.ts";

/** `requests` are those of the tasks that would work. Nothing is said of what the steps cannot tell. */
export async function checkDiskSpace(
  requests: readonly PreflightRequest[],
  { layout, workflow }: Project,
  outputBytes: OutputBytes,
): Promise<readonly Diagnostic[]> {
  const queue = new PQueue({ concurrency: 8 });
  const sizes = await Promise.all(requests.map((request) => queue.add(() => outputBytes(request))));
  const sum = (part: "least" | "likely") => sizes.reduce((total, size) => total + (size?.[part] ?? 0), 0);
  if (sum("likely") === 0) return [];
  const place = await nearestExisting(layout.root);
  const disk = await statfs(place).catch(() => undefined);
  if (disk === undefined || disk.blocks === 0) return [];
  const free = disk.bavail * disk.bsize;
  const { link } = workflow.cache;
  // a reflink shares the bytes of cache and working copy where the file system can
  const certain = sum("least") * (link === "copy" ? 2 : 1);
  const expected = sum("likely") * (link === "copy" || link === "reflink" ? 2 : 1);
  const left = `the disk of ${toProjectPath(layout, layout.root)} has ${formatBytes(free)} left`;
  const hint = "free space: tomoflow gc --keep-locked --dry-run shows what the cache could give back";
  if (certain > free)
    return [
      errorDiagnostic("disk-too-small", `this run writes at least ${formatBytes(certain)}, and ${left}`, {
        hint,
      }),
    ];
  if (expected > free)
    return [
      warningDiagnostic("disk-too-small", `this run may write ${formatBytes(expected)}, and ${left}`, {
        hint,
      }),
    ];
  return [];
}
