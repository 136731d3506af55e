/**
 * Statistics of voxels, gathered slab by slab in float64. Within a block squares are taken about its own mean; blocks are
 * merged by the formula of Chan, Golub and LeVeque (1983), so the variance does not cancel however far the mean lies from
 * zero. Voxels that are not finite are counted and left out.
 */
import {
  type BlockStatistics,
  type MeasuredBlock,
  measureBlocks,
  measureFloat16Blocks,
} from "./block-statistics.ts";
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

/** Voxels of a slab read at once by `measureVolume`. */
const slabVoxels = 8 << 20;

/** The statistics of `before` and the voxels together. */
export function addVoxels(before: VoxelStatistics, voxels: VoxelArray): VoxelStatistics {
  let total = before;
  for (const block of measureBlocks(voxels)) total = merge(total, measureBlock(block));
  return total;
}

/** The same for voxels given by their float16 bit patterns. */
export function addFloat16(before: VoxelStatistics, bits: Uint16Array): VoxelStatistics {
  let total = before;
  for (const block of measureFloat16Blocks(bits)) total = merge(total, measureBlock(block));
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

function measureBlock({ statistics, values }: MeasuredBlock): VoxelStatistics {
  if (Number.isFinite(statistics.mean)) return ofFinite(statistics);
  const finite = values().filter(Number.isFinite);
  const notFinite = statistics.count - finite.length;
  // Float64 voxels, all finite, can be too large for a sum.
  return notFinite === 0 ? ofFinite(statistics) : { ...measureVoxels(finite), notFinite };
}

const ofFinite = ({ squares, ...statistics }: BlockStatistics): VoxelStatistics => ({
  ...statistics,
  notFinite: 0,
  standardDeviation: Math.sqrt(squares / statistics.count),
});

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
