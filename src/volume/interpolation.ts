/** Trilinear interpolation between the eight corners of a cell. */

/**
 * The value at (tz, ty, tx), each 0…1, inside the cell whose lowest corner is `values[corner]`. Takes seven plain
 * numbers instead of an options object because it is the innermost call of the kernels: nothing may be allocated.
 */
export function interpolateCell(
  values: Float32Array,
  corner: number,
  rowStride: number,
  planeStride: number,
  tz: number,
  ty: number,
  tx: number,
): number {
  const next = corner + rowStride;
  const above = corner + planeStride;
  const aboveNext = above + rowStride;
  const a = values[corner] * (1 - tx) + values[corner + 1] * tx;
  const b = values[next] * (1 - tx) + values[next + 1] * tx;
  const c = values[above] * (1 - tx) + values[above + 1] * tx;
  const d = values[aboveNext] * (1 - tx) + values[aboveNext + 1] * tx;
  return (a * (1 - ty) + b * ty) * (1 - tz) + (c * (1 - ty) + d * ty) * tz;
}
