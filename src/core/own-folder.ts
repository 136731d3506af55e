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

/** Killed in it, nothing is at `to`, or all: what is half there must not be taken for the output. */
async function rebuild(
  { from, to, isOwn }: Places,
  { files, linked }: FolderListing,
  shared: ReadonlySet<string>,
): Promise<void> {
  const [whole, aside] = ["own", "taken"].map((ending) => join(dirname(to), `.${basename(to)}.${ending}`));
  const isCopied = (path: string) => !isOwn || linked.has(path) || shared.has(path);
  try {
    for (const left of [whole!, aside!]) await rm(left, { recursive: true, force: true });
    await mkdir(whole!);
    for (const path of files) await mkdir(dirname(join(whole!, path)), { recursive: true });
    // a link may lead to a file that is moved below, by the name that it has now
    for (const path of files.filter(isCopied)) await copyOwn(join(from, path), join(whole!, path));
    if (isOwn) {
      await rename(from, aside!);
      for (const path of files) if (!isCopied(path)) await rename(join(aside!, path), join(whole!, path));
    }
    // of a link the link alone goes
    await rm(to, { recursive: true, force: true });
    await rename(whole!, to);
  } finally {
    for (const left of [whole!, aside!]) await rm(left, { recursive: true, force: true });
  }
}

async function copyOwn(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o666 & ~process.umask());
}
