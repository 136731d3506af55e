/** Files, and folders that hold one volume, that take their name only when they are complete. */
import { lstat, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainSystemError, TomoflowError } from "../core/error.ts";

interface Closable {
  close(): Promise<void>;
  abort(): Promise<void>;
}

let created = 0;

/** Keys of which every Zarr group and array has one. */
export const folderMarks: readonly string[] = ["zarr.json", ".zattrs", ".zarray", ".zgroup"];

/**
 * Creates a writer on a temporary file beside `path`, which is renamed to `path` when the writer is closed. When closing fails
 * the temporary file is removed. Errors speak of `path`.
 */
export async function publishOnClose<W extends Closable>(
  path: string,
  create: (temporary: string) => Promise<W>,
): Promise<Closable & { readonly writer: W; readonly named: <T>(work: Promise<T>) => Promise<T> }> {
  await checkReplaceable(path);
  const temporary = join(dirname(path), `.${basename(path)}.partial-${process.pid}-${created++}`);
  const named = <T>(work: Promise<T>) =>
    work.catch((error) => {
      throw nameOf(path, temporary, error);
    });
  const writer = await named(create(temporary));
  const close = () => named(publish(writer, temporary, path));
  return { writer, named, close, abort: () => writer.abort() };
}

async function publish(writer: Closable, temporary: string, path: string): Promise<void> {
  try {
    await writer.close();
    await putInPlace(temporary, path);
  } catch (error) {
    await writer.abort();
    await rm(temporary, { force: true, recursive: true });
    throw explainSystemError(error, path);
  }
}

/** In place of a volume of many pieces, what was made of many pieces or one; other folders stay. */
async function putInPlace(temporary: string, path: string): Promise<void> {
  if (!(await isFolder(path))) return rename(temporary, path);
  await checkReplaceable(path);
  const old = `${temporary}-old`;
  await rename(path, old);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rename(old, path);
    throw error;
  }
  await rm(old, { force: true, recursive: true });
}

const isFolder = async (path: string): Promise<boolean> =>
  lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

/** Throws `file-is-folder` for a folder that is neither empty nor a volume: it may be anything of the user's. */
export async function checkReplaceable(path: string): Promise<void> {
  if (!(await isFolder(path))) return;
  const names = await readdir(path);
  if (names.length === 0 || folderMarks.some((mark) => names.includes(mark))) return;
  throw new TomoflowError(
    "file-is-folder",
    `${path} is a folder that holds no volume, and would be replaced`,
    {
      hint: "name another output, or remove the folder first",
    },
  );
}

/** The user knows the file by the name it is going to have. */
function nameOf(path: string, temporary: string, error: unknown): unknown {
  if (error instanceof Error) error.message = error.message.replaceAll(temporary, path);
  return error;
}
