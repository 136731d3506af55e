/** The last step of giving something its name. */
import { lstat, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder, temporaryBeside } from "./durable.ts";

/** Of the system, where a folder is in the way of a file, a file in that of a folder, or a folder that is not empty. */
const inTheWay = new Set(["EISDIR", "ENOTDIR", "ENOTEMPTY", "EEXIST", "EPERM"]);

/** Another run may put something there again and again. */
const attempts = 5;

/**
 * Gives what is at `temporary` the name `target`, on the same disk. A file takes the place of a file in one step; of a folder it cannot, so
 * what was there gets a hidden name for that moment: killed in it, the next run finds nothing at `target` and puts it there from the
 * cache. Throws system errors.
 */
export async function putInPlace(temporary: string, target: string): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      await rename(temporary, target);
      break;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (attempt === attempts || !inTheWay.has(code) || !(await oneIsFolder([temporary, target])))
        throw error;
      await removeAtOnce(target);
    }
  await syncFolder(dirname(target));
}

const oneIsFolder = async (paths: readonly string[]): Promise<boolean> => {
  const stats = await Promise.all(paths.map((path) => lstat(path).catch(() => undefined)));
  return stats.some((each) => each?.isDirectory());
};

/** A folder is emptied for long: nobody may see it half full under its own name. */
async function removeAtOnce(target: string): Promise<void> {
  const aside = temporaryBeside(target);
  try {
    await rename(target, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
