/** Finds the byte order of an MRC file. The machine stamp is wrong often enough that the header has to agree with it. */
import { TomoflowError } from "../../core/error.ts";
import type { Oddity } from "../volume.ts";
import { headerBytes, type MrcFields, readFields } from "./fields.ts";
import { findMode } from "./mode.ts";

export interface OrderedFields {
  readonly fields: MrcFields;
  readonly littleEndian: boolean;
  readonly oddities: readonly Oddity[];
}

/**
 * The header read in the byte order that its machine stamp names, or in the other one where only that makes sense.
 * Throws `mrc-not-mrc` where neither does.
 */
export function readOrderedFields(bytes: Uint8Array, fileBytes: number, path: string): OrderedFields {
  const stamped = stampedOrder(bytes[212], bytes[213]);
  const orders = stamped === false ? [false, true] : [true, false];
  const candidates = orders.map((littleEndian) => ({
    littleEndian,
    fields: readFields(bytes, littleEndian),
  }));
  const chosen =
    candidates.find(({ fields }) => isPlausible(fields) && neededBytes(fields) <= fileBytes) ??
    candidates.find(({ fields }) => isPlausible(fields)) ??
    (candidates[0].fields.mapId.startsWith("MAP") ? candidates[0] : undefined);
  if (!chosen)
    throw new TomoflowError("mrc-not-mrc", `${path} is not an MRC file: its header makes no sense`, {
      hint: "tomoflow reads MRC (.mrc .map .rec .st .ali .mrcs, also .gz and .bz2) and HDF5 (.h5 .hdf5 .hdf)",
    });
  return { ...chosen, oddities: stampOddities(chosen.fields.machineStamp, chosen.littleEndian) };
}

/** Bytes of the file that the header promises. */
export function neededBytes({ size, mode, extendedHeaderBytes }: MrcFields): number {
  const [columns, rows, sections] = size;
  const rowBytes = Math.ceil((columns * (findMode(mode)?.bitsPerVoxel ?? 8)) / 8);
  return headerBytes + Math.max(0, extendedHeaderBytes) + rowBytes * rows * sections;
}

/**
 * True where the header counts an extended header that was never written, as cryoCARE copies headers: the file is short of just
 * that many bytes, and voxels follow the header at once.
 */
export const lacksExtendedHeader = (fields: MrcFields, fileBytes: number): boolean =>
  fields.extendedHeaderBytes > 0 && neededBytes(fields) - fields.extendedHeaderBytes === fileBytes;

function isPlausible({ size, mode, axes }: MrcFields): boolean {
  return (
    findMode(mode) !== undefined &&
    size.every((length) => length > 0 && length < 1 << 24) &&
    axes.every((axis) => Math.abs(axis) <= 3)
  );
}

/** True: little-endian; false: big-endian; null: the stamp does not say. */
function stampedOrder(first: number, second: number): boolean | null {
  if (first === 0x44) return second === 0x11 ? null : true;
  return first === 0x11 ? false : null;
}

function stampOddities([first, second]: readonly [number, number], littleEndian: boolean): Oddity[] {
  const order = littleEndian ? "little-endian" : "big-endian";
  const stamp = [first, second].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const oddities: Oddity[] = [];
  if (!littleEndian) oddities.push({ code: "big-endian", message: "the bytes are in big-endian order" });
  if (first === 0 && second === 0)
    oddities.push({
      code: "machine-stamp-missing",
      message: `the machine stamp is missing (00 00); the header only makes sense as ${order}`,
    });
  else if ((stampedOrder(first, second) ?? !littleEndian) !== littleEndian)
    oddities.push({
      code: "machine-stamp-wrong",
      message: `the machine stamp ${stamp} does not name the byte order; the header only makes sense as ${order}`,
    });
  else if (!["44 44", "44 41", "11 11"].includes(stamp))
    oddities.push({
      code: "machine-stamp-unusual",
      message: `the machine stamp ${stamp} is unusual; read as ${order}`,
    });
  return oddities;
}
