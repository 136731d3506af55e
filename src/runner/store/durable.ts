/** Writing that survives a power cut: data first, then the name. */
import { open, readdir, rename, rm, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainSystemError } from "../../core/error.ts";
import { isLeftOver, newMark } from "./process-mark.ts";

const ending = ".tmp";

/** A hidden name beside `path` that no other process or call uses. */
export const temporaryBeside = (path: string): string =>
  join(dirname(path), `.${basename(path)}${newMark()}${ending}`);

/** Removes what processes that were killed left of their writing to `path`; a failure to do so is let go. */
export async function removeLeftovers(path: string): Promise<void> {
  const start = `.${basename(path)}-`;
  const names = await readdir(dirname(path)).catch(() => []);
  const left = names.filter(
    (name) => name.startsWith(start) && name.endsWith(ending) && isLeftOver(name.slice(0, -ending.length)),
  );
  for (const name of left)
    await rm(join(dirname(path), name), { recursive: true, force: true }).catch(() => undefined);
}

/** Flushes a file's data to the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the names in a folder to the disk; does nothing where the system cannot (Windows, some network disks). */
export async function syncFolder(path: string): Promise<void> {
  try {
    await syncFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["EINVAL", "EPERM", "EISDIR", "EACCES", "ENOTSUP"].includes(code)) throw error;
  }
}

/** Replaces `path` as a whole: readers see the old text or the new, never a part. Throws explained system errors. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError(error, path);
  }
}

/**
 * Sets the modification time three seconds back. A file that gets its public name after this cannot be written again
 * with the same modification time, however coarse the file system's clock, so its hash may be remembered at once.
 */
export async function backdate(path: string): Promise<void> {
  const time = new Date(Date.now() - 3000);
  await utimes(path, time, time);
}
