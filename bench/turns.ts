/** Cases that are measured in turns, so that other work on the machine slows all of them alike. */

export interface Time {
  /** By the clock. */
  readonly seconds: number;
  /** Of all threads of this process: says more than the clock where the machine has other work. */
  readonly processorSeconds: number;
}

/** The best of some runs of each case, after one that is not counted. */
export async function bestOfTurns<Name extends string>(
  cases: Readonly<Record<Name, () => unknown>>,
  runs = 5,
): Promise<Record<Name, Time>> {
  const names = Object.keys(cases) as Name[];
  const none: Time = { seconds: Number.POSITIVE_INFINITY, processorSeconds: Number.POSITIVE_INFINITY };
  const best = Object.fromEntries(names.map((name) => [name, none])) as Record<Name, Time>;
  for (let run = 0; run <= runs; run++)
    for (const name of names) {
      const time = await timeOf(cases[name]);
      if (run > 0) best[name] = lesser(best[name], time);
    }
  return best;
}

const lesser = (a: Time, b: Time): Time => ({
  seconds: Math.min(a.seconds, b.seconds),
  processorSeconds: Math.min(a.processorSeconds, b.processorSeconds),
});

async function timeOf(work: () => unknown): Promise<Time> {
  const processor = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(processor);
  return { seconds, processorSeconds: (user + system) / 1e6 };
}
