/**
 * Picks of copick (Picks/user_session_object.json in a run's folder): `points` with `location` in Å, 0 the centre of the first voxel, and
 * `transformation_`, a 4 × 4 matrix whose rotation turns the reference into the particle and whose last column shifts it, in Å. One
 * file holds one kind of object of one run. The name of a new file says user, session and object.
 */
import { basename } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { type Rotation, rotationOf } from "../../volume/rotation.ts";
import { anglesOfRotation, isRotation } from "../euler-angles.ts";
import { hasAngles, type ObjectList, type TomogramObject } from "../object-list.ts";
import { labelsOfNames } from "./class-names.ts";
import { isEman2, readBoxes } from "./eman2.ts";
import { isNumber, isObject, type JsonObject, jsonMistake, readJsonObject } from "./json-text.ts";
import type { ObjectFileOptions, ObjectFormat, ObjectsByTomogram } from "./object-format.ts";
import { objectsInAngstrom } from "./scaled-objects.ts";
import { columnLosses, knownTomograms, namedFields, tomogramNames } from "./star/write-particles.ts";

const name = "copick";

export const copickFormat: ObjectFormat = {
  name,
  capabilities: {
    fields: namedFields,
    ...{ extra: false, requires: ["voxelSizeAngstrom"] },
  },
  read: async (bytes, source, options) => {
    const json = readJsonObject(bytes, source);
    if (!json.ok) return json;
    return isEman2(json.value) ? readBoxes(json.value, source) : readPicks(json.value, source, options);
  },
  losses: (list) => {
    const without = list.filter(({ score }) => score === undefined).length;
    return [
      ...columnLosses(list, []),
      ...(without > 0 ? [`${without} of ${list.length} objects have no score: copick gives them 1`] : []),
    ];
  },
  write: async (list, options) =>
    new TextEncoder().encode(`${JSON.stringify(picksOf(list, options), null, 4)}\n`),
};

function readPicks(json: JsonObject, file: string, options: ObjectFileOptions): Result<ObjectsByTomogram> {
  const { points, pickable_object_name: object, run_name: run, unit } = json;
  if (!Array.isArray(points) || typeof object !== "string")
    return failure([
      jsonMistake(
        "this is neither a file of copick's picks (pickable_object_name, points) nor of EMAN2 (boxes_3d)",
        file,
      ),
    ]);
  if (unit !== undefined && unit !== "angstrom")
    return failure([
      jsonMistake(`the unit is ${JSON.stringify(unit)?.slice(0, 40)}, and copick counts in angstrom`, file),
    ]);
  const { labels, diagnostics } = labelsOfNames([object], options, file);
  const mistakes: Diagnostic[] = [...diagnostics];
  const known = {
    label: labels.get(object) ?? 0,
    ...(typeof run === "string" && run !== "" && { tomogramId: run }),
  };
  const objects: TomogramObject[] = [];
  for (const [index, point] of points.entries()) {
    const read = pointOf(point, json.trust_orientation !== false);
    if (typeof read !== "string") objects.push({ ...known, ...read });
    else if (mistakes.length < 20)
      mistakes.push(errorDiagnostic("object-value", `point ${index + 1} ${read}`, { location: { file } }));
  }
  return mistakes.length > 0 ? failure(mistakes) : success(objectsInAngstrom(objects));
}

type Point = Omit<TomogramObject, "label" | "tomogramId">;

/** In Å; or what is wrong with it. */
function pointOf(point: unknown, isOriented: boolean): Point | string {
  if (!isObject(point) || !isObject(point.location)) return "has no location";
  const { x, y, z } = point.location;
  if (!isNumber(x) || !isNumber(y) || !isNumber(z)) return "has no numbers x, y and z as its location";
  const { score, instance_id: id, transformation_: matrix } = point;
  const turned = matrix === undefined || matrix === null ? undefined : transformationOf(matrix);
  if (typeof turned === "string") return turned;
  const [dx, dy, dz] = turned?.shift ?? [0, 0, 0];
  return {
    ...{ x: x + dx, y: y + dy, z: z + dz },
    ...(isNumber(id) && Number.isInteger(id) && id >= 0 && { objectId: id }),
    ...(turned && isOriented && anglesOfRotation(turned.rotation)),
    ...(isNumber(score) && { score }),
  };
}

interface Transformation {
  readonly rotation: Rotation;
  readonly shift: readonly number[];
}

function transformationOf(matrix: unknown): Transformation | string {
  const rows = Array.isArray(matrix) ? (matrix as unknown[]) : [];
  const isWhole =
    rows.length === 4 && rows.every((row) => Array.isArray(row) && row.length === 4 && row.every(isNumber));
  if (!isWhole) return "has a transformation_ that is not a 4 × 4 matrix of numbers";
  const values = rows as number[][];
  const rotation = values.slice(0, 3).flatMap((row) => row.slice(0, 3));
  if (!isRotation(rotation)) return "has a transformation_ that does more than turn: it scales or mirrors";
  return { rotation: rotation as unknown as Rotation, shift: values.slice(0, 3).map((row) => row[3]) };
}

/** `user_session_object.json`, as copick names files. */
const fileName = /^([^_]+)_([^_]+)_(.+)\.json$/;

function picksOf(list: ObjectList, options: ObjectFileOptions): JsonObject {
  const labels = new Set(list.map(({ label }) => label));
  if (labels.size > 1)
    throw new TomoflowError(
      "objects-several-classes",
      "a file of copick holds objects of one class, and the list those of several",
      {
        hint: "write one for each: tomoflow objects filter … --class 1, or tomoflow objects split --by class",
      },
    );
  const { nameOf, idOf } = tomogramNames(list, options, name);
  const runs = new Set(list.map(nameOf));
  if (runs.size > 1)
    throw new TomoflowError(
      "objects-several-tomograms",
      "a file of copick holds objects of one tomogram, and the list those of several",
      {
        hint: "write one for each: tomoflow objects split --by tomogram",
      },
    );
  const [, user, session, object] = fileName.exec(basename(options.path ?? "")) ?? [];
  const [label] = labels;
  const className = options.classes?.find((one) => one.label === label)?.name ?? object;
  if (className === undefined)
    throw new TomoflowError(
      "class-unnamed",
      `the format copick names classes, and the name of class ${label} is not known`,
      {
        hint: "call the file user_session_object.json, or say the name with --class-names 1=ribosome",
      },
    );
  const voxel = knownTomograms(options, ["voxelSizeAngstrom"], name)(list.length > 0 ? idOf(list[0]) : "");
  const [z, y, x] = voxel.voxelSizeAngstrom!;
  return {
    pickable_object_name: className,
    user_id: user ?? "tomoflow",
    session_id: session ?? "0",
    run_name: [...runs][0] ?? options.tomogram?.row?.id ?? null,
    voxel_spacing: x,
    unit: "angstrom",
    trust_orientation: list.some(hasAngles),
    points: list.map((one, index) => ({
      location: { x: one.x * x, y: one.y * y, z: one.z * z },
      transformation_: matrixOf(one),
      instance_id: one.objectId ?? index,
      score: one.score ?? 1,
    })),
  };
}

function matrixOf(object: TomogramObject): readonly (readonly number[])[] {
  const r = hasAngles(object) ? rotationOf(object) : rotationOf({ phi: 0, psi: 0, the: 0 });
  return [
    [r[0], r[1], r[2], 0],
    [r[3], r[4], r[5], 0],
    [r[6], r[7], r[8], 0],
    [0, 0, 0, 1],
  ];
}
