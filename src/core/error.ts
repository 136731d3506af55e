/** Errors with a stable code, and what the errors of the system mean to a user. */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";

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

/** An error as another thread is told it: `code` where the user can mend it. */
export interface ToldError {
  readonly code?: string;
  readonly message: string;
  readonly hint?: string;
}

export function tellError(error: unknown): ToldError {
  const { message } = error as Error;
  if (!(error instanceof TomoflowError)) return { message };
  const { code, hint } = error;
  return { code, message, ...(hint !== undefined && { hint }) };
}

/** The error that was told. */
export const toldError = ({ code, message, hint }: ToldError): Error =>
  code === undefined
    ? new Error(message)
    : new TomoflowError(code, message, hint === undefined ? {} : { hint });

/** Adds what a system error means to a user (disk full, read-only folder, no permission, no such file). */
export function explainSystemError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  const meaning = code === "ENOENT" || code === "ENOTDIR" ? absence(path) : meanings[code]?.(path, code);
  if (meaning === undefined) return error;
  const [kind, message, hint] = meaning;
  return new TomoflowError(kind, message, { cause: error, ...(hint !== undefined && { hint }) });
}

type Meaning = readonly [code: string, message: string, hint?: string];

/** Names the first folder on the way that is not there, or is none. */
function absence(path: string): Meaning {
  let missing = dirname(path);
  if (missing === path || existsSync(missing)) return ["file-missing", ...whatIsMissing(path, missing)];
  while (!existsSync(dirname(missing)) && dirname(missing) !== missing) missing = dirname(missing);
  const above = dirname(missing);
  if (isFile(above)) return ["file-missing", ...whatIsMissing(path, above)];
  const hint = "check the path, or make the folder first";
  return ["file-missing", `${path} does not exist: there is no folder ${missing}`, hint];
}

const whatIsMissing = (path: string, folder: string): [message: string, hint: string] =>
  isFile(folder)
    ? [`${path} does not exist: ${folder} is a file, not a folder`, "check the path"]
    : [`${path} does not exist`, "check the path; paths in a workflow are relative to the workflow file"];

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

const noPermission = (path: string): Meaning => [
  "no-permission",
  `no permission to use ${path}`,
  "check the owner and mode of the file and its folder",
];

const diskFull = (path: string): Meaning => [
  "disk-full",
  `no space left on the disk while writing ${path}`,
  "free space (tomoflow gc --keep-locked --dry-run shows what the cache could give back) and run again: finished tasks are kept",
];

const tooManyFiles = (path: string): Meaning => [
  "too-many-files",
  `too many files are open to open ${path}`,
  "raise the limit (ulimit -n 4096), or run fewer tasks at a time with --jobs",
];

const diskFailed = (path: string, code: string): Meaning => [
  "disk-failed",
  `the disk or network share failed at ${path} (${code})`,
  "look at the disk, or mount the share again, then run again: finished tasks are kept",
];

/** By code of the system. */
const meanings: Readonly<Record<string, (path: string, code: string) => Meaning>> = {
  EISDIR: (path) => ["file-is-folder", `${path} is a folder, not a file`],
  EACCES: noPermission,
  EPERM: noPermission,
  EROFS: (path) => [
    "read-only",
    `${path} is on a read-only file system`,
    "choose another folder with `out`, or mount it writable",
  ],
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EFBIG: (path) => [
    "file-too-large",
    `${path} is larger than a file may be here`,
    "raise the limit of the shell (ulimit -f unlimited), or write to another file system: FAT takes no more than 4 GB",
  ],
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  EIO: diskFailed,
  ESTALE: diskFailed,
  EREMOTEIO: diskFailed,
  ENOMEM: (path) => [
    "out-of-memory",
    `the system has no memory left for ${path}`,
    "end other programs, or run fewer tasks at a time with --jobs",
  ],
  ELOOP: (path) => ["link-circle", `${path} is a link that leads back to itself`, "point the link to a file"],
  ENAMETOOLONG: (path) => ["name-too-long", `the name of ${path} is too long for this disk`, "shorten it"],
};

/** True when `signal` aborted the operation that threw `error`. */
export const isAbort = (error: unknown): boolean => (error as Error | null)?.name === "AbortError";
