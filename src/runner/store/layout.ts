/** Where the runner keeps its files: the lock beside the workflow, everything else under `.tomoflow` of its folder. */
import { mkdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative } from "node:path";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { isRemoteAddress } from "../../core/remote-address.ts";
import { variantSuffix } from "../../schema/variant.ts";
import type { Workflow } from "../../schema/workflow.ts";

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
  /** The logs of every workflow of the folder. */
  readonly allLogs: string;
  /** The record of each run, of every workflow of the folder. */
  readonly runs: string;
  /** How the last attempt of a task went wrong, one file a task. */
  readonly troubles: string;
  readonly leases: string;
  /** Outputs edited by hand that a newer result took the place of. */
  readonly replaced: string;
  /** Which working copies are symbolic links to the cache. */
  readonly links: string;
  /** What the studio keeps of volumes so that their slices come fast. */
  readonly slices: string;
  /** Journals of lists, and lists as they were before the studio wrote them first. */
  readonly studio: string;
}

/**
 * A workflow and each of its variants has a lock, logs and troubles of its own (`chlamy@short.lock.yaml`,
 * `.tomoflow/logs/chlamy@short/`); all workflows of a folder share one cache.
 */
export function layoutOf({ path, folder, variant }: Pick<Workflow, "path" | "folder" | "variant">): Layout {
  const root = join(folder, ".tomoflow");
  const name = basename(path, extname(path)) + variantSuffix(variant);
  const allLogs = join(root, "logs");
  return {
    project: folder,
    root,
    lock: join(folder, `${name}.lock.yaml`),
    statCache: join(root, "stat-cache"),
    blobs: join(root, "cache", "blobs"),
    manifests: join(root, "cache", "manifests"),
    attempts: join(root, "attempts"),
    checkpoints: join(root, "checkpoints"),
    logs: join(allLogs, name),
    allLogs,
    runs: join(root, "runs"),
    troubles: join(root, "state", name),
    leases: join(root, "leases"),
    replaced: join(root, "replaced"),
    links: join(root, "links"),
    slices: join(root, "cache", "slices"),
    studio: join(root, "studio"),
  };
}

/**
 * Makes `.tomoflow` with a `.gitignore` that keeps it out of git. Throws `read-only`, `no-permission`, `disk-full`, and
 * `cache-in-the-way` where something of another sort has the name of a folder or file that is needed.
 */
export async function prepareLayout(layout: Layout): Promise<void> {
  const { root, blobs, manifests, attempts, checkpoints, logs, troubles, leases, replaced, links } = layout;
  for (const folder of [
    root,
    blobs,
    manifests,
    attempts,
    checkpoints,
    logs,
    troubles,
    leases,
    replaced,
    links,
  ])
    await checkWay(folder, root);
  if ((await stat(layout.statCache).catch(() => undefined))?.isDirectory())
    throw inTheWay(layout.statCache, "a folder", "a file");
  try {
    await mkdir(root, { recursive: true });
    await writeFile(join(root, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw explainSystemError(error, root);
  }
}

async function checkWay(folder: string, root: string): Promise<void> {
  for (let path = folder; path.startsWith(root); path = dirname(path)) {
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined && !stats.isDirectory()) throw inTheWay(path, "a file", "a folder");
  }
}

const inTheWay = (path: string, found: string, needed: string): TomoflowError =>
  new TomoflowError("cache-in-the-way", `${path} is ${found} where tomoflow needs ${needed}`, {
    hint: "move it away, then run again",
  });

/** `path` relative to the project where it lies inside, so that a moved project keeps its records; else absolute. */
export function toProjectPath(layout: Layout, path: string): string {
  if (isRemoteAddress(path)) return path;
  const inside = relative(layout.project, path);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside.replaceAll("\\", "/");
}
