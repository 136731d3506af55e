/** Axes: which values they span and where their ticks are. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** From `low` to `high`, at round numbers. */
  readonly ticks: readonly number[];
  readonly format: (tick: number) => string;
}

/** From 0 to 1 in steps of 0.2: scores. */
export const unitScale: Scale = roundScale({ low: 0, high: 1, ticks: 5 });

export interface ScaleOptions {
  /** Begin at 0, however far the values are from it. */
  readonly fromZero?: boolean;
  /** The largest value there can be. */
  readonly most?: number;
}

/** Widened to round numbers around all finite values; from 0 where they come near it. Null when there are none. */
export function scaleOf(
  values: readonly number[],
  { fromZero = false, most = Number.POSITIVE_INFINITY }: ScaleOptions = {},
): Scale | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const [low, high] = finite.reduce(
    ([least, largest], value) => [Math.min(least, value), Math.max(largest, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const room = high === low ? Math.abs(high) / 2 || 1 : 0;
  const start = low >= 0 && (fromZero || low < 0.5 * high) ? 0 : low - room;
  const scale = roundScale({ low: start, high: high + room, ticks: 5 });
  return scale.high > most
    ? { ...scale, high: most, ticks: scale.ticks.filter((tick) => tick <= most) }
    : scale;
}

/** Epochs, which are whole; a single one lies in the middle. */
export function epochScale(first: number, last: number): Scale {
  const step = Math.max(1, roundStep((last - first) / 6));
  const start = Math.ceil(first / step) * step;
  const ticks = Array.from(
    { length: Math.floor((last - start) / step) + 1 },
    (_, index) => start + index * step,
  );
  if (ticks[0] !== first) ticks.unshift(first);
  const crowded = ticks.length > 1 && ticks[1]! - ticks[0]! < 0.5 * step;
  if (crowded) ticks.splice(1, 1);
  const room = first === last ? 0.5 : 0;
  return { low: first - room, high: last + room, ticks, format: String };
}

function roundScale({ low, high, ticks }: { low: number; high: number; ticks: number }): Scale {
  const step = roundStep((high - low) / ticks);
  const start = Math.floor(low / step + 1e-9);
  const end = Math.ceil(high / step - 1e-9);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return {
    low: start * step,
    high: end * step,
    ticks: Array.from({ length: end - start + 1 }, (_, index) => (start + index) * step),
    format: (tick) => tick.toFixed(Math.min(decimals, 12)),
  };
}

/** The least of 1, 2, 5, 10, … (times a power of ten) that is not below `wanted`. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted) + 1e-9);
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= wanted * (1 - 1e-9)) ?? 10;
  return factor * power;
}
