/**
 * Motivelists of TOM and AV3 (.em): an EM file of 20 × N numbers, a column a particle. Rows: 1 score, 4 number, 5 tomogram, 8 to 10 x, y, z and 11 to
 * 13 shifts in voxels, 1 the first as in Matlab, 17 to 19 phi, psi, the, 20 class.
 */
import { errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { extraOf } from "./fields.ts";
import type { ObjectFileOptions, ObjectFormat, ObjectsByTomogram } from "./object-format.ts";
import { objectsInPixels } from "./scaled-objects.ts";
import { noClass } from "./star/columns.ts";
import { allHave, anglesOf, columnLosses, numberedFields, tomogramNumberer } from "./star/write-particles.ts";

const name = "motl";
const [headerBytes, rows] = [512, 20];

/** Rows without a meaning of ours, from 1. */
const otherRows = [2, 3, 6, 7, 14, 15, 16];

export const motlFormat: ObjectFormat = {
  name,
  capabilities: {
    fields: numberedFields,
    extra: false,
    ownColumns: new Set(otherRows.map((row) => `motl_${row}`)),
    requires: [],
  },
  read: async (bytes, source, options) => readMotl(bytes, source, options),
  write: async (list, options) => writeMotl(list, options),
  losses: (list) => columnLosses(list, []),
};

const broken = (message: string, file: string) =>
  failure([
    errorDiagnostic("objects-binary", message, {
      location: { file },
      hint: "a motivelist is an EM file of 20 × N numbers, as tom_emwrite writes it",
    }),
  ]);

type Read = (view: DataView, offset: number, little: boolean) => number;

/** Bytes a number, and how it is read, by the type that an EM header names. */
const types: Readonly<Record<number, readonly [bytes: number, read: Read]>> = {
  2: [2, (view, offset, little) => view.getInt16(offset, little)],
  4: [4, (view, offset, little) => view.getInt32(offset, little)],
  5: [4, (view, offset, little) => view.getFloat32(offset, little)],
  9: [8, (view, offset, little) => view.getFloat64(offset, little)],
};

function readMotl(bytes: Uint8Array, file: string, options: ObjectFileOptions): Result<ObjectsByTomogram> {
  if (bytes.length < headerBytes) return broken("this is no EM file: it is shorter than a header", file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // 6 is a PC; the others that are told write the high byte first
  const little = bytes[0] === 6 || bytes[0] === 1;
  const type = types[bytes[3]];
  const [width, count, depth] = [4, 8, 12].map((offset) => view.getInt32(offset, little));
  if (![0, 1, 3, 5, 6].includes(bytes[0]) || !type)
    return broken("this is no EM file of numbers: machine or type is not known", file);
  if (width !== rows || depth > 1 || depth < 0 || count < 0)
    return broken(`this EM file holds ${width} × ${count} × ${depth} numbers, and a motivelist 20 × N`, file);
  const [size, read] = type;
  if (bytes.length < headerBytes + rows * count * size)
    return broken(`the file is cut off: ${bytes.length} bytes of ${headerBytes + rows * count * size}`, file);
  const objects: TomogramObject[] = [];
  let unclassed = 0;
  for (let particle = 0; particle < count; particle++) {
    const value = (row: number): number =>
      read(view, headerBytes + (particle * rows + row - 1) * size, little);
    for (let row = 1; row <= rows; row++)
      if (!Number.isFinite(value(row)))
        return failure([
          errorDiagnostic("object-value", `row ${row} of particle ${particle + 1} is not a number`, {
            location: { file },
          }),
        ]);
    const label = value(20);
    const isClassed = Number.isInteger(label) && label >= 1;
    if (!isClassed) unclassed++;
    objects.push(objectOf(value, isClassed ? label : (options.label ?? 0)));
  }
  if (unclassed > 0 && options.label === undefined)
    return failure([noClass(file, `has ${unclassed} particles without a class in row 20`)]);
  return success(objectsInPixels(objects));
}

function objectOf(value: (row: number) => number, label: number): TomogramObject {
  const isCount = (number: number) => Number.isInteger(number) && number >= 0;
  const others = otherRows.filter((row) => value(row) !== 0);
  return {
    label,
    x: value(8) + value(11) - 1,
    y: value(9) + value(12) - 1,
    z: value(10) + value(13) - 1,
    ...(isCount(value(5)) && { tomogramIndex: value(5) }),
    ...(isCount(value(4)) && { objectId: value(4) }),
    ...{ phi: value(17), psi: value(18), the: value(19), score: value(1) },
    ...(others.length > 0 && {
      extra: Object.fromEntries(others.map((row) => [`motl_${row}`, String(value(row))])),
    }),
  };
}

function writeMotl(list: ObjectList, options: ObjectFileOptions): Uint8Array {
  const numberOf = tomogramNumberer(list, options, name);
  const binning = options.tomogram?.binning ?? 1;
  const keepsIds = allHave(list, "objectId");
  const bytes = new Uint8Array(headerBytes + rows * list.length * 4);
  const view = new DataView(bytes.buffer);
  [bytes[0], bytes[3]] = [6, 5];
  for (const [index, length] of [rows, list.length, 1].entries()) view.setInt32(4 + index * 4, length, true);
  for (const [particle, object] of list.entries()) {
    const set = (row: number, value: number): void =>
      view.setFloat32(headerBytes + (particle * rows + row - 1) * 4, value, true);
    for (const row of otherRows) {
      const kept = Number(extraOf(object, `motl_${row}`) ?? 0);
      set(row, Number.isFinite(kept) ? kept : 0);
    }
    const { phi, psi, the } = anglesOf(object);
    set(1, object.score ?? 0);
    set(4, keepsIds ? object.objectId! : particle + 1);
    set(5, numberOf(object));
    set(8, object.x * binning + 1);
    set(9, object.y * binning + 1);
    set(10, object.z * binning + 1);
    set(17, phi);
    set(18, psi);
    set(19, the);
    set(20, object.label);
  }
  return bytes;
}
