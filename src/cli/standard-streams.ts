/** What becomes of output that cannot be written: the work goes on, and the loss is told where it can be. */
import { explainSystemError } from "../core/error.ts";

/** A reader that went away (`| head`) and a terminal that was closed are no mistakes: what is left to say is dropped. */
const goneReaders: ReadonlySet<string> = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);

/**
 * Listens to the failures of standard output and standard error: a file on a full disk, say. Such a process ends with 1 where
 * all else went well. Call it once, before anything is written.
 */
export function guardStandardStreams(): void {
  let lost = false;
  const guard = (stream: NodeJS.WriteStream, name: string, other: NodeJS.WriteStream): void => {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (lost || goneReaders.has(error.code ?? "")) return;
      lost = true;
      const { message } = explainSystemError(error, name) as Error;
      other.write(`error: ${message}: what should be there is not complete\n`);
    });
  };
  guard(process.stdout, "standard output", process.stderr);
  guard(process.stderr, "standard error", process.stdout);
  process.on("exit", () => {
    if (lost) process.exitCode ||= 1;
  });
}
