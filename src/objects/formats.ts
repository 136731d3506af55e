/** The front door to object list files: reads with every mistake told, writes at once or not at all. */
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Diagnostic, formatDiagnostic, warningDiagnostic } from "../core/diagnostic.ts";
import { explainSystemError, TomoflowError } from "../core/error.ts";
import { readRegularFile } from "../core/regular-file.ts";
import { failure, type Result, success } from "../core/result.ts";
import type {
  KnownTomogram,
  ObjectField,
  ObjectFileOptions,
  ObjectFormat,
  ObjectFormatCapabilities,
} from "./formats/object-format.ts";
import { checkRequired, findFormat } from "./object-formats.ts";
import type { ObjectList } from "./object-list.ts";

/** An object list that was read, before it is said which tomogram is meant. */
export interface ObjectFile {
  /** What of the tomogram must be known to tell the objects: nothing for most formats. */
  readonly requires: readonly (keyof KnownTomogram)[];
  /** Whether the objects are the same whatever is known of the tomogram. */
  readonly isPlain: boolean;
  /** Whether all that is known of the tomogram, apart from whose it is, scales and shifts coordinates and does no more. */
  readonly isScaled: boolean;
  /** In voxels, 0 = centre of the first voxel. Fails with `objects-option-missing` where what is required is not known. */
  objects(tomogram: KnownTomogram): Result<ObjectList>;
}

/**
 * Reads the file of an object list; every mistake in it is a diagnostic with file, line or row, and column.
 * @throws TomoflowError when the file is missing, unreadable, or of an unknown format
 */
export async function openObjectFile(
  path: string,
  options: ObjectFileOptions = {},
): Promise<Result<ObjectFile>> {
  const format = await findFormat(path, options);
  const read = await format.read(await readRegularFile(path), path, options);
  if (!read.ok) return read;
  const contents = read.value;
  const isPlain = typeof contents !== "function";
  const requires = (isPlain ? undefined : contents.requires) ?? format.capabilities.requires;
  const objects = (tomogram: KnownTomogram): Result<ObjectList> => {
    const missing = checkRequired({ name: format.name, requires }, path, tomogram);
    if (missing.length > 0) return failure(missing);
    return isPlain ? success(contents) : contents(tomogram);
  };
  const isScaled = !isPlain && contents.isScaled === true;
  return success({ requires, isPlain, isScaled, objects }, read.diagnostics);
}

/** As `openObjectFile`, and the objects of `options.tomogram`. */
export async function checkObjects(
  path: string,
  options: ObjectFileOptions = {},
): Promise<Result<ObjectList>> {
  const file = await openObjectFile(path, options);
  if (!file.ok) return file;
  const found = file.value.objects(options.tomogram ?? {});
  return { ...found, diagnostics: [...file.diagnostics, ...found.diagnostics] };
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
  const format = await findFormat(path, options);
  const { requires } = format.capabilities;
  const missing = options.tomogramOf
    ? []
    : checkRequired({ name: format.name, requires }, path, options.tomogram ?? {});
  if (missing.length > 0) throw unreadable(path, missing);
  const bytes = await format.write(list, { ...options, path });
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(partial, bytes);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw explainSystemError(error, path);
  }
  const losses = [...lostFields(list, format), ...(format.losses?.(list, options) ?? [])];
  return success(
    undefined,
    losses.map((message) => warningDiagnostic("objects-fields-lost", message, { location: { file: path } })),
  );
}

function lostFields(list: ObjectList, { name, capabilities }: ObjectFormat): string[] {
  const lost = new Set<string>();
  for (const object of list)
    for (const field in object) {
      const kept =
        field === "extra"
          ? capabilities.extra || keepsColumns(object, capabilities)
          : capabilities.fields.has(field as ObjectField);
      if (!kept && object[field as ObjectField] !== undefined) lost.add(field);
    }
  return lost.size === 0 ? [] : [`the format ${name} cannot hold ${[...lost].join(", ")}: left out`];
}

const keepsColumns = ({ extra }: ObjectList[number], { ownColumns }: ObjectFormatCapabilities): boolean =>
  Object.keys(extra ?? {}).every((name) => ownColumns?.has(name));

const shownMistakes = 10;

/** The first ten mistakes of a list, in one error. */
export function unreadable(path: string, diagnostics: readonly Diagnostic[]): TomoflowError {
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
