/** Gives cached results to the working tree, where users and other programs find them. */
import { constants } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { Layout } from "../layout.ts";
import { backdate, removeLeftovers, syncFile, syncFolder, temporaryBeside } from "./durable.ts";
import { type StatCache, stampOf } from "./stat-cache.ts";

export type LinkMode = Workflow["cache"]["link"];

/**
 * Makes `target` hold the content of `blob`: nothing to do when it does already, else a new file takes its name in
 * one step. A reader never sees a part, and a failure (disk full) leaves the old file.
 */
export async function giveToWorkingTree(
  blob: { readonly path: string; readonly sha256: string },
  target: string,
  { link: mode, contents }: { link: LinkMode; contents: StatCache },
): Promise<void> {
  if ((await contents.contentOf(target))?.sha256 === blob.sha256) return;
  const temporary = temporaryBeside(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await removeLeftovers(target);
    await materialise(blob.path, temporary, mode);
    const made = await stampOf(temporary);
    await rename(temporary, target);
    await syncFolder(dirname(target));
    await contents.remember(target, blob.sha256, made);
  } catch (error) {
    throw explainSystemError(error, target);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Keeps a file that exists nowhere else under a second name before ours takes its place; returns that name. */
export async function setAside(
  path: string,
  sha256: string,
  { layout, taskId }: { layout: Layout; taskId: string },
): Promise<string> {
  const place = join(layout.replaced, taskId, `${sha256.slice(0, 8)}-${basename(path)}`);
  try {
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { force: true });
    // a link to a link would keep no content: what was edited through it goes with the file behind it
    const isLink = (await lstat(path)).isSymbolicLink();
    if (isLink || !(await tryHardLink(path, place))) await copyFile(path, place, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw explainSystemError(error, place);
  }
  return place;
}

async function materialise(blob: string, temporary: string, mode: LinkMode): Promise<void> {
  if (mode === "symlink") return symlink(relative(dirname(temporary), blob), temporary);
  if (mode === "hardlink" && (await tryHardLink(blob, temporary))) return;
  await copyFile(blob, temporary, mode === "copy" ? 0 : constants.COPYFILE_FICLONE);
  await chmod(temporary, 0o666 & ~process.umask());
  await syncFile(temporary);
  await backdate(temporary);
}

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
