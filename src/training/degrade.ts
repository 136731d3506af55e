/** Patches as a blurrier or noisier tomogram would have them. Cubes (z, y, x) are changed in place. */
import { Random } from "../core/random.ts";
import { gaussianKernel } from "../volume/gaussian-kernel.ts";

/**
 * Smooths by a Gaussian of `sigma` voxels, along one axis after the other; beyond the edges the outermost voxels repeat
 * (scipy.ndimage.gaussian_filter with `truncate=3, mode="nearest"`).
 */
export function blurCube(density: Float32Array, side: number, sigma: number): void {
  if (sigma === 0) return;
  const kernel = gaussianKernel(sigma);
  const reach = kernel.length - 1;
  /** A line with its outermost voxels repeated. */
  const line = new Float64Array(side + 2 * reach);
  for (const stride of [side * side, side, 1])
    for (let start = 0; start < density.length; start++) {
      // lines start where their own index is 0
      if (Math.floor(start / stride) % side !== 0) continue;
      for (let i = 0; i < line.length; i++) {
        const at = Math.min(Math.max(i - reach, 0), side - 1);
        line[i] = density[start + at * stride]!;
      }
      for (let i = 0; i < side; i++) {
        let sum = kernel[0]! * line[i + reach]!;
        for (let k = 1; k <= reach; k++) sum += kernel[k]! * (line[i + reach - k]! + line[i + reach + k]!);
        density[start + i * stride] = sum;
      }
    }
}

/** Adds white Gaussian noise; the same seed gives the same noise. */
export function addNoise(
  density: Float32Array,
  { deviation, seed }: { readonly deviation: number; readonly seed: number },
): void {
  const random = new Random(seed);
  for (let i = 0; i < density.length; i++) density[i] = density[i]! + deviation * random.normal();
}
