/** Curves as SVG path data. */
/** In pixels; y is NaN where there is no value. */
export type Point = readonly [x: number, y: number];

/** Path through the points, interrupted where y is not finite. A point between two gaps is drawn as a dot. */
export function pathOf(points: readonly Point[]): string {
  let path = "";
  points.forEach(([x, y], index) => {
    if (!Number.isFinite(y)) return;
    const starts = !Number.isFinite(points[index - 1]?.[1] ?? Number.NaN);
    const alone = starts && !Number.isFinite(points[index + 1]?.[1] ?? Number.NaN);
    path += `${starts ? "M" : "L"}${tenths(x)} ${tenths(y)}${alone ? "h0" : ""}`;
  });
  return path;
}

const tenths = (value: number): string => String(Math.round(value * 10) / 10);

/**
 * Of more points than pixels, the highest and the lowest of each column of two pixels, in order: the curve looks the same and the
 * picture stays small.
 */
export function thin(points: readonly Point[], width: number): readonly Point[] {
  if (points.length <= width) return points;
  const columns = new Map<number, Point[]>();
  for (const point of points) {
    const column = Math.floor(point[0] / 2);
    const kept = columns.get(column);
    if (kept) kept.push(point);
    else columns.set(column, [point]);
  }
  return [...columns.values()].flatMap(extremes);
}

function extremes(points: readonly Point[]): readonly Point[] {
  const finite = points.filter(([, y]) => Number.isFinite(y));
  if (finite.length === 0) return points.slice(0, 1);
  const lowest = finite.reduce((best, point) => (point[1] > best[1] ? point : best));
  const highest = finite.reduce((best, point) => (point[1] < best[1] ? point : best));
  return points.filter((point) => point === lowest || point === highest);
}

/** Mean of the finite values among `window` neighbours centred on each; NaN where there are none. */
export function smooth(values: readonly number[], window: number): readonly number[] {
  const half = Math.floor(window / 2);
  return values.map((_, index) => {
    const near = values.slice(Math.max(0, index - half), index + half + 1).filter(Number.isFinite);
    return near.length === 0 ? Number.NaN : near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}
