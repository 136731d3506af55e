/** Gives cached results to the working tree, where users and other programs find them. */
import { constants } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { backdate, removeLeftovers, syncFile, syncFolder, temporaryBeside } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { linkText, recordLink } from "./links.ts";
import { type Stamp, type StatCache, stampOf } from "./stat-cache.ts";

export type LinkMode = Workflow["cache"]["link"];

export interface WorkingTree {
  readonly link: LinkMode;
  readonly contents: StatCache;
  readonly layout: Layout;
}

/**
 * Makes `target` hold the content of `blob`: nothing to do when it does already, else a new file takes its name in
 * one step. A reader never sees a part, and a failure (disk full) leaves the old file. Throws `cache-damaged` for a blob
 * that is not what its name says, and explained system errors.
 */
export async function giveToWorkingTree(
  blob: { readonly path: string; readonly sha256: string },
  target: string,
  tree: WorkingTree,
): Promise<void> {
  const { contents } = tree;
  if ((await contents.contentOf(target))?.sha256 === blob.sha256) return;
  const temporary = temporaryBeside(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await removeLeftovers(target);
    const made = await materialise(blob, { target, temporary }, tree);
    await rename(temporary, target);
    await syncFolder(dirname(target));
    // what another run or a sync daemon puts there from here on has a stamp of its own
    await contents.remember(target, blob.sha256, made);
  } catch (error) {
    throw explainSystemError(error, target);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/**
 * Keeps a file that exists nowhere else under a second name before ours takes its place; returns that name. Of a link its
 * content is kept: what it leads to may be a file of the cache that is about to be made again.
 */
export async function setAside(
  path: string,
  sha256: string,
  { layout, taskId }: { layout: Layout; taskId: string },
): Promise<string> {
  const place = join(layout.replaced, taskId, `${sha256.slice(0, 8)}-${basename(path)}`);
  try {
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { force: true });
    const isLink = (await lstat(path)).isSymbolicLink();
    if (isLink || !(await tryHardLink(path, place))) await copyFile(path, place, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw explainSystemError(error, place);
  }
  return place;
}

/** Returns the stamp of what is at `temporary` then, whose content is sure. */
async function materialise(
  blob: { readonly path: string; readonly sha256: string },
  { target, temporary }: { readonly target: string; readonly temporary: string },
  { link: mode, contents, layout }: WorkingTree,
): Promise<Stamp> {
  const before = await contents.lookAt(blob.path);
  if (before?.content.sha256 !== blob.sha256) throw damaged(blob.path);
  if (mode === "symlink") {
    await recordLink(layout, target);
    await symlink(await linkText(temporary, blob.path, layout), temporary);
    return before.stamp;
  }
  if (mode === "hardlink" && (await tryHardLink(blob.path, temporary))) return before.stamp;
  await copyFile(blob.path, temporary, mode === "copy" ? 0 : constants.COPYFILE_FICLONE);
  if ((await stampOf(blob.path))?.body !== before.stamp.body) throw damaged(blob.path);
  await chmod(temporary, 0o666 & ~process.umask());
  await syncFile(temporary);
  await backdate(temporary);
  return (await stampOf(temporary)) ?? before.stamp;
}

const damaged = (path: string): TomoflowError =>
  new TomoflowError("cache-damaged", `the file ${path} of the cache is damaged`, {
    hint: "its result is made again by the next run",
  });

/** False when the file system cannot (another device, too many links): the caller copies. */
async function tryHardLink(blob: string, temporary: string): Promise<boolean> {
  try {
    await link(blob, temporary);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["EXDEV", "EMLINK", "ENOTSUP", "EPERM"].includes(code)) return false;
    throw error;
  }
}
