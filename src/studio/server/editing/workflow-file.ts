/** Workflow files read and written as bytes: saved whole or not at all, and never over what another program wrote meanwhile. */
import { randomUUID } from "node:crypto";
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { decodeText } from "../../../core/decode-text.ts";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import { insteadOfFile } from "../../../core/regular-file.ts";

export interface TextFile {
  readonly text: string;
  /** Hash of the bytes. */
  readonly version: string;
}

/** Longest workflow file, bytes; as `load-workflow.ts` has it. */
const largestFile = 16 * 2 ** 20;

/** Throws `file-missing`, `file-not-regular`, `file-too-large`, `not-utf8` and explained system errors. */
export async function readTextFile(path: string): Promise<TextFile> {
  const bytes = await readBytes(path);
  return { text: textOf(bytes, path), version: versionOf(bytes) };
}

export type SaveResult =
  | { readonly saved: true; readonly version: string }
  /** The file is another one than `version`. */
  | { readonly saved: false; readonly current: TextFile };

/**
 * Writes beside the file and renames, so that it is never half written; links, encoding, byte order mark and mode stay. Throws explained
 * system errors, and `file-missing` when the file is gone.
 */
export async function saveTextFile(path: string, { text, version }: TextFile): Promise<SaveResult> {
  const place = await realpath(path).catch((error: unknown) => {
    throw explainSystemError(error, path);
  });
  return alone(place, async () => {
    const before = await readBytes(place);
    if (versionOf(before) !== version)
      return { saved: false, current: { text: textOf(before, path), version: versionOf(before) } };
    const bytes = encodeLike(before, textOf(before, path))(text);
    await replaceFile(place, bytes);
    return { saved: true, version: versionOf(bytes) };
  });
}

/** Writes a file that is not there yet. Throws `file-exists`. */
export async function createTextFile(path: string, text: string): Promise<TextFile> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw explainSystemError(cause, path);
    throw new TomoflowError("file-exists", `${basename(path)} is there already`, {
      hint: "choose another name",
      cause,
    });
  }
  return { text, version: versionOf(Buffer.from(text)) };
}

const versionOf = (bytes: Uint8Array): string => sha256(bytes).slice(0, 32);

async function readBytes(path: string): Promise<Buffer> {
  try {
    const stats = await stat(path);
    const instead = insteadOfFile(stats);
    if (instead !== undefined)
      throw new TomoflowError("file-not-regular", `${basename(path)} is ${instead}, not a file`);
    if (stats.size > largestFile)
      throw new TomoflowError("file-too-large", `${stats.size} bytes are too much for a workflow file`);
    return await readFile(path);
  } catch (error) {
    throw explainSystemError(error, path);
  }
}

function textOf(bytes: Buffer, path: string): string {
  const decoded = decodeText(bytes, { source: path });
  if (decoded.ok) return decoded.value;
  const [{ code, message, hint } = { code: "not-utf8", message: "this is no text", hint: undefined }] =
    decoded.diagnostics;
  throw new TomoflowError(code, message, hint === undefined ? {} : { hint });
}

type Encode = (text: string) => Buffer;

const wide: Encode = (text) => Buffer.from(text, "utf16le");

const encodings: readonly Encode[] = [
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\uFEFF${text}`),
  (text) => wide(`\uFEFF${text}`),
  (text) => wide(`\uFEFF${text}`).swap16(),
  wide,
  (text) => wide(text).swap16(),
];

/** The encoding in which the old text has the old bytes. */
const encodeLike = (bytes: Buffer, text: string): Encode =>
  encodings.find((encode) => encode(text).equals(bytes)) ?? encodings[0]!;

async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const { mode } = await stat(path);
    const file = await open(beside, "wx", mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(beside, mode & 0o7777);
    await rename(beside, path);
  } catch (error) {
    throw explainSystemError(error, path);
  } finally {
    await rm(beside, { force: true });
  }
}

const atWork = new Map<string, Promise<unknown>>();

/** One save of a file after another: between the look at the version and the rename there is no other of ours. */
async function alone<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = atWork.get(path) ?? Promise.resolve();
  const mine = before.then(work, work);
  atWork.set(path, mine);
  try {
    return await mine;
  } finally {
    if (atWork.get(path) === mine) atWork.delete(path);
  }
}
