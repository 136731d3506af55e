/**
 * EMAN2's info/*.json: `boxes_3d` of [x, y, z, "manual", score, class], class from 0. With `apix_unbin`, as EMAN2's tomograms have it, they are pixels
 * of that size from voxel n div 2 of the tomogram (e2spt_boxer.py); without, voxels, 0 the first.
 */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { isNumber, isObject, type JsonObject, jsonMistake, readJsonObject } from "./json-text.ts";
import type { KnownTomogram, ObjectFileOptions, ObjectFormat, ObjectsByTomogram } from "./object-format.ts";
import { objectsInPixels } from "./scaled-objects.ts";

export const eman2Format: ObjectFormat = {
  name: "eman2",
  capabilities: { fields: new Set(["label", "x", "y", "z", "score"]), extra: false, requires: [] },
  read: async (bytes, source) => {
    const json = readJsonObject(bytes, source);
    return json.ok ? readBoxes(json.value, source) : json;
  },
  write: async (list, options) =>
    new TextEncoder().encode(`${JSON.stringify(boxesOf(list, options), null, 1)}\n`),
};

export const isEman2 = (json: JsonObject): boolean => "boxes_3d" in json;

export function readBoxes(json: JsonObject, file: string): Result<ObjectsByTomogram> {
  const boxes = json.boxes_3d;
  if (!Array.isArray(boxes))
    return failure([
      jsonMistake("there is no list boxes_3d: this is not a file of EMAN2's tomogram boxes", file),
    ]);
  const unbinned = json.apix_unbin;
  if (unbinned !== undefined && !(isNumber(unbinned) && unbinned > 0))
    return failure([jsonMistake("apix_unbin is not a number above 0", file)]);
  const mistakes: Diagnostic[] = [];
  const objects: TomogramObject[] = [];
  for (const [index, box] of boxes.entries()) {
    const [x, y, z, , score, label = 0] = Array.isArray(box) ? (box as unknown[]) : [];
    if (isNumber(x) && isNumber(y) && isNumber(z) && isNumber(label) && Number.isInteger(label) && label >= 0)
      objects.push({ label: label + 1, x, y, z, ...(isNumber(score) && { score }) });
    else if (mistakes.length < 20)
      mistakes.push(
        errorDiagnostic("object-value", `box ${index + 1} is not [x, y, z, "manual", score, class]`, {
          location: { file },
        }),
      );
  }
  if (mistakes.length > 0) return failure(mistakes);
  return success(unbinned === undefined ? objectsInPixels(objects) : fromCentre(objects, unbinned));
}

const fromCentre = (list: ObjectList, pixel: number): ObjectsByTomogram =>
  Object.assign(
    ({ voxelSizeAngstrom, shape }: KnownTomogram) => {
      const place = (value: number, axis: number) =>
        (value * pixel) / voxelSizeAngstrom![axis] + Math.floor(shape![axis] / 2);
      return success(
        list.map((object) => ({
          ...object,
          x: place(object.x, 2),
          y: place(object.y, 1),
          z: place(object.z, 0),
        })),
      );
    },
    { requires: ["voxelSizeAngstrom", "shape"] as const, isScaled: true },
  );

/** From the centre in unbinned pixels where binning, size and voxel size are known; in voxels otherwise. */
function boxesOf(list: ObjectList, { tomogram, classes }: ObjectFileOptions): JsonObject {
  const { binning, shape, voxelSizeAngstrom } = tomogram ?? {};
  const isCentred = binning !== undefined && shape !== undefined && voxelSizeAngstrom !== undefined;
  const place = (value: number, axis: number): number =>
    isCentred ? (value - Math.floor(shape[axis] / 2)) * binning : value * (binning ?? 1);
  const labels = [...new Set(list.map(({ label }) => label))].sort((a, b) => a - b);
  return {
    ...(isCentred && { apix_unbin: voxelSizeAngstrom[2] / binning }),
    boxes_3d: list.map(({ x, y, z, score, label }) => [
      ...[place(x, 2), place(y, 1), place(z, 0)],
      ...["manual", score ?? 0, label - 1],
    ]),
    class_list: Object.fromEntries(
      labels.map((label) => [
        String(label - 1),
        { name: classes?.find((one) => one.label === label)?.name ?? `particles_${label - 1}`, boxsize: 32 },
      ]),
    ),
  };
}

export const isBoxes = (value: unknown): boolean => isObject(value) && isEman2(value);
