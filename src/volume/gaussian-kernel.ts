/** The Gaussian that volumes are smoothed with: cut at three standard deviations, of sum 1 (scipy.ndimage's, `truncate=3`). */

const truncate = 3;

/** (reach + 1): weights of the middle and of the voxels 1…reach away on either side. `sigma`: voxels, above 0. */
export function gaussianKernel(sigma: number): Float64Array {
  const reach = Math.floor(truncate * sigma + 0.5);
  const half = Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp(-(k * k) / (2 * sigma * sigma)));
  const sum = half.reduce((total, weight, k) => total + (k === 0 ? weight : 2 * weight), 0);
  return half.map((weight) => weight / sum);
}
