/**
 * Dynamo tables (.tbl): a line a particle, columns as `help dynamo_table_convention` has them. The place is x, y, z (24 to 26) and the shifts dx, dy,
 * dz (4 to 6), in voxels of the tomogram, 1 the first as in Matlab; angles tdrot, tilt, narot. Tomograms have numbers (20).
 */
import { failure, type Result, success } from "../../core/result.ts";
import { anglesFromDynamo, anglesToDynamo } from "../euler-angles.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { extraOf } from "./fields.ts";
import { type NumberLine, readNumberLines, shortNumber } from "./lines/number-lines.ts";
import type { ObjectFileOptions, ObjectFormat, ObjectsByTomogram } from "./object-format.ts";
import { objectsInPixels } from "./scaled-objects.ts";
import { noClass } from "./star/columns.ts";
import {
  allHave,
  anglesOf,
  columnLosses,
  idLosses,
  numberedFields,
  tomogramNumberer,
} from "./star/write-particles.ts";

const name = "dynamo";

/** Columns 1 to 42; those without a meaning of ours are kept by these names. */
const columns = [
  ...[
    "tag",
    "aligned_value",
    "averaged_value",
    "dx",
    "dy",
    "dz",
    "tdrot",
    "tilt",
    "narot",
    "cc",
    "cc2",
    "cpu",
  ],
  ...[
    "ftype",
    "ymintilt",
    "ymaxtilt",
    "xmintilt",
    "xmaxtilt",
    "fs1",
    "fs2",
    "tomo",
    "reg",
    "class",
    "annotation",
  ],
  ...[
    "x",
    "y",
    "z",
    "dshift",
    "daxis",
    "dnarot",
    "dcc",
    "otag",
    "npar",
    "undefined1",
    "ref",
    "sref",
    "apix",
    "def",
  ],
  ...["undefined2", "undefined3", "undefined4", "eig1", "eig2"],
];

/** Of a new table, where they are not 0: particles that take part. */
const usual: Readonly<Record<string, number>> = { aligned_value: 1, averaged_value: 1 };

const ours = new Set([
  "tag",
  "dx",
  "dy",
  "dz",
  "tdrot",
  "tilt",
  "narot",
  "cc",
  "tomo",
  "class",
  "x",
  "y",
  "z",
]);
const at = (column: string): number => columns.indexOf(column);

export const dynamoFormat: ObjectFormat = {
  name,
  capabilities: {
    fields: numberedFields,
    extra: false,
    ownColumns: new Set(columns.filter((column) => !ours.has(column))),
    requires: [],
  },
  read: async (bytes, source, options) => readTable(bytes, source, options),
  write: async (list, options) => new TextEncoder().encode(writeTable(list, options)),
  losses: (list) => [...columnLosses(list, []), ...idLosses(list)],
};

function readTable(bytes: Uint8Array, source: string, options: ObjectFileOptions): Result<ObjectsByTomogram> {
  const read = readNumberLines(bytes, source, { least: 26, most: 60, what: "a line of a Dynamo table" });
  if (!read.ok) return read;
  const unclassed = read.value.filter(({ values }) => !isLabel(values[at("class")])).length;
  if (unclassed > 0 && options.label === undefined)
    return failure([
      noClass(
        source,
        `has ${unclassed === read.value.length ? "nothing but 0" : `in ${unclassed} lines no class`} in column 22`,
      ),
    ]);
  return success(objectsInPixels(read.value.map((line) => objectOf(line, options.label))));
}

const isLabel = (value: number): boolean => Number.isInteger(value) && value >= 1;
const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

function objectOf({ values }: NumberLine, label: number | undefined): TomogramObject {
  const value = (column: string): number => values[at(column)] ?? 0;
  const extra: Record<string, string> = {};
  for (const [index, column] of columns.entries())
    if (!ours.has(column) && (values[index] ?? 0) !== (usual[column] ?? 0))
      extra[column] = String(values[index] ?? 0);
  return {
    label: isLabel(value("class")) ? value("class") : label!,
    x: value("x") + value("dx") - 1,
    y: value("y") + value("dy") - 1,
    z: value("z") + value("dz") - 1,
    ...(isCount(value("tomo")) && { tomogramIndex: value("tomo") }),
    ...(isCount(value("tag")) && { objectId: value("tag") }),
    ...anglesFromDynamo({ tdrot: value("tdrot"), tilt: value("tilt"), narot: value("narot") }),
    score: value("cc"),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

function writeTable(list: ObjectList, options: ObjectFileOptions): string {
  const numberOf = tomogramNumberer(list, options, name);
  const binning = options.tomogram?.binning ?? 1;
  const keepsIds = allHave(list, "objectId");
  const lines = list.map((object, index) => {
    const { tdrot, tilt, narot } = anglesToDynamo(anglesOf(object));
    const known: Readonly<Record<string, number>> = {
      ...{ tag: keepsIds ? object.objectId! : index + 1, tdrot, tilt, narot, cc: object.score ?? 0 },
      ...{ tomo: numberOf(object), class: object.label },
      ...{ x: object.x * binning + 1, y: object.y * binning + 1, z: object.z * binning + 1 },
    };
    return columns
      .map((column) => {
        const kept = ours.has(column) ? undefined : Number(extraOf(object, column) ?? Number.NaN);
        const value = known[column] ?? (Number.isFinite(kept) ? kept! : (usual[column] ?? 0));
        return shortNumber(value);
      })
      .join(" ");
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
