/** An object list's file: read with its fingerprint, and replaced as a whole, data on the disk before the name. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { type Diagnostic, warningDiagnostic } from "../../../core/diagnostic.ts";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import { checkRegularFile } from "../../../core/regular-file.ts";
import { failure, type Result } from "../../../core/result.ts";
import type { ObjectField, ObjectFileOptions, ObjectFormat } from "../../../objects/formats/object-format.ts";
import { checkRequired, objectFormats } from "../../../objects/object-formats.ts";
import type { ObjectList } from "../../../objects/object-list.ts";

/** What tells one content of a file from another without reading it; undefined where there is no file. */
export interface FileMark {
  readonly size: number;
  readonly changed: number;
  readonly inode: number;
}

export interface ReadList {
  readonly mark: FileMark;
  /** SHA-256 of the bytes. */
  readonly hash: string;
  readonly list: Result<ObjectList>;
}

/** The format of the file's name. @throws TomoflowError `objects-format-unknown` */
export async function formatOfFile(path: string): Promise<ObjectFormat> {
  const extension = extname(path).toLowerCase();
  const entry = objectFormats.find(({ extensions }) => extensions.includes(extension));
  if (entry) return entry.load();
  const known = objectFormats.flatMap(({ extensions }) => extensions).join(", ");
  throw new TomoflowError(
    "objects-format-unknown",
    `${basename(path)}: no object list has the ending "${extension}"`,
    { hint: `the endings are ${known}` },
  );
}

export async function markOfFile(path: string): Promise<FileMark | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && { size: stats.size, changed: stats.mtimeMs, inode: stats.ino };
}

export const isSameMark = (a: FileMark | undefined, b: FileMark | undefined): boolean =>
  a?.size === b?.size && a?.changed === b?.changed && a?.inode === b?.inode;

/** Reads the file; undefined where there is none. @throws TomoflowError for what is no file, or unreadable */
export async function readList(path: string, options: ObjectFileOptions): Promise<ReadList | undefined> {
  const format = await formatOfFile(path);
  const mark = await markOfFile(path);
  if (!mark) return undefined;
  await checkRegularFile(path);
  const bytes = await readFile(path).catch((error) => {
    throw explainSystemError(error, path);
  });
  return { mark, hash: sha256(bytes), list: await objectsIn(format, bytes, { path, options }) };
}

/** Those of the tomogram that the options name, in formats that need to know it. */
async function objectsIn(
  format: ObjectFormat,
  bytes: Uint8Array,
  { path, options }: { readonly path: string; readonly options: ObjectFileOptions },
): Promise<Result<ObjectList>> {
  const read = await format.read(bytes, basename(path), options);
  if (!read.ok) return read;
  const { value } = read;
  if (typeof value === "function") {
    const known = options.tomogram ?? {};
    const requires = value.requires ?? format.capabilities.requires;
    const missing = checkRequired({ name: format.name, requires }, basename(path), known);
    return missing.length > 0 ? failure(missing) : value(known);
  }
  return { ok: true, value, diagnostics: read.diagnostics };
}

export interface ListBytes {
  readonly bytes: Uint8Array;
  readonly hash: string;
  /** What this format cannot hold. */
  readonly warnings: readonly Diagnostic[];
}

/** The list as the file will hold it. */
export async function encodeList(
  path: string,
  list: ObjectList,
  options: ObjectFileOptions,
): Promise<ListBytes> {
  const format = await formatOfFile(path);
  const bytes = await format.write(list, options);
  return { bytes, hash: sha256(bytes), warnings: lostFields(list, format) };
}

function lostFields(list: ObjectList, { name, capabilities }: ObjectFormat): Diagnostic[] {
  const lost = new Set<string>();
  for (const object of list)
    for (const [field, value] of Object.entries(object)) {
      const kept = field === "extra" ? capabilities.extra : capabilities.fields.has(field as ObjectField);
      if (!kept && value !== undefined) lost.add(field);
    }
  if (lost.size === 0) return [];
  return [
    warningDiagnostic(
      "objects-fields-lost",
      `the format ${name} cannot hold ${[...lost].join(", ")}: left out of the file`,
      { hint: "save it as .csv or .xml to keep everything" },
    ),
  ];
}

/** What the list is once it has been written and read: rounded as the format rounds. */
export async function readBack(
  path: string,
  bytes: Uint8Array,
  options: ObjectFileOptions,
): Promise<ObjectList> {
  const format = await formatOfFile(path);
  const read = await objectsIn(format, bytes, { path, options });
  if (read.ok) return read.value;
  throw new TomoflowError(
    "objects-unreadable",
    `${basename(path)}: what tomoflow wrote cannot be read again`,
    {
      cause: read.diagnostics,
      hint: "this is a mistake of tomoflow: please report it, and save as another format",
    },
  );
}

/**
 * Replaces the file: readers see the old bytes or the new ones. `isStill` is asked last of all whether the file is the one that may be replaced.
 * @returns the mark of the new file, or undefined where `isStill` said no
 * @throws explained system errors; the old file is then as it was
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  isStill: () => Promise<boolean> = async () => true,
): Promise<FileMark | undefined> {
  const target = await placeToWrite(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}${ending}`);
  try {
    await mkdir(dirname(target), { recursive: true });
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await isStill())) {
      await rm(temporary, { force: true });
      return undefined;
    }
    await rename(temporary, target);
    await syncFolder(dirname(target));
    return await markOfFile(path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError(error, path);
  }
}

const ending = ".saving";

/** A link to another file stays one; a link into the cache of results is replaced, since the cache is nobody's to write. */
async function placeToWrite(path: string): Promise<string> {
  const real = await realpath(path).catch(() => path);
  return /[\\/]\.tomoflow[\\/]/.test(real) ? path : real;
}

/** Removes what a server that was killed left of its saving. */
export async function removeHalfWritten(path: string): Promise<void> {
  const folder = dirname(await placeToWrite(path));
  const start = `.${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (name.startsWith(start) && name.endsWith(ending)) await rm(join(folder, name), { force: true });
}

/** Flushes the names of a folder; some systems cannot. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  try {
    await folder?.sync();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["EINVAL", "EPERM", "EISDIR", "EACCES", "ENOTSUP"].includes(code)) throw error;
  } finally {
    await folder?.close();
  }
}
