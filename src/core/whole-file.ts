/** Files that take their name only when they are complete and on the disk. */
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainSystemError } from "./error.ts";

let created = 0;

/**
 * Lets `write` make a temporary file beside `path`, then renames it to `path`: readers see the old file or the new one,
 * never a part. Throws what `write` throws, with `path` in place of the temporary name, and explained system errors.
 */
export async function writeWholeFile(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.whole-${process.pid}-${created++}`);
  try {
    await write(temporary);
    const file = await open(temporary, "r+");
    await file.sync().finally(() => file.close());
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Error) error.message = error.message.replaceAll(temporary, path);
    throw explainSystemError(error, path);
  }
}
