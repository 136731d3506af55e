/**
 * Statistics of voxels, gathered slab by slab in float64. Within a block squares are taken about its own mean; blocks are
 * merged by the formula of Chan, Golub and LeVeque (1983), so the variance does not cancel however far the mean lies from
 * zero. Voxels that are not finite are counted and left out.
 */
import { slabsOf } from "./box.ts";
import type { VolumeReader, VoxelArray } from "./volume.ts";
import { float64Blocks } from "./voxel-type.ts";

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

/** Voxels of a slab read at once by `measureVolume`. */
const slabVoxels = 8 << 20;

/** The statistics of `before` and the voxels together. */
export function addVoxels(before: VoxelStatistics, voxels: VoxelArray): VoxelStatistics {
  let total = before;
  for (const { values } of float64Blocks(voxels)) total = merge(total, measureBlock(values));
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

function measureBlock(block: Float64Array): VoxelStatistics {
  const statistics = measureFinite(block);
  if (Number.isFinite(statistics.mean)) return statistics;
  const finite = block.filter(Number.isFinite);
  return {
    ...(finite.length > 0 ? measureFinite(finite) : noStatistics),
    notFinite: block.length - finite.length,
  };
}

/**
 * Two passes over a block that stays in the processor's cache, four sums at a time: the mean, then the squares about it. The
 * mean is not finite when a voxel is not.
 */
function measureFinite(block: Float64Array): VoxelStatistics {
  const count = block.length;
  const { minimum, maximum, sum } = rangeAndSum(block);
  const mean = sum / count;
  const standardDeviation = Math.sqrt(squaresAbout(mean, block) / count);
  return { count, notFinite: 0, minimum, maximum, mean, standardDeviation };
}

function rangeAndSum(block: Float64Array): { minimum: number; maximum: number; sum: number } {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let [a, b, c, d] = [0, 0, 0, 0];
  const fours = block.length & ~3;
  for (let i = 0; i < fours; i += 4) {
    const p = block[i]!;
    const q = block[i + 1]!;
    const r = block[i + 2]!;
    const s = block[i + 3]!;
    if (p < minimum) minimum = p;
    if (p > maximum) maximum = p;
    if (q < minimum) minimum = q;
    if (q > maximum) maximum = q;
    if (r < minimum) minimum = r;
    if (r > maximum) maximum = r;
    if (s < minimum) minimum = s;
    if (s > maximum) maximum = s;
    a += p;
    b += q;
    c += r;
    d += s;
  }
  for (let i = fours; i < block.length; i++) {
    minimum = Math.min(minimum, block[i]!);
    maximum = Math.max(maximum, block[i]!);
    a += block[i]!;
  }
  return { minimum, maximum, sum: a + b + c + d };
}

function squaresAbout(mean: number, block: Float64Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const fours = block.length & ~3;
  for (let i = 0; i < fours; i += 4) {
    const p = block[i]! - mean;
    const q = block[i + 1]! - mean;
    const r = block[i + 2]! - mean;
    const s = block[i + 3]! - mean;
    a += p * p;
    b += q * q;
    c += r * r;
    d += s * s;
  }
  for (let i = fours; i < block.length; i++) a += (block[i]! - mean) ** 2;
  return a + b + c + d;
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
