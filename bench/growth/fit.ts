/** A straight line through measurements. */

export interface LinearFit {
  readonly intercept: number;
  readonly slope: number;
  /** Greatest distance of a measurement from the line, as a share of the greatest measurement. */
  readonly deviation: number;
}

/** Least squares. @param x at least two different values @param y as many */
export function fitLine(x: readonly number[], y: readonly number[]): LinearFit {
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const slope = x.reduce((sum, value, index) => sum + (value - meanX) * (y[index]! - meanY), 0) / spread;
  const intercept = meanY - slope * meanX;
  const residuals = x.map((value, index) => Math.abs(y[index]! - intercept - slope * value));
  return { intercept, slope, deviation: Math.max(...residuals) / Math.max(...y) };
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
