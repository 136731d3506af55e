/**
 * A volume smoothed by a Gaussian, plane by plane: memory holds as many planes as the kernel is long, whatever the depth. The kernel
 * is cut at three standard deviations and has sum 1; beyond the edges the outermost voxels repeat
 * (scipy.ndimage.gaussian_filter with `truncate=3, mode="nearest"`).
 */
import { slabsOf } from "../../volume/box.ts";
import { gaussianKernel } from "../../volume/gaussian-kernel.ts";
import type { VolumeReader, VoxelArray } from "../../volume/volume.ts";

/** Voxels read at a time. */
const slabVoxels = 1 << 22;

export interface GaussianPlanesOptions {
  /** Standard deviation, voxels, above 0. */
  readonly sigma: number;
  /** Looks at what is read, before it is smoothed; `first` is the index of the first voxel in the volume. */
  readonly check?: (values: VoxelArray, first: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * The smoothed planes from z = 0 on. A plane is good until the third after it is asked for: its memory is used again then.
 * @returns (y, x)
 */
export async function* gaussianPlanes(
  reader: VolumeReader,
  { sigma, check, signal }: GaussianPlanesOptions,
): AsyncGenerator<Float32Array> {
  const { shape } = reader.info;
  const [depth, height, width] = shape;
  const plane = height * width;
  const kernel = gaussianKernel(sigma);
  const reach = kernel.length - 1;
  const ringLength = 2 * reach + 1;
  /** Planes smoothed along y and x; that of z lies at z modulo the ring's length. */
  const ring = Array.from({ length: Math.min(depth, ringLength) }, () => new Float32Array(plane));
  const at = (z: number) => ring[Math.min(Math.max(z, 0), depth - 1) % ringLength]!;
  const results = Array.from({ length: 3 }, () => new Float32Array(plane));
  const sums = new Float64Array(plane);
  const smoothInPlane = planeSmoother(kernel, height, width);
  let next = 0;
  const smoothed = (z: number): Float32Array => {
    const middle = at(z);
    for (let i = 0; i < plane; i++) sums[i] = kernel[0]! * middle[i]!;
    for (let k = 1; k <= reach; k++) {
      const [before, after, weight] = [at(z - k), at(z + k), kernel[k]!];
      for (let i = 0; i < plane; i++) sums[i] += weight * (before[i]! + after[i]!);
    }
    const result = results[z % results.length]!;
    result.set(sums);
    return result;
  };
  for (const { start, shape: slab } of slabsOf(shape, slabVoxels)) {
    signal?.throwIfAborted();
    const values = await reader.readBox(start, slab, signal);
    check?.(values, start[0] * plane);
    for (let z = start[0]; z < start[0] + slab[0]; z++) {
      const offset = (z - start[0]) * plane;
      smoothInPlane(values.subarray(offset, offset + plane), at(z));
      if (z - reach >= next) yield smoothed(next++);
    }
  }
  while (next < depth) yield smoothed(next++);
}

/** Smooths (y, x) along both axes. */
function planeSmoother(kernel: Float64Array, height: number, width: number) {
  const reach = kernel.length - 1;
  const rows = new Float64Array(height * width);
  const sums = new Float64Array(width);
  const padded = new Float64Array(width + 2 * reach);
  return (source: VoxelArray, target: Float32Array): void => {
    for (let y = 0; y < height; y++) {
      const row = y * width;
      for (let x = 0; x < width; x++) padded[reach + x] = source[row + x]!;
      padded.fill(source[row]!, 0, reach);
      padded.fill(source[row + width - 1]!, reach + width);
      for (let x = 0; x < width; x++) {
        let sum = kernel[0]! * padded[reach + x]!;
        for (let k = 1; k <= reach; k++)
          sum += kernel[k]! * (padded[reach + x - k]! + padded[reach + x + k]!);
        rows[row + x] = sum;
      }
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) sums[x] = kernel[0]! * rows[y * width + x]!;
      for (let k = 1; k <= reach; k++) {
        const above = Math.max(0, y - k) * width;
        const below = Math.min(height - 1, y + k) * width;
        const weight = kernel[k]!;
        for (let x = 0; x < width; x++) sums[x] += weight * (rows[above + x]! + rows[below + x]!);
      }
      target.set(sums, y * width);
    }
  };
}
