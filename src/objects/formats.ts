/** The front door to object list files: finds the format, reads with every mistake told, writes at once or not at all. */
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { type Diagnostic, formatDiagnostic, warningDiagnostic } from "../core/diagnostic.ts";
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { readRegularFile } from "../core/regular-file.ts";
import { type Result, success } from "../core/result.ts";
import type { ObjectField, ObjectFileOptions, ObjectFormat } from "./formats/object-format.ts";
import type { ObjectList } from "./object-list.ts";

/** A format as the registry knows it before its module is loaded. */
export interface ObjectFormatEntry {
  readonly name: string;
  /** For people, e.g. in `--help`. */
  readonly title: string;
  /** Lower case, with the dot. */
  readonly extensions: readonly string[];
  load(): Promise<ObjectFormat>;
}

/** Every format, the first of an extension is the one chosen by it. */
export const objectFormats: readonly ObjectFormatEntry[] = [
  {
    name: "xml",
    title: "DeepFinder XML",
    extensions: [".xml"],
    load: async () => (await import("./formats/xml.ts")).xmlFormat,
  },
  {
    name: "xlsx",
    title: "DeepFinder Excel workbook",
    extensions: [".xlsx"],
    load: async () => (await import("./formats/xlsx.ts")).xlsxFormat,
  },
  {
    name: "csv",
    title: "comma separated text",
    extensions: [".csv", ".txt"],
    load: async () => (await import("./formats/csv.ts")).csvFormat,
  },
  {
    name: "tsv",
    title: "tab separated text",
    extensions: [".tsv"],
    load: async () => (await import("./formats/csv.ts")).tsvFormat,
  },
];

/**
 * Reads an object list; every mistake in it is a diagnostic with file, line or row, and column.
 * @throws TomoflowError when the file is missing, unreadable, or of an unknown format
 */
export async function checkObjects(
  path: string,
  options: ObjectFileOptions = {},
): Promise<Result<ObjectList>> {
  const format = await findFormat(path, options.format);
  requireOptions(format, path, options);
  const bytes = await readRegularFile(path);
  return format.read(bytes, path, options);
}

/**
 * Reads an object list, in voxels, 0 = centre of the first voxel.
 * @throws TomoflowError `objects-unreadable` that names every mistake (the first ten) with its place
 */
export const readObjects = async (path: string, options: ObjectFileOptions = {}): Promise<ObjectList> =>
  (await readObjectsTold(path, options)).list;

/**
 * As `readObjects`, with a warning for what the file holds that makes no object.
 * @throws as `readObjects`
 */
export async function readObjectsTold(
  path: string,
  options: ObjectFileOptions = {},
): Promise<{ readonly list: ObjectList; readonly warnings: readonly Diagnostic[] }> {
  const result = await checkObjects(path, options);
  if (result.ok) return { list: result.value, warnings: result.diagnostics };
  throw unreadable(path, result.diagnostics);
}

/**
 * Writes an object list in the format of the file's extension; the file appears whole or not at all.
 * @returns success, with a warning for what the format cannot hold
 * @throws TomoflowError when the format is unknown or the file cannot be written
 */
export async function writeObjects(
  path: string,
  list: ObjectList,
  options: ObjectFileOptions = {},
): Promise<Result<void>> {
  const format = await findFormat(path, options.format);
  requireOptions(format, path, options);
  const bytes = await format.write(list, options);
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(partial, bytes);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw explainSystemError(error, path);
  }
  return success(undefined, lossWarnings(list, format, path));
}

/** The format that a name or a file's extension stands for. */
async function findFormat(path: string, name: string | undefined): Promise<ObjectFormat> {
  const extension = extname(path).toLowerCase();
  const entry = objectFormats.find((candidate) =>
    name === undefined ? candidate.extensions.includes(extension) : candidate.name === name,
  );
  if (entry) return entry.load();
  const known = objectFormats
    .map((candidate) => `${candidate.name} (${candidate.extensions.join(", ")})`)
    .join(", ");
  throw new TomoflowError(
    "objects-format-unknown",
    name === undefined
      ? `${path}: no object list format has the extension "${extension}"`
      : `there is no object list format "${name}"`,
    { hint: `the formats are ${known}` },
  );
}

function requireOptions(format: ObjectFormat, path: string, options: ObjectFileOptions): void {
  const missing = format.capabilities.requires.filter((option) => options[option] === undefined);
  if (missing.length === 0) return;
  throw new TomoflowError(
    "objects-option-missing",
    `${path}: the format ${format.name} needs ${missing.join(", ")}`,
    {
      hint: "give the tomogram that the list belongs to",
    },
  );
}

function lossWarnings(list: ObjectList, { name, capabilities }: ObjectFormat, path: string): Diagnostic[] {
  const lost = new Set<string>();
  for (const object of list)
    for (const [field, value] of Object.entries(object)) {
      const kept = field === "extra" ? capabilities.extra : capabilities.fields.has(field as ObjectField);
      if (!kept && value !== undefined) lost.add(field);
    }
  if (lost.size === 0) return [];
  const message = `the format ${name} cannot hold ${[...lost].join(", ")}: left out`;
  return [warningDiagnostic("objects-fields-lost", message, { location: { file: path } })];
}

const shownMistakes = 10;

function unreadable(path: string, diagnostics: readonly Diagnostic[]): TomoflowError {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const more = errors.length > shownMistakes ? [`… and ${errors.length - shownMistakes} more mistakes`] : [];
  const lines = errors
    .slice(0, shownMistakes)
    .map((diagnostic) => formatDiagnostic({ ...diagnostic, hint: undefined }));
  const message =
    errors.length === 1
      ? lines[0].replace(": error: ", ": ")
      : [`${path}: ${errors.length} mistakes in the object list`, ...lines, ...more].join("\n");
  return new TomoflowError(first.code, message, { hint: first.hint });
}
