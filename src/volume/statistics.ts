/**
 * Statistics of voxels, gathered slab by slab in float64. Within a block squares are taken about its own mean; blocks are
 * merged by the formula of Chan, Golub and LeVeque (1983), so the variance does not cancel however far the mean lies from
 * zero. Voxels that are not finite are counted and left out.
 */
import { slabsOf } from "./box.ts";
import type { VolumeReader, VoxelArray } from "./volume.ts";

/** Gathered so far; start from `noStatistics`. */
export interface VoxelStatistics {
  /** Number of finite voxels. */
  readonly count: number;
  /** Number of voxels that are infinite or not a number. */
  readonly notFinite: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Of the population (divided by the count), as NumPy's `std`; what MRC headers call RMS. */
  readonly standardDeviation: number;
}

export const noStatistics: VoxelStatistics = {
  count: 0,
  notFinite: 0,
  minimum: Number.POSITIVE_INFINITY,
  maximum: Number.NEGATIVE_INFINITY,
  mean: 0,
  standardDeviation: 0,
};

const blockLength = 16384;

/** Voxels of a slab read at once by `measureVolume`. */
const slabVoxels = 8 << 20;

/** The statistics of `before` and the voxels together. */
export function addVoxels(before: VoxelStatistics, voxels: VoxelArray): VoxelStatistics {
  let total = before;
  for (let start = 0; start < voxels.length; start += blockLength)
    total = merge(total, measureBlock(voxels.subarray(start, start + blockLength)));
  return total;
}

/** The statistics of an array. */
export const measureVoxels = (voxels: VoxelArray): VoxelStatistics => addVoxels(noStatistics, voxels);

/** The statistics of a whole file, read by slabs. */
export async function measureVolume(reader: VolumeReader, signal?: AbortSignal): Promise<VoxelStatistics> {
  let total = noStatistics;
  for (const { start, shape } of slabsOf(reader.info.shape, slabVoxels))
    total = addVoxels(total, await reader.readBox(start, shape, signal));
  return total;
}

function measureBlock(voxels: VoxelArray): VoxelStatistics {
  const statistics = measureFinite(voxels);
  if (Number.isFinite(statistics.mean)) return statistics;
  const finite = Float64Array.from(voxels).filter(Number.isFinite);
  return {
    ...(finite.length > 0 ? measureFinite(finite) : noStatistics),
    notFinite: voxels.length - finite.length,
  };
}

/**
 * Two passes over a block that stays in the processor's cache: the mean, then the squares about it. The mean is not finite when a voxel is not.
 */
function measureFinite(voxels: VoxelArray): VoxelStatistics {
  const count = voxels.length;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = voxels[i];
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    sum += value;
  }
  const mean = sum / count;
  const standardDeviation = Math.sqrt(squaresAbout(mean, voxels) / count);
  return { count, notFinite: 0, minimum, maximum, mean, standardDeviation };
}

function squaresAbout(mean: number, voxels: VoxelArray): number {
  let even = 0;
  let odd = 0;
  const pairs = voxels.length & ~1;
  for (let i = 0; i < pairs; i += 2) {
    const first = voxels[i] - mean;
    const second = voxels[i + 1] - mean;
    even += first * first;
    odd += second * second;
  }
  const last = pairs < voxels.length ? voxels[pairs] - mean : 0;
  return even + odd + last * last;
}

function merge(a: VoxelStatistics, b: VoxelStatistics): VoxelStatistics {
  const notFinite = a.notFinite + b.notFinite;
  if (b.count === 0) return { ...a, notFinite };
  if (a.count === 0) return { ...b, notFinite };
  const count = a.count + b.count;
  const difference = b.mean - a.mean;
  const squares =
    a.count * a.standardDeviation ** 2 +
    b.count * b.standardDeviation ** 2 +
    (difference * difference * a.count * b.count) / count;
  return {
    count,
    notFinite,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    mean: a.mean + (difference * b.count) / count,
    standardDeviation: Math.sqrt(squares / count),
  };
}
