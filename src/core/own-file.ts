/**
 * What a program left as its output, made a file of its own: a link to the user's input, or a hard link of it, would become
 * read-only and be moved with the output.
 */
import { chmod, constants, copyFile, lstat, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { explainSystemError, TomoflowError } from "./error.ts";

export type FoundFile = "file" | "folder" | "special" | "dangling" | "absent";

/** What is at a path, links followed; `special` for FIFOs, sockets and devices, which nobody may read. */
export async function whatIsAt(path: string): Promise<FoundFile> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return (await lstat(path).catch(() => undefined)) ? "dangling" : "absent";
  if (stats.isFile()) return "file";
  return stats.isDirectory() ? "folder" : "special";
}

/**
 * Puts the file `from` at `to`, which may be the same: moved where it lies in `folder` under this name alone, copied
 * where it is a link or lies elsewhere. Returns `device:inode` of a file that had other names. Throws explained system errors.
 */
export async function takeFile(from: string, to: string, folder: string): Promise<string | undefined> {
  return take(from, to, { folder, mayShare: false });
}

/**
 * As `takeFile`, but a hard link stays one: whoever asks for the file next makes it its own, and has to know that this moved the
 * times of the other, which may be an input.
 */
export async function passFileOn(from: string, to: string, folder: string): Promise<void> {
  await take(from, to, { folder, mayShare: true });
}

async function take(
  from: string,
  to: string,
  { folder, mayShare }: { readonly folder: string; readonly mayShare: boolean },
): Promise<string | undefined> {
  try {
    const stats = await lstat(from, { bigint: true });
    const isOwn = stats.isFile() && (mayShare || stats.nlink === 1n) && (await isInside(from, folder));
    if (!isOwn) await copyInPlace(from, to);
    else if (from !== to) await rename(from, to);
    return stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : undefined;
  } catch (error) {
    throw explainSystemError(error, to);
  }
}

/** Throws `output-elsewhere` when links on the way to `path` lead out of `folder`, so that it may not be touched. */
export async function checkPlace(path: string, folder: string): Promise<void> {
  if (await isInside(dirname(path), folder)) return;
  throw new TomoflowError("output-elsewhere", `${path} is not where it should be: a link leads elsewhere`, {
    hint: "let the program write into the folder that it is given, and leave that folder as it is",
  });
}

/** Whether `path`, links followed, lies in `folder` or is it. */
export async function isInside(path: string, folder: string): Promise<boolean> {
  // the folder itself may have become a link
  const [place, above] = await Promise.all([realpath(path), realpath(dirname(folder))]);
  return `${place}${sep}`.startsWith(`${join(above, basename(folder))}${sep}`);
}

async function copyInPlace(from: string, to: string): Promise<void> {
  const temporary = join(dirname(to), `.${basename(to)}.own`);
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    await chmod(temporary, 0o666 & ~process.umask());
    await rename(temporary, to);
  } finally {
    await rm(temporary, { force: true });
  }
}
