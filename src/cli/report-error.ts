/** How a command that threw ends: one message, what to do next, no stack. */
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { type ExitCode, exitCodeOf } from "./exit-code.ts";
import { isOurAbort } from "./interruption.ts";
import { paint, withShownPaths, writeErrorLine } from "./output.ts";

/** Writes `error: …` and `hint: …` to standard error and returns the exit code. TOMOFLOW_DEBUG=1 adds the stack. */
export function reportError(thrown: unknown): ExitCode {
  const error = withMeaning(thrown);
  if (isOurAbort(error)) writeErrorLine("interrupted");
  else writeMessage(error);
  if (process.env.TOMOFLOW_DEBUG) writeErrorLine(stackOf(error));
  return exitCodeOf(error);
}

/** A system error that names its file becomes the message a user can act on. */
function withMeaning(error: unknown): unknown {
  const path = (error as NodeJS.ErrnoException | null)?.path;
  return path ? explainSystemError(error, path) : error;
}

function writeMessage(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  writeErrorLine(`${paint("red", "error:", process.stderr)} ${withShownPaths(message)}`);
  const hint =
    error instanceof TomoflowError
      ? error.hint
      : "this should not happen; TOMOFLOW_DEBUG=1 shows where it did, please report it";
  if (hint) writeErrorLine(`${paint("cyan", "hint:", process.stderr)} ${withShownPaths(hint)}`);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
