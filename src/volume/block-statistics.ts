/**
 * Minimum, maximum, mean and squares of blocks of voxels that stay in the processor's cache, on vectors where there are any.
 * Sums of integers of 8 and 16 bits are exact. Of others, value i of a block adds to lane i mod 8, and lanes are added in order.
 * So plain code gives the same bits.
 */
import { decodeFloat16 } from "./float16.ts";
import { addresses, blockBytes, lanes } from "./simd/kernels.ts";
import { type VectorUnit, vectorUnit } from "./simd/vector-unit.ts";
import type { VoxelArray } from "./volume.ts";
import { bytesOf, bytesPerVoxel, contains, typeOfArray } from "./voxel-type.ts";

export interface BlockStatistics {
  readonly count: number;
  /** Infinite, or not a number, where a voxel is; then the others say nothing. */
  readonly mean: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Sum of (voxel − mean)². */
  readonly squares: number;
}

export interface MeasuredBlock {
  readonly statistics: BlockStatistics;
  /** The block's voxels. */
  readonly values: () => Float64Array;
}

/** Each block of the voxels in turn; `unit` null: by plain code. */
export function* measureBlocks(
  voxels: VoxelArray,
  unit: VectorUnit | null = vectorUnit(),
): Generator<MeasuredBlock> {
  const method = methodFor(voxels);
  const blockLength = blockBytes / method.bytes;
  for (let start = 0; start < voxels.length; start += blockLength) {
    const part = voxels.subarray(start, start + blockLength);
    const values = () => Float64Array.from(part);
    const onVectors = unit !== null && part.length % lanes === 0;
    yield {
      statistics: onVectors ? method.onVectors(part, unit) : method.plainly(values()),
      values,
    };
  }
}

/** The same of float16 bit patterns, without a copy of them as float32. */
export function* measureFloat16Blocks(
  bits: Uint16Array,
  unit: VectorUnit | null = vectorUnit(),
): Generator<MeasuredBlock> {
  const blockLength = blockBytes / 4;
  for (let start = 0; start < bits.length; start += blockLength) {
    const part = bits.subarray(start, start + blockLength);
    if (unit === null || part.length % lanes > 0) yield* measureBlocks(decodeFloat16(part), unit);
    else {
      unit.float16Bits.set(part);
      unit.run("decodeFloat16", part.byteLength);
      const statistics = measureFloats(unit, {
        type: "Float32",
        count: part.length,
        address: addresses.float32FromFloat16,
      });
      yield { statistics, values: () => Float64Array.from(decodeFloat16(part)) };
    }
  }
}

interface Method {
  /** That a voxel takes in a block. */
  readonly bytes: number;
  /** A multiple of `lanes`. */
  onVectors(part: VoxelArray, unit: VectorUnit): BlockStatistics;
  plainly(values: Float64Array): BlockStatistics;
}

function methodFor(voxels: VoxelArray): Method {
  const type = typeOfArray(voxels);
  switch (type) {
    case "int8":
      return integers(type, "sumsInt8");
    case "uint8":
      return integers(type, "sumsUint8");
    case "int16":
      return integers(type, "sumsInt16");
    case "uint16":
      return integers(type, "sumsUint16", 32768);
    default:
      return contains("float32", type) ? floats("Float32", 4) : floats("Float64", 8);
  }
}

/** `offset` is what the kernel leaves out of each voxel. */
const integers = (
  type: "int8" | "uint8" | "int16" | "uint16",
  kernel: "sumsInt8" | "sumsUint8" | "sumsInt16" | "sumsUint16",
  offset = 0,
): Method => ({
  bytes: bytesPerVoxel(type),
  onVectors(part, unit) {
    unit.bytes.set(bytesOf(part));
    unit.run(kernel, part.byteLength);
    const [low, high, nextLow, nextHigh] = unit.integerSquares;
    const sums = {
      count: part.length,
      sum: sum(unit.integerSums),
      squares: low + nextLow + (high + nextHigh) * 2 ** 32,
    };
    const minimum = least(unit.integerMinima) + offset;
    const maximum = greatest(unit.integerMaxima) + offset;
    const { mean, squares } = aboutMean(sums);
    return { count: part.length, mean: mean + offset, minimum, maximum, squares };
  },
  plainly(values) {
    let [total, squares] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const value = values[i]! - offset;
      total += value;
      squares += value * value;
    }
    const about = aboutMean({ count: values.length, sum: total, squares });
    return {
      count: values.length,
      minimum: least(values),
      maximum: greatest(values),
      mean: about.mean + offset,
      squares: about.squares,
    };
  },
});

/** Squares about the whole number nearest to the mean are exact too; what lies between it and the mean is taken off. */
function aboutMean({ count, sum, squares }: { count: number; sum: number; squares: number }) {
  const mean = sum / count;
  const nearest = Math.round(mean);
  const aboutNearest = squares - 2 * nearest * sum + count * nearest * nearest;
  return { mean, squares: Math.max(0, aboutNearest - count * (mean - nearest) ** 2) };
}

/** Two passes: the mean, then the squares about it. */
const floats = (type: "Float32" | "Float64", bytes: number): Method => ({
  bytes,
  onVectors(part, unit) {
    (type === "Float32" ? unit.float32 : unit.float64).set(part);
    return measureFloats(unit, { type, count: part.length, address: 0 });
  },
  plainly(values) {
    const sums = new Float64Array(lanes);
    for (let i = 0; i < values.length; i++) sums[i % lanes] += values[i]!;
    const mean = sum(sums) / values.length;
    sums.fill(0);
    for (let i = 0; i < values.length; i++) sums[i % lanes] += (values[i]! - mean) * (values[i]! - mean);
    return {
      count: values.length,
      minimum: least(values),
      maximum: greatest(values),
      mean,
      squares: sum(sums),
    };
  },
});

interface FloatBlock {
  readonly type: "Float32" | "Float64";
  readonly count: number;
  readonly address: number;
}

function measureFloats(unit: VectorUnit, { type, count, address }: FloatBlock): BlockStatistics {
  const bytes = type === "Float32" ? 4 * count : 8 * count;
  unit.run(`rangeAndSum${type}`, bytes, address);
  const mean = sum(unit.sums) / count;
  const [minimum, maximum] = [least(unit.minima), greatest(unit.maxima)];
  unit.scaling[0] = mean;
  unit.run(`squaresAboutMean${type}`, bytes, address);
  return { count, mean, minimum, maximum, squares: sum(unit.sums) };
}

function least(values: Float64Array | Int16Array): number {
  let minimum = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! < minimum) minimum = values[i]!;
  return minimum;
}

function greatest(values: Float64Array | Int16Array): number {
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! > maximum) maximum = values[i]!;
  return maximum;
}

function sum(perLane: Float64Array | Int32Array): number {
  let total = 0;
  for (let lane = 0; lane < perLane.length; lane++) total += perLane[lane]!;
  return total;
}
