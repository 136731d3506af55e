/** Keeps what was edited by hand before a result takes its place. */
import { constants } from "node:fs";
import { copyFile, lstat, mkdir, realpath, rm, stat, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import { listFolder } from "../../core/folder-files.ts";
import type { Layout } from "./layout.ts";
import { tryHardLink } from "./materialise.ts";

/**
 * Keeps a file, or a folder of files, that exists nowhere else under a second name before ours takes its place; returns that name. Of a link
 * to a file the content is kept: it may be a file of the cache that is about to be made again. A link to a folder leads to one of the
 * user's own, which stays, and is kept as such.
 */
export async function setAside(
  path: string,
  sha256: string,
  { layout, taskId }: { layout: Layout; taskId: string },
): Promise<string> {
  const place = join(layout.replaced, taskId, `${sha256.slice(0, 8)}-${basename(path)}`);
  try {
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { recursive: true, force: true });
    const isLink = (await lstat(path)).isSymbolicLink();
    const isFolder = (await stat(path)).isDirectory();
    if (isFolder && isLink) await symlink(await realpath(path), place);
    else if (isFolder) await keepFolder(path, place);
    else await keepFile(path, place);
  } catch (error) {
    throw explainSystemError(error, place);
  }
  return place;
}

async function keepFolder(folder: string, place: string): Promise<void> {
  const { files, folders } = await listFolder(folder);
  for (const path of [...folders.keys()].sort()) await mkdir(join(place, path), { recursive: true });
  for (const path of files) await keepFile(join(folder, path), join(place, path));
}

async function keepFile(path: string, place: string): Promise<void> {
  const isLink = (await lstat(path)).isSymbolicLink();
  if (isLink || !(await tryHardLink(path, place))) await copyFile(path, place, constants.COPYFILE_FICLONE);
}
