/** What some planes of a volume say of all of it: range, contrast, histogram, labels. */
import type { VolumeReader, VoxelArray } from "../../../volume/volume.ts";
import type { Histogram } from "../../protocol/volumes.ts";

export interface VoxelSample {
  readonly minimum: number;
  readonly maximum: number;
  readonly contrast: { readonly low: number; readonly high: number };
  readonly histogram: Histogram;
  /** Whole numbers from 0 to 65535 that were seen, when all were such. */
  readonly labels: readonly number[];
}

const planes = 9;
const bins = 256;
/** Parts of the voxels that are darker, and brighter, than what the contrast shows apart. */
const tails = { dark: 0.003, bright: 0.003 };
/** More than these are no label map. */
const mostLabels = 4096;

/** Reads a few planes spread over the depth. Throws what the codec throws. */
export async function sampleVolume(reader: VolumeReader, signal?: AbortSignal): Promise<VoxelSample> {
  const [depth, height, width] = reader.info.shape;
  const count = Math.min(planes, depth);
  const taken: VoxelArray[] = [];
  for (let i = 0; i < count; i++) {
    const z = Math.min(depth - 1, Math.floor(((i + 0.5) * depth) / count));
    taken.push(await reader.readBox([z, 0, 0], [1, height, width], signal));
  }
  return describe(taken);
}

function describe(taken: readonly VoxelArray[]): VoxelSample {
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const voxels of taken)
    for (let i = 0; i < voxels.length; i++) {
      const value = voxels[i]!;
      if (value < minimum && value > Number.NEGATIVE_INFINITY) minimum = value;
      if (value > maximum && value < Number.POSITIVE_INFINITY) maximum = value;
    }
  if (minimum > maximum) [minimum, maximum] = [0, 0];
  const histogram = countValues(taken, minimum, maximum);
  // the planes around the middle: those at the ends of a tomogram are often empty
  const inner = taken.length > 4 ? taken.slice(2, -2) : taken;
  return {
    minimum,
    maximum,
    histogram,
    contrast: contrastOf(countValues(inner, minimum, maximum, 4096)),
    labels: labelsIn(taken),
  };
}

function countValues(taken: readonly VoxelArray[], from: number, to: number, number = bins): Histogram {
  const counts = new Array<number>(number).fill(0);
  const scale = to > from ? number / (to - from) : 0;
  for (const voxels of taken)
    for (let i = 0; i < voxels.length; i++) {
      const value = voxels[i]!;
      if (value >= from && value <= to) counts[Math.min(number - 1, Math.floor((value - from) * scale))]!++;
    }
  return { from, to, counts };
}

function contrastOf({ from, to, counts }: Histogram): { low: number; high: number } {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const width = (to - from) / counts.length;
  const below = (part: number): number => {
    let sum = 0;
    for (const [bin, count] of counts.entries()) {
      sum += count;
      if (sum > part * all) return bin;
    }
    return counts.length - 1;
  };
  const [low, high] = [from + below(tails.dark) * width, from + (below(1 - tails.bright) + 1) * width];
  return high > low ? { low, high } : { low: from, high: to > from ? to : from + 1 };
}

function labelsIn(taken: readonly VoxelArray[]): readonly number[] {
  const seen = new Set<number>();
  for (const voxels of taken)
    for (let i = 0; i < voxels.length; i++) {
      const value = voxels[i]!;
      if (seen.has(value)) continue;
      if (!Number.isInteger(value) || value < 0 || value > 65535 || seen.size > mostLabels) return [];
      seen.add(value);
    }
  return [...seen].sort((a, b) => a - b);
}
