/** Where the runner keeps its files: the lock beside the workflow, everything else under `.tomoflow` of its folder. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, extname, isAbsolute, join, relative } from "node:path";
import { explainSystemError } from "../core/error.ts";
import type { Workflow } from "../schema/workflow.ts";

export interface Layout {
  /** Folder of the workflow file, absolute. */
  readonly project: string;
  readonly root: string;
  readonly lock: string;
  readonly statCache: string;
  readonly blobs: string;
  readonly manifests: string;
  readonly attempts: string;
  readonly checkpoints: string;
  readonly logs: string;
  /** How the last attempt of a task went wrong, one file a task. */
  readonly troubles: string;
  readonly leases: string;
  /** Outputs edited by hand that a newer result took the place of. */
  readonly replaced: string;
}

export function layoutOf(workflow: Pick<Workflow, "path" | "folder">): Layout {
  const root = join(workflow.folder, ".tomoflow");
  const name = basename(workflow.path, extname(workflow.path));
  return {
    project: workflow.folder,
    root,
    lock: join(workflow.folder, `${name}.lock.yaml`),
    statCache: join(root, "stat-cache"),
    blobs: join(root, "cache", "blobs"),
    manifests: join(root, "cache", "manifests"),
    attempts: join(root, "attempts"),
    checkpoints: join(root, "checkpoints"),
    logs: join(root, "logs"),
    troubles: join(root, "state"),
    leases: join(root, "leases"),
    replaced: join(root, "replaced"),
  };
}

/** Makes `.tomoflow` with a `.gitignore` that keeps it out of git. Throws `read-only`, `no-permission`, `disk-full`. */
export async function prepareLayout(layout: Layout): Promise<void> {
  try {
    await mkdir(layout.root, { recursive: true });
    await writeFile(join(layout.root, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw explainSystemError(error, layout.root);
  }
}

/** `path` relative to the project where it lies inside, so that a moved project keeps its records; else absolute. */
export function toProjectPath(layout: Layout, path: string): string {
  const inside = relative(layout.project, path);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside.replaceAll("\\", "/");
}
