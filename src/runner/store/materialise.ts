/** One file of the cache under a name outside it: as a copy that shares its blocks where the disk can, or as a link. */
import { constants } from "node:fs";
import { chmod, copyFile, link, symlink } from "node:fs/promises";
import { TomoflowError } from "../../core/error.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { backdate, syncFile } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { linkText } from "./links.ts";
import { type Stamp, type StatCache, stampOf } from "./stat-cache.ts";

export type LinkMode = Workflow["cache"]["link"];

export interface Blob {
  /** Absolute, in the cache. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * Puts it at `path`, and returns the stamp of what is there then, whose content is sure. Throws `cache-damaged` and system errors.
 */
export async function materialise(
  blob: Blob,
  path: string,
  { link: mode, contents, layout }: { link: LinkMode; contents: StatCache; layout: Layout },
): Promise<Stamp> {
  const before = await contents.lookAt(blob.path);
  if (before?.content.sha256 !== blob.sha256) throw damagedBlob(blob.path);
  if (mode === "symlink") {
    await symlink(await linkText(path, blob.path, layout), path);
    return before.stamp;
  }
  if (mode === "hardlink" && (await tryHardLink(blob.path, path))) return before.stamp;
  await copyFile(blob.path, path, mode === "copy" ? 0 : constants.COPYFILE_FICLONE);
  if ((await stampOf(blob.path))?.body !== before.stamp.body) throw damagedBlob(blob.path);
  await chmod(path, 0o666 & ~process.umask());
  await syncFile(path);
  await backdate(path);
  return (await stampOf(path)) ?? before.stamp;
}

export const damagedBlob = (path: string): TomoflowError =>
  new TomoflowError("cache-damaged", `the file ${path} of the cache is damaged`, {
    hint: "its result is made again by the next run",
  });

/** False when the file system cannot (another device, too many links): the caller copies. */
export async function tryHardLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["EXDEV", "EMLINK", "ENOTSUP", "EPERM"].includes(code)) return false;
    throw error;
  }
}
