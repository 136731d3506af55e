/** What a preflight asks of an object list: labels of the class table, positions inside the volume, objects at all. */
import { existsSync } from "node:fs";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../core/diagnostic.ts";
import { fileMistake } from "../core/file-mistake.ts";
import { formatShape, type Shape3 } from "../volume/volume.ts";
import type { ObjectFileOptions } from "./formats/object-format.ts";
import { type ObjectFile, openObjectFile } from "./formats.ts";
import type { ObjectList, TomogramObject } from "./object-list.ts";
import { isInside } from "./operations/region.ts";

export interface ObjectExpectations {
  /** The file, for the messages. */
  readonly source: string;
  /** Labels of the class table; every label is right when not given. */
  readonly labels?: readonly number[];
  /** (z, y, x), voxels: the volume the objects must lie in. */
  readonly shape?: Shape3;
}

/** The mistakes of a list that could be read: each kind once, with how many objects and the first of them. */
export function checkObjectList(list: ObjectList, expected: ObjectExpectations): readonly Diagnostic[] {
  return [...checkLabels(list, expected), ...checkPositions(list, expected)];
}

/**
 * Reads the file of a list; never throws for a user's mistake. No path, or a file that is not there yet (an earlier step will write
 * it), has no mistakes and no list.
 */
export async function findObjectFile(
  path: string | undefined,
  options: ObjectFileOptions = {},
): Promise<{ readonly file?: ObjectFile; readonly diagnostics: readonly Diagnostic[] }> {
  if (path === undefined || !existsSync(path)) return { diagnostics: [] };
  try {
    const result = await openObjectFile(path, options);
    if (!result.ok) return { diagnostics: firstMistakes(result.diagnostics, path) };
    return { file: result.value, diagnostics: result.diagnostics };
  } catch (error) {
    return { diagnostics: [fileMistake(error, path)] };
  }
}

/** A list made by a wrong script has the same mistake in every line. */
const shownMistakes = 5;

/** The first mistakes, and how many more there are. */
export function firstMistakes(diagnostics: readonly Diagnostic[], path: string): readonly Diagnostic[] {
  const hidden = diagnostics.length - shownMistakes;
  if (hidden <= 0) return diagnostics;
  const rest = errorDiagnostic("objects-unreadable", `${hidden} more mistakes in this list`, {
    location: { file: path },
  });
  return [...diagnostics.slice(0, shownMistakes), rest];
}

function checkLabels(list: ObjectList, { source, labels }: ObjectExpectations): Diagnostic[] {
  if (!labels) return [];
  const unknown = list.filter(({ label }) => !labels.includes(label));
  if (unknown.length === 0) return [];
  const names = [...new Set(unknown.map(({ label }) => label))].sort((a, b) => a - b).join(", ");
  return [
    errorDiagnostic(
      "label-unknown",
      `${count(unknown)} of a class that the class table does not list: ${names}`,
      {
        location: { file: source },
        hint:
          labels.length === 0
            ? `add ${names} to \`classes\``
            : `add ${names} to \`classes\`, or keep only the others: \`tomoflow objects filter --class ${labels.join(",")}\``,
      },
    ),
  ];
}

function checkPositions(list: ObjectList, { source, shape }: ObjectExpectations): Diagnostic[] {
  if (!shape) return [];
  const outside = list.filter((object) => !isInside(object, shape));
  if (outside.length === 0) return [];
  const message = `${count(outside)} outside the volume of ${formatShape(shape)} voxels, the first at ${place(outside[0])}`;
  const hint =
    "is this the right list, or one for a differently binned tomogram (`tomoflow objects scale`)? `tomoflow objects clip` drops what is outside";
  return [errorDiagnostic("object-outside", message, { location: { file: source }, hint })];
}

const count = (list: ObjectList): string =>
  list.length === 1 ? "1 object is" : `${list.length} objects are`;

const place = ({ x, y, z }: TomogramObject): string => `x ${x}, y ${y}, z ${z}`;

/** A warning when a list holds no object at all. */
export const warnIfEmpty = (list: ObjectList, source: string): readonly Diagnostic[] =>
  list.length > 0
    ? []
    : [warningDiagnostic("objects-none", "the object list is empty", { location: { file: source } })];
