/**
 * What goes wrong while running. `code` is stable and kebab-case (`mrc-truncated`), `message` says what happened
 * to which file, `hint` what to do next. Shown to the user as one message, never as a stack trace.
 */
export class TomoflowError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "TomoflowError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** Adds what a system error means to a user (disk full, read-only folder, no permission, no such file). */
export function explainSystemError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case "ENOENT":
      return new TomoflowError("file-missing", `${path} does not exist`, {
        hint: "check the path; paths in a workflow are relative to the workflow file",
        cause: error,
      });
    case "EISDIR":
      return new TomoflowError("file-is-folder", `${path} is a folder, not a file`, { cause: error });
    case "EACCES":
    case "EPERM":
      return new TomoflowError("no-permission", `no permission to use ${path}`, {
        hint: "check the owner and mode of the file and its folder",
        cause: error,
      });
    case "EROFS":
      return new TomoflowError("read-only", `${path} is on a read-only file system`, {
        hint: "choose another folder with `out`, or mount it writable",
        cause: error,
      });
    case "ENOSPC":
    case "EDQUOT":
      return new TomoflowError("disk-full", `no space left on the disk while writing ${path}`, {
        hint: "free space (tomoflow gc --keep-locked --dry-run shows what the cache could give back) and run again: finished tasks are kept",
        cause: error,
      });
    default:
      return error;
  }
}

/** True when `signal` aborted the operation that threw `error`. */
export const isAbort = (error: unknown): boolean => (error as Error | null)?.name === "AbortError";
