/**
 * The list of the CZII challenge (.csv): `id,experiment,particle_type,x,y,z`, Å from the centre of the first voxel, classes by name, the
 * tomogram as `experiment`.
 */
import { decodeText } from "../../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, type Result, resultOf, success } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { classNamer, labelsOfNames } from "./class-names.ts";
import { inOneLine } from "./fields.ts";
import { shortNumber } from "./lines/number-lines.ts";
import type { ObjectFileOptions, ObjectFormat, ObjectsByTomogram } from "./object-format.ts";
import { objectsInAngstrom } from "./scaled-objects.ts";
import { knownTomograms, tomogramNames } from "./star/write-particles.ts";
import { type Line, readLines } from "./text-lines.ts";

const name = "czii";
const needed = ["experiment", "particle_type", "x", "y", "z"] as const;

export const cziiFormat: ObjectFormat = {
  name,
  capabilities: {
    fields: new Set(["label", "x", "y", "z", "tomogramId", "objectId"]),
    ...{ extra: false, requires: ["voxelSizeAngstrom"] },
  },
  read: async (bytes, source, options) => {
    const text = decodeText(bytes, { source });
    return text.ok ? readCzii(text.value, source, options) : text;
  },
  write: async (list, options) => new TextEncoder().encode(writeCzii(list, options)),
};

/** Whether a header's names are those of the challenge. */
export const isCziiHeader = (names: readonly string[]): boolean =>
  needed.every((wanted) => names.some((one) => one.toLowerCase() === wanted));

export function readCzii(
  text: string,
  source: string,
  options: ObjectFileOptions,
): Result<ObjectsByTomogram> {
  const mistakes: Diagnostic[] = [];
  const rows: { readonly type: string; readonly object: Omit<TomogramObject, "label"> }[] = [];
  let header: readonly string[] | undefined;
  const place = ({ number, text: sourceLine }: Line, column = 1) => ({
    file: source,
    line: number,
    column,
    sourceLine,
  });
  const read = (line: Line): boolean => {
    if (!header) {
      header = line.cells.map((cell) => cell.text.toLowerCase());
      if (isCziiHeader(header)) return true;
      mistakes.push(
        errorDiagnostic("objects-text", "the header is not id,experiment,particle_type,x,y,z", {
          location: place(line),
        }),
      );
      return false;
    }
    const cell = (column: string) => line.cells[header!.indexOf(column)];
    const numbers = (["x", "y", "z"] as const).map((axis) => {
      const text = cell(axis)?.text ?? "";
      const value = text === "" ? Number.NaN : Number(text);
      if (!Number.isFinite(value))
        mistakes.push(
          errorDiagnostic("object-value", `${axis} "${inOneLine(text.slice(0, 40))}" is not a number`, {
            location: place(line, cell(axis)?.column),
          }),
        );
      return value;
    });
    const id = Number(cell("id")?.text || Number.NaN);
    const [x, y, z] = numbers;
    rows.push({
      type: cell("particle_type")?.text ?? "",
      object: {
        ...{ x, y, z, tomogramId: cell("experiment")?.text ?? "" },
        ...(Number.isInteger(id) && id >= 0 && { objectId: id }),
      },
    });
    return mistakes.length < 20;
  };
  const { problem } = readLines(text, {
    namesCoordinates: (cells) => isCziiHeader(cells.map((cell) => cell.text)),
    read,
  });
  if (problem)
    mistakes.push(
      errorDiagnostic("objects-text", problem.message, {
        location: { file: source, line: problem.number, column: problem.column, sourceLine: problem.text },
        hint: problem.hint,
      }),
    );
  const { labels, diagnostics } = labelsOfNames(
    rows.map(({ type }) => type),
    options,
    source,
  );
  const checked = resultOf(undefined, [...mistakes, ...diagnostics]);
  if (!checked.ok) return failure(checked.diagnostics);
  return success(
    objectsInAngstrom(rows.map(({ type, object }) => ({ label: labels.get(type)!, ...object }))),
  );
}

function writeCzii(list: ObjectList, options: ObjectFileOptions): string {
  const { idOf, nameOf } = tomogramNames(list, options, name);
  const known = knownTomograms(options, ["voxelSizeAngstrom"], name);
  const className = classNamer(options, name);
  const keepsIds = list.every(({ objectId }) => objectId !== undefined);
  const lines = list.map((object, index) => {
    const [z, y, x] = known(idOf(object)).voxelSizeAngstrom!;
    const place = [object.x * x, object.y * y, object.z * z].map(shortNumber);
    return [
      keepsIds ? object.objectId : index,
      quote(nameOf(object)),
      quote(className(object.label)),
      ...place,
    ].join(",");
  });
  return `${["id,experiment,particle_type,x,y,z", ...lines].join("\n")}\n`;
}

const quote = (text: string): string =>
  /[",\n\r#;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
