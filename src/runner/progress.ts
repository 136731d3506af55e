/** Rate and time left of a task, from its progress reports. */
export interface Pace {
  readonly ratePerSecond?: number;
  readonly etaSeconds?: number;
}

/**
 * Measures from the first report on, so that a task which goes on from a checkpoint does not count what it found done.
 * `now` in seconds.
 */
export function paceMeter(now: () => number = () => performance.now() / 1000) {
  let first: { readonly done: number; readonly time: number } | undefined;
  return (done: number, total: number): Pace => {
    const time = now();
    if (first === undefined || done < first.done) first = { done, time };
    const elapsed = time - first.time;
    const ratePerSecond = (done - first.done) / elapsed;
    if (!(elapsed > 0) || !(ratePerSecond > 0)) return {};
    return { ratePerSecond, etaSeconds: Math.max(0, total - done) / ratePerSecond };
  };
}
