/** The types of voxels: their sizes, ranges and arrays. */
import { TomoflowError } from "../core/error.ts";
import { largestFloat16 } from "./float16.ts";
import type { VoxelArray, VoxelType } from "./volume.ts";

export const voxelTypes: readonly VoxelType[] = [
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "float16",
  "float32",
  "float64",
];

const sizes: Readonly<Record<VoxelType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float16: 2,
  float32: 4,
  float64: 8,
};

/** Bytes a voxel takes on disk. */
export const bytesPerVoxel = (type: VoxelType): number => sizes[type];

/** The smallest and largest value; the largest finite one of floats. */
export const voxelRanges: Readonly<Record<VoxelType, readonly [low: number, high: number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  float16: [-largestFloat16, largestFloat16],
  float32: [-3.4028234663852886e38, 3.4028234663852886e38],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
};

export const isFloatType = (type: VoxelType): boolean => type.startsWith("float");

/** The type of an array in memory; float16 is never in memory (see `VoxelArray`). */
export function typeOfArray(array: VoxelArray): Exclude<VoxelType, "float16"> {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Int8Array) return "int8";
  if (array instanceof Uint8Array) return "uint8";
  if (array instanceof Int16Array) return "int16";
  if (array instanceof Uint16Array) return "uint16";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint32Array) return "uint32";
  return "float64";
}

/** An array of zeros for `count` voxels of a type (Float32Array for float16); `out-of-memory` when there is no room. */
export function allocateVoxels(type: VoxelType, count: number): VoxelArray {
  try {
    return newArray(type, count);
  } catch (cause) {
    const gigabytes = ((count * Math.max(sizes[type], type === "float16" ? 4 : 0)) / 1e9).toFixed(1);
    throw new TomoflowError(
      "out-of-memory",
      `no room for ${count} voxels of ${type} (${gigabytes} GB) at once`,
      {
        hint: "read the volume by slabs, or bin or crop it first (tomoflow volume bin, tomoflow volume crop)",
        cause,
      },
    );
  }
}

function newArray(type: VoxelType, count: number): VoxelArray {
  switch (type) {
    case "int8":
      return new Int8Array(count);
    case "uint8":
      return new Uint8Array(count);
    case "int16":
      return new Int16Array(count);
    case "uint16":
      return new Uint16Array(count);
    case "int32":
      return new Int32Array(count);
    case "uint32":
      return new Uint32Array(count);
    case "float16":
    case "float32":
      return new Float32Array(count);
    case "float64":
      return new Float64Array(count);
  }
}

/** The bytes of an array, not copied. */
export const bytesOf = (array: VoxelArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** True when every value of `from` is a value of `to`, so that conversion needs no checks. */
export function contains(to: VoxelType, from: VoxelType): boolean {
  if (to === from) return true;
  if (isFloatType(from)) return isFloatType(to) && sizes[to] > sizes[from];
  if (isFloatType(to)) return to === "float64" || sizes[from] < (to === "float32" ? 4 : 2);
  return voxelRanges[to][0] <= voxelRanges[from][0] && voxelRanges[to][1] >= voxelRanges[from][1];
}

const blockLength = 16384;

/**
 * Voxels as float64, a block at a time, each in the same memory, which stays in the processor's cache: loops over them see one
 * type of array only, and stay fast whatever types a process reads.
 */
export function* float64Blocks(
  voxels: VoxelArray,
): Generator<{ readonly start: number; readonly values: Float64Array }> {
  const block = new Float64Array(Math.min(blockLength, voxels.length));
  for (let start = 0; start < voxels.length; start += blockLength) {
    const values = block.subarray(0, Math.min(blockLength, voxels.length - start));
    values.set(voxels.subarray(start, start + values.length));
    yield { start, values };
  }
}
