/** What the end of an external program means to a user. */
import { existsSync } from "node:fs";
import { TomoflowError } from "../core/error.ts";

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last it wrote to standard error, or else to standard output. */
  readonly said: string;
}

/** Last lines that are shown with a failure. */
const shownLines = 8;

export function explainProgramEnd(program: string, { code, signal, said }: ProgramEnd): TomoflowError {
  const last = lastLines(said);
  const tail = last === "" ? "; it wrote nothing" : `; the last it wrote:\n${last}`;
  if (signal === "SIGKILL")
    return new TomoflowError("program-crashed", `${program} was killed (SIGKILL)${tail}`, {
      hint: "most likely by the system for want of memory: give the step more in its resources, or fewer tasks at a time (--jobs)",
    });
  if (signal !== null)
    return new TomoflowError("program-crashed", `${program} crashed (${signal})${tail}`, {
      hint: "the log has all that it wrote",
    });
  return new TomoflowError("program-failed", `${program} ended with exit status ${code}${tail}`, {
    hint: "the log has its command line and all that it wrote",
  });
}

/** `error` as `spawn` gives it. */
export function explainProgramStart(error: unknown, program: string, folder: string | undefined): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" && folder !== undefined && !existsSync(folder))
    return new TomoflowError("file-missing", `${folder}, the folder to run ${program} in, does not exist`, {
      cause: error,
    });
  if (code === "ENOENT")
    return new TomoflowError(
      "program-missing",
      existsSync(program)
        ? `${program} cannot be started: its first line names an interpreter that is not there`
        : `there is no program ${program}`,
      {
        hint: "install it, add its folder to PATH (load its module, activate its environment), or give its whole path",
        cause: error,
      },
    );
  if (code === "EACCES")
    return new TomoflowError("program-not-executable", `${program} may not be executed`, {
      hint: `chmod +x ${program}, or name its interpreter first`,
      cause: error,
    });
  if (code === "ENOEXEC")
    return new TomoflowError("program-not-executable", `${program} is no program of this machine`, {
      hint: "a script wants a first line such as #!/usr/bin/env python3, or its interpreter named first",
      cause: error,
    });
  if (code === "E2BIG")
    return new TomoflowError("program-arguments", `the arguments of ${program} are too long`, {
      hint: "give it a file that lists them",
      cause: error,
    });
  return error;
}

function lastLines(text: string): string {
  const lines = text.split(/\r?\n|\r/).filter((line) => line.trim() !== "");
  return lines
    .slice(-shownLines)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join("\n");
}
