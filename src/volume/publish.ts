/** Files that take their name only when they are complete. */
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { explainSystemError } from "../core/error.ts";

interface Closable {
  close(): Promise<void>;
  abort(): Promise<void>;
}

let created = 0;

/**
 * Creates a writer on a temporary file beside `path`, which is renamed to `path` when the writer is closed. When closing fails
 * the temporary file is removed. Errors speak of `path`.
 */
export async function publishOnClose<W extends Closable>(
  path: string,
  create: (temporary: string) => Promise<W>,
): Promise<Closable & { readonly writer: W; readonly named: <T>(work: Promise<T>) => Promise<T> }> {
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
    await rename(temporary, path);
  } catch (error) {
    await writer.abort();
    await rm(temporary, { force: true });
    throw explainSystemError(error, path);
  }
}

/** The user knows the file by the name it is going to have. */
function nameOf(path: string, temporary: string, error: unknown): unknown {
  if (error instanceof Error) error.message = error.message.replaceAll(temporary, path);
  return error;
}
