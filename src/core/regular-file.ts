/**
 * Files that a user names. Only what holds its bytes is opened: a FIFO waits for a writer, a device has no end, and neither a signal
 * nor an `AbortSignal` ends the wait of the system's `open`.
 */
import { type BigIntStats, type Stats, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "./error.ts";

type Kind = Pick<
  Stats | BigIntStats,
  "isFile" | "isDirectory" | "isFIFO" | "isSocket" | "isCharacterDevice" | "isBlockDevice"
>;

/** What stands where a file should: `a FIFO (named pipe)`; undefined for a regular file. */
export function insteadOfFile(stats: Kind): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a FIFO (named pipe)";
  if (stats.isSocket()) return "a socket";
  return stats.isCharacterDevice() || stats.isBlockDevice() ? "a device" : "something else";
}

/** The error for what is no regular file; `shown` is its name for people. */
export function notRegularFile(stats: Kind, shown: string): TomoflowError | undefined {
  const found = insteadOfFile(stats);
  if (found === undefined) return undefined;
  if (stats.isDirectory()) return new TomoflowError("file-is-folder", `${shown} is ${found}, not a file`);
  return new TomoflowError("file-not-regular", `${shown} is ${found}, not a file that can be read again`, {
    hint: savingHint,
  });
}

export const savingHint = "save its content in a file and name that";

/** @throws TomoflowError `file-is-folder`, `file-not-regular`, `file-missing` and what else the system says */
export async function checkRegularFile(path: string, shown = path): Promise<void> {
  const stats = await stat(path).catch((error) => {
    throw explainSystemError(error, shown);
  });
  const error = notRegularFile(stats, shown);
  if (error) throw error;
}

/** The whole content. @throws as `checkRegularFile` */
export async function readRegularFile(path: string): Promise<Buffer> {
  await checkRegularFile(path);
  return readFile(path).catch((error) => {
    throw explainSystemError(error, path);
  });
}

export const isRegularFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
