/**
 * IMOD models (.mod), binary or text: object n of the model is class n. The centre of the first voxel is at (0.5, 0.5, 0) of a model. Radii of
 * points are the own column `imod_size`; of a new model they are those of balls of the cluster's size.
 */
import { decodeText } from "../../core/decode-text.ts";
import { errorDiagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { extraOf } from "./fields.ts";
import type { ImodModel, ImodObject } from "./imod/model.ts";
import { isBinaryModel, readBinaryModel } from "./imod/read-binary.ts";
import { readTextModel, writeTextModel } from "./imod/text.ts";
import { type ModelImage, writeBinaryModel } from "./imod/write-binary.ts";
import type { ObjectFileOptions, ObjectFormat, ObjectsByTomogram } from "./object-format.ts";
import { objectsInPixels } from "./scaled-objects.ts";

const fields = new Set(["label", "x", "y", "z"] as const);

export const imodFormat: ObjectFormat = {
  name: "imod",
  capabilities: { fields, extra: false, ownColumns: new Set(["imod_size"]), requires: [] },
  read: async (bytes, source) => readModel(bytes, source),
  write: async (list, options) => writeBinaryModel(modelObjects(list, options), imageOf(list, options)),
};

export const imodTextFormat: ObjectFormat = {
  name: "imodtext",
  capabilities: { fields, extra: false, requires: [] },
  read: async (bytes, source) => readModel(bytes, source),
  write: async (list, options) =>
    new TextEncoder().encode(writeTextModel(modelObjects(list, options), imageOf(list, options))),
};

function readModel(bytes: Uint8Array, file: string): Result<ObjectsByTomogram> {
  if (isBinaryModel(bytes)) {
    const model = readBinaryModel(bytes);
    if (typeof model !== "string") return success(objectsInPixels(objectsOf(model)));
    return failure([
      errorDiagnostic("objects-binary", `this IMOD model is broken: ${model}`, { location: { file } }),
    ]);
  }
  const text = decodeText(bytes, { source: file });
  if (!text.ok) return text;
  const model = readTextModel(text.value);
  if ("objects" in model) return success(objectsInPixels(objectsOf(model)));
  const { line, message } = model;
  const hint = "an IMOD model begins with IMODV1.2 (binary) or with imod and a number (text)";
  return failure([errorDiagnostic("objects-text", message, { location: { file, line, column: 1 }, hint })]);
}

function objectsOf({ objects, shift: [dx, dy, dz] }: ImodModel): ObjectList {
  return objects.flatMap(({ contours, pointSize }, object) =>
    contours.flatMap((points) =>
      points.map(
        ({ x, y, z, size = pointSize }): TomogramObject => ({
          label: object + 1,
          x: x + dx - 0.5,
          y: y + dy - 0.5,
          z: z + dz,
          ...(size > 0 && { extra: { imod_size: String(Number(size.toPrecision(9))) } }),
        }),
      ),
    ),
  );
}

/** A model with empty objects for classes that the list leaves out is right, one with millions is not. */
const mostClasses = 1000;

function modelObjects(list: ObjectList, { tomogram, classes }: ObjectFileOptions): readonly ImodObject[] {
  const binning = tomogram?.binning ?? 1;
  const most = list.reduce((most, { label }) => Math.max(most, label), 0);
  if (most > mostClasses)
    throw new TomoflowError(
      "objects-several-classes",
      `class ${most} is object ${most} of an IMOD model, and ${mostClasses} are written at most`,
      {
        hint: "give the classes smaller labels",
      },
    );
  return Array.from({ length: most }, (_, index) => {
    const label = index + 1;
    const points = list.filter((object) => object.label === label);
    return {
      name: classes?.find((one) => one.label === label)?.name ?? `class ${label}`,
      pointSize: 5,
      contours:
        points.length === 0
          ? []
          : [
              points.map((object) => ({
                x: object.x * binning + 0.5,
                y: object.y * binning + 0.5,
                z: object.z * binning,
                ...sizeOf(object, binning),
              })),
            ],
    };
  });
}

function sizeOf(object: TomogramObject, binning: number): { readonly size?: number } {
  const kept = Number(extraOf(object, "imod_size") ?? Number.NaN);
  if (kept > 0) return { size: kept };
  const { clusterSize } = object;
  return clusterSize ? { size: Math.cbrt((3 * clusterSize) / (4 * Math.PI)) * binning } : {};
}

/** The size of the tomogram, or room for every point. */
function imageOf(list: ObjectList, { tomogram }: ObjectFileOptions): ModelImage {
  const binning = tomogram?.binning ?? 1;
  const least = (axis: "x" | "y" | "z"): number =>
    list.reduce((most, object) => Math.max(most, Math.ceil(object[axis] + 1)), 1);
  const [z, y, x] = tomogram?.shape ?? [least("z"), least("y"), least("x")];
  const voxel = tomogram?.voxelSizeAngstrom?.[2];
  return {
    size: [Math.round(x * binning), Math.round(y * binning), Math.round(z * binning)],
    ...(voxel !== undefined && { pixelSize: voxel / binning }),
  };
}
