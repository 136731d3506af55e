/** Rate and time left of a task, from its progress reports. */
export interface Pace {
  readonly ratePerSecond?: number;
  readonly etaSeconds?: number;
}

/** No time left is told before the work has been measured for so many seconds: the first reports say little of the rest. */
const settlingSeconds = 2;

/**
 * Measures from the first report on, so that a task which goes on from a checkpoint does not count what it found done; anew when work starts over.
 * `now` in seconds.
 */
export function paceMeter(now: () => number = () => performance.now() / 1000) {
  let first: { readonly done: number; readonly time: number } | undefined;
  let last = 0;
  return (done: number, total: number): Pace => {
    const time = now();
    if (first === undefined || done < last) first = { done, time };
    last = done;
    const elapsed = time - first.time;
    const ratePerSecond = (done - first.done) / elapsed;
    if (!(elapsed > 0) || !(ratePerSecond > 0)) return {};
    const etaSeconds = Math.max(0, total - done) / ratePerSecond;
    return elapsed < settlingSeconds && done < total ? { ratePerSecond } : { ratePerSecond, etaSeconds };
  };
}
