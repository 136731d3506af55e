/** Conversion between the types of voxels without silent loss. */
import { TomoflowError } from "../core/error.ts";
import { lanes } from "./simd/kernels.ts";
import { vectorUnit } from "./simd/vector-unit.ts";
import type { VoxelArray, VoxelType } from "./volume.ts";
import {
  allocateVoxels,
  contains,
  float64Blocks,
  isFloatType,
  typeOfArray,
  voxelRanges,
} from "./voxel-type.ts";

/**
 * The same values as another type; the array itself when it is of that type already. Floats become integers by rounding
 * half away from zero and lose digits where the new type has fewer; a value outside the range of the new type, or one
 * that is not a number where integers are asked for, is an error (`voxel-out-of-range`): nothing is clipped or wrapped.
 */
export function convertVoxels(array: VoxelArray, type: VoxelType): VoxelArray {
  const from = typeOfArray(array);
  const inMemory = type === "float16" ? "float32" : type;
  if (contains(type, from))
    return from === inMemory ? array : copyInto(allocateVoxels(type, array.length), array);
  checkRange(array, type);
  if (from === inMemory) return array;
  const target = allocateVoxels(type, array.length);
  return isFloatType(from) && !isFloatType(type) ? roundInto(target, array) : copyInto(target, array);
}

function copyInto(target: VoxelArray, source: VoxelArray): VoxelArray {
  target.set(source);
  return target;
}

function roundInto(target: VoxelArray, source: VoxelArray): VoxelArray {
  for (const { start, values } of float64Blocks(source)) {
    for (let i = 0; i < values.length; i++) {
      const whole = Math.trunc(values[i]!);
      values[i] = whole + Math.trunc(2 * (values[i]! - whole));
    }
    target.set(values, start);
  }
  return target;
}

function checkRange(array: VoxelArray, type: VoxelType): void {
  const range = roundedRange(type);
  const float = isFloatType(type);
  if (array instanceof Float32Array && float32LiesWithin(array, range)) return;
  for (const { values } of float64Blocks(array))
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value >= range[0] && value <= range[1]) continue;
      if (float && !Number.isFinite(value)) continue;
      throw outOfRange(value, type);
    }
}

/** True when every voxel is finite and in the range; false also where nothing can be said without looking at each. */
function float32LiesWithin(voxels: Float32Array, [low, high]: readonly [number, number]): boolean {
  const unit = vectorUnit();
  if (!unit || voxels.length % lanes !== 0) return false;
  for (let start = 0; start < voxels.length; start += unit.float32.length) {
    const part = voxels.subarray(start, start + unit.float32.length);
    unit.float32.set(part);
    unit.run("rangeAndSumFloat32", part.byteLength);
    for (let lane = 0; lane < lanes; lane++)
      if (!(Number.isFinite(unit.sums[lane]) && unit.minima[lane]! >= low && unit.maxima[lane]! <= high))
        return false;
  }
  return true;
}

/** The values that round into the range of the type. */
function roundedRange(type: VoxelType): readonly [number, number] {
  const [low, high] = voxelRanges[type];
  return isFloatType(type) ? [low, high] : [low - 0.4999999, high + 0.4999999];
}

function outOfRange(value: number, type: VoxelType): TomoflowError {
  const [low, high] = voxelRanges[type];
  return new TomoflowError("voxel-out-of-range", `a voxel is ${value}, but ${type} holds ${low} to ${high}`, {
    hint: "write a type that holds it, for example float32",
  });
}
