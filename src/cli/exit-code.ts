import { TomoflowError } from "../core/error.ts";
import { interruptedExitCode, isOurAbort } from "./interruption.ts";

/** What the process tells its caller. */
export const exitCode = {
  done: 0,
  taskFailed: 1,
  wrongInput: 2,
  interrupted: interruptedExitCode,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Codes of errors that are about the machine, not about what the user wrote or passed. */
const machineErrors: ReadonlySet<string> = new Set([
  "disk-full",
  "read-only",
  "no-permission",
  "out-of-memory",
  "file-too-large",
  "too-many-files",
  "disk-failed",
]);

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): ExitCode {
  if (isOurAbort(error)) return exitCode.interrupted;
  if (error instanceof TomoflowError && !machineErrors.has(error.code)) return exitCode.wrongInput;
  return exitCode.taskFailed;
}
