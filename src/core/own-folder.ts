/** What a program left as an output that is a folder, made a folder of its own with files of its own, as `takeFile` does for one file. */
import { chmod, constants, copyFile, lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainSystemError } from "./error.ts";
import { type FolderListing, listFolder } from "./folder-files.ts";
import { isInside } from "./own-file.ts";

/**
 * Puts the folder `from` at `to`, which may be the same: moved where it lies in `folder`, its files copied where they are links, lie
 * behind a link, or have other names. Returns how many files it holds, and `device:inode` of those that had other names. Throws what
 * `listFolder` throws and explained system errors.
 */
export async function takeFolder(
  from: string,
  to: string,
  folder: string,
): Promise<{ readonly files: number; readonly shared: readonly string[] }> {
  const listing = await listFolder(from);
  try {
    const shared = await filesWithOtherNames(from, listing);
    const isOwn = (await lstat(from)).isDirectory() && (await isInside(from, folder));
    if (!isOwn || listing.linked.size > 0 || shared.size > 0)
      await rebuild({ from, to, isOwn }, listing, new Set(shared.keys()));
    else if (from !== to) await rename(from, to);
    return { files: listing.files.length, shared: [...shared.values()] };
  } catch (error) {
    throw explainSystemError(error, to);
  }
}

/** As `takeFolder`, but hard links stay: whoever asks for the folder next has to know of them. */
export async function passFolderOn(from: string, to: string, folder: string): Promise<void> {
  const listing = await listFolder(from);
  try {
    const isOwn = (await lstat(from)).isDirectory() && (await isInside(from, folder));
    if (!isOwn || listing.linked.size > 0) await rebuild({ from, to, isOwn }, listing, new Set());
    else if (from !== to) await rename(from, to);
  } catch (error) {
    throw explainSystemError(error, to);
  }
}

/** `device:inode` by path, of those that are no links themselves. */
async function filesWithOtherNames(
  folder: string,
  { files, linked }: FolderListing,
): Promise<ReadonlyMap<string, string>> {
  const shared = new Map<string, string>();
  for (const path of files) {
    if (linked.has(path)) continue;
    const { nlink, dev, ino } = await lstat(join(folder, path), { bigint: true });
    if (nlink > 1n) shared.set(path, `${dev}:${ino}`);
  }
  return shared;
}

interface Places {
  readonly from: string;
  readonly to: string;
  /** Whether files may be moved out of `from`. */
  readonly isOwn: boolean;
}

async function rebuild(
  { from, to, isOwn }: Places,
  { files, linked }: FolderListing,
  shared: ReadonlySet<string>,
): Promise<void> {
  const temporary = join(dirname(to), `.${basename(to)}.own`);
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    // copies first: a link may lead to a file that is moved
    const [copied, moved] = [true, false].map((wanted) =>
      files.filter((path) => (!isOwn || linked.has(path) || shared.has(path)) === wanted),
    );
    for (const path of copied!) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await copyFile(join(from, path), join(temporary, path), constants.COPYFILE_FICLONE);
      await chmod(join(temporary, path), 0o666 & ~process.umask());
    }
    for (const path of moved!) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await rename(join(from, path), join(temporary, path));
    }
    // of a link the link alone goes
    await rm(to, { recursive: true, force: true });
    if (isOwn && from !== to) await rm(from, { recursive: true, force: true });
    await rename(temporary, to);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
