/**
 * Maxima of smoothed class probabilities. Smoothing by a share of the particle's radius gathers what the network says of a whole
 * particle in its middle: rings and rods, whose middles or ends score low, come out in one piece.
 *
 * A peak is a voxel that is higher than its 26 neighbours. Peaks are kept from the highest down unless a kept one of the class lies
 * within the radius. The position is refined along each axis by the parabola through the voxel and its two neighbours.
 */
import { gaussianKernel } from "../../volume/gaussian-kernel.ts";
import type { Shape3, Triple, VolumeReader, VoxelArray } from "../../volume/volume.ts";
import { keepFarApart } from "./far-apart.ts";
import { gaussianPlanes } from "./gaussian-planes.ts";
import { requireProbabilities, type ScoreVolumes } from "./scores.ts";

export interface SmoothedPeak {
  /** (z, y, x), voxels, refined. */
  readonly position: Triple;
  /** (z, y, x), the highest voxel. */
  readonly voxel: Triple;
  /** Smoothed probability of that voxel, 0…1. */
  readonly score: number;
}

export interface SmoothedPeakOptions {
  /** Voxels. */
  readonly radius: number;
  /** Standard deviation of the Gaussian, voxels. */
  readonly sigma: number;
  /** Lowest smoothed probability of a peak. */
  readonly threshold: number;
  readonly signal?: AbortSignal;
  /** Share of the planes that are done, 0…1. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The peaks of one class, highest first.
 * @throws TomoflowError `score-invalid`
 */
export async function findSmoothedPeaks(
  label: number,
  scores: ScoreVolumes,
  { radius, sigma, threshold, signal, onProgress }: SmoothedPeakOptions,
): Promise<readonly SmoothedPeak[]> {
  const reader = scores.get(label)!;
  const { shape } = reader.info;
  const check = (values: VoxelArray, first: number) => requireProbabilities(values, { first, label, scores });
  const found: SmoothedPeak[] = [];
  let [before, middle]: (Float32Array | undefined)[] = [];
  let z = -1;
  const search = (after: Float32Array | undefined) => {
    if (middle) maximaOf({ before, middle, after, z, shape, threshold }, found);
    [before, middle] = [middle, after];
    z++;
    onProgress?.(z / shape[0]);
  };
  for await (const plane of gaussianPlanes(reader, { sigma, check, signal })) search(plane);
  search(undefined);
  // of equal ones the first in the volume is first: the sort is stable
  found.sort((a, b) => b.score - a.score);
  return keepFarApart(found, radius);
}

interface PlaneAtHand {
  /** (y, x); the neighbours are absent at the ends of the volume. */
  readonly before: Float32Array | undefined;
  readonly middle: Float32Array;
  readonly after: Float32Array | undefined;
  readonly z: number;
  readonly shape: Shape3;
  readonly threshold: number;
}

/** Of neighbours that are equally high the first in the volume counts as the higher one. */
function maximaOf(given: PlaneAtHand, found: SmoothedPeak[]): void {
  const { before, middle, after, z, threshold } = given;
  const [, height, width] = given.shape;
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [Math.max(0, y - 1), Math.min(height - 1, y + 1)];
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const value = middle[at]!;
      if (!(value > 0) || value < threshold) continue;
      if (x > 0 && middle[at - 1]! >= value) continue;
      if (x < width - 1 && middle[at + 1]! > value) continue;
      const [left, right] = [Math.max(0, x - 1), Math.min(width - 1, x + 1)];
      let isHighest = true;
      for (let row = top; row <= bottom && isHighest; row++)
        for (let column = left; column <= right; column++) {
          const other = row * width + column;
          if (
            (before !== undefined && before[other]! >= value) ||
            (after !== undefined && after[other]! > value) ||
            (other < at ? middle[other]! >= value : other > at && middle[other]! > value)
          ) {
            isHighest = false;
            break;
          }
        }
      if (!isHighest) continue;
      const position: Triple = [
        z + vertex(before?.[at], value, after?.[at]),
        y + vertex(y > 0 ? middle[at - width] : undefined, value, middle[at + width]),
        x + vertex(x > 0 ? middle[at - 1] : undefined, value, x < width - 1 ? middle[at + 1] : undefined),
      ];
      found.push({ position, voxel: [z, y, x], score: value });
    }
  }
}

/** Where the parabola through three values at −1, 0, 1 is highest; 0 at the ends of the volume. */
function vertex(before: number | undefined, middle: number, after: number | undefined): number {
  if (before === undefined || after === undefined) return 0;
  const curvature = before - 2 * middle + after;
  return curvature < 0 ? Math.min(0.5, Math.max(-0.5, (0.5 * (before - after)) / curvature)) : 0;
}

/** Voxels of one class read at a time, the kernel's reach not counted. */
const slabVoxels = 1 << 22;

/**
 * The highest probability of another class at each peak, smoothed by the same Gaussian. The background does not count: smoothing
 * over a particle's edge always brings much of it.
 * @param peaks those of class `label`
 * @returns (peaks), 0…1
 */
export async function nextBest(
  peaks: readonly SmoothedPeak[],
  scores: ScoreVolumes,
  { label, sigma, signal }: { readonly label: number; readonly sigma: number; readonly signal?: AbortSignal },
): Promise<Float64Array> {
  const best = new Float64Array(peaks.length);
  const order = peaks.map((_, index) => index).sort((a, b) => peaks[a]!.voxel[0] - peaks[b]!.voxel[0]);
  const kernel = gaussianKernel(sigma);
  for (const [other, reader] of scores) {
    if (other === label || other === 0) continue;
    for (const group of groupsOf(order, peaks, reader)) {
      signal?.throwIfAborted();
      const { start, slab } = planesAround(group, peaks, { reader, reach: kernel.length - 1 });
      const values = await reader.readBox([start, 0, 0], slab, signal);
      for (const index of group) {
        const [z, y, x] = peaks[index]!.voxel;
        const value = smoothedAt(values, slab, { voxel: [z - start, y, x], kernel });
        if (value > best[index]!) best[index] = value;
      }
    }
  }
  return best;
}

/** Peaks whose planes are read together, in their order along z. */
function groupsOf(
  order: readonly number[],
  peaks: readonly SmoothedPeak[],
  { info: { shape } }: VolumeReader,
): readonly (readonly number[])[] {
  const planes = Math.max(1, Math.floor(slabVoxels / (shape[1] * shape[2])));
  const groups: number[][] = [];
  for (const index of order) {
    const group = groups.at(-1);
    if (group && peaks[index]!.voxel[0] < peaks[group[0]!]!.voxel[0] + planes) group.push(index);
    else groups.push([index]);
  }
  return groups;
}

function planesAround(
  group: readonly number[],
  peaks: readonly SmoothedPeak[],
  { reader, reach }: { readonly reader: VolumeReader; readonly reach: number },
): { readonly start: number; readonly slab: Shape3 } {
  const [depth, height, width] = reader.info.shape;
  const start = Math.max(0, peaks[group[0]!]!.voxel[0] - reach);
  const end = Math.min(depth, peaks[group.at(-1)!]!.voxel[0] + reach + 1);
  return { start, slab: [end - start, height, width] };
}

/** Of the box `shape`, whose outermost planes repeat beyond it: they are the volume's where the kernel reaches that far. */
function smoothedAt(
  values: VoxelArray,
  [depth, height, width]: Shape3,
  { voxel: [z, y, x], kernel }: { readonly voxel: Triple; readonly kernel: Float64Array },
): number {
  const reach = kernel.length - 1;
  const clamp = (at: number, length: number) => Math.min(Math.max(at, 0), length - 1);
  let sum = 0;
  for (let dz = -reach; dz <= reach; dz++) {
    const plane = clamp(z + dz, depth) * height;
    for (let dy = -reach; dy <= reach; dy++) {
      const row = (plane + clamp(y + dy, height)) * width;
      const weight = kernel[Math.abs(dz)]! * kernel[Math.abs(dy)]!;
      let line = 0;
      for (let dx = -reach; dx <= reach; dx++)
        line += kernel[Math.abs(dx)]! * values[row + clamp(x + dx, width)]!;
      sum += weight * line;
    }
  }
  return sum;
}
