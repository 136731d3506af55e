/** What some planes of a volume say of all of it: range, contrast, histogram, labels. */
import type { VolumeReader, VoxelArray } from "../../../volume/volume.ts";
import type { Histogram } from "../../protocol/volumes.ts";
import { countValues, extremesOf, rangeWithout, type ValueRange } from "./value-range.ts";

export interface VoxelSample {
  readonly minimum: number;
  readonly maximum: number;
  /** The values worth telling apart: all that were seen, but for a few voxels that lie very far out. */
  readonly range: ValueRange;
  readonly contrast: ValueRange;
  /** Over `range`. */
  readonly histogram: Histogram;
  /** Whether all finite values that were seen are whole numbers, and not all the same. */
  readonly isWhole: boolean;
  /** Whole numbers from 0 to 65535 that were seen, when all were such. */
  readonly labels: readonly number[];
}

const planes = 9;
/** Voxels of a plane that are looked at: of larger ones a band of rows, so that a plane of 4k × 4k costs no more than one of 512 × 512. */
const bandVoxels = 1 << 18;
/** Where the band lies in each plane, part of what is left beside it. */
const bandPlaces = [0.5, 0.1, 0.35, 0.65, 0.5, 0.4, 0.6, 0.9, 0.5];
const bins = 256;
/** Parts of the voxels that are darker, and brighter, than what the contrast shows apart. */
const tails = { dark: 0.003, bright: 0.003 };
/** As few as hot pixels are, at either end: part of the voxels, and a number of them. */
const [farPart, farNumber] = [2e-5, 4];
/** Times the range of all others that the few must lie apart to be left out of it. */
const farApart = 100;
/** More than these are no label map. */
const mostLabels = 4096;

/** Reads a few planes spread over the depth, of large ones a part. Throws what the codec throws. */
export async function sampleVolume(reader: VolumeReader, signal?: AbortSignal): Promise<VoxelSample> {
  const [depth, height, width] = reader.info.shape;
  const count = Math.min(planes, depth);
  const rows = Math.min(height, Math.max(1, Math.floor(bandVoxels / width)));
  const taken: VoxelArray[] = [];
  for (let i = 0; i < count; i++) {
    const z = Math.min(depth - 1, Math.floor(((i + 0.5) * depth) / count));
    const y = Math.floor((height - rows) * bandPlaces[i]!);
    taken.push(await reader.readBox([z, y, 0], [1, rows, width], signal));
  }
  return describe(taken);
}

function describe(taken: readonly VoxelArray[]): VoxelSample {
  const seen = extremesOf(taken);
  const range = withoutFew(taken, seen);
  // the planes around the middle: those at the ends of a tomogram are often empty
  const inner = taken.length > 4 ? taken.slice(2, -2) : taken;
  const contrast = rangeWithout(inner, extremesOf(inner), tails);
  return {
    minimum: seen.low,
    maximum: seen.high,
    range,
    histogram: countValues(taken, range, bins),
    contrast: contrast.high > contrast.low ? contrast : widened(range),
    isWhole: seen.high > seen.low && areWhole(taken),
    labels: labelsIn(taken),
  };
}

/** Probabilities keep their range: that of a rare class is near 0 nearly everywhere. */
function withoutFew(taken: readonly VoxelArray[], seen: ValueRange): ValueRange {
  if (seen.low >= 0 && seen.high <= 1) return seen;
  const number = taken.reduce((sum, { length }) => sum + length, 0);
  const part = Math.min(0.001, Math.max(farPart, farNumber / number));
  const most = rangeWithout(taken, seen, { dark: part, bright: part });
  const width = most.high - most.low;
  return width > 0 && seen.high - seen.low > farApart * width ? most : seen;
}

const widened = ({ low, high }: ValueRange): ValueRange =>
  high > low ? { low, high } : { low, high: low + 1 };

function areWhole(taken: readonly VoxelArray[]): boolean {
  for (const voxels of taken)
    for (let i = 0; i < voxels.length; i++)
      // NaN and the infinite leave NaN
      if (Math.abs(voxels[i]! % 1) > 0) return false;
  return true;
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
