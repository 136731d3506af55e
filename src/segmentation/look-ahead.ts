/**
 * `work` done on each item, yielded in order; the next item is begun before the last is taken, so that reading one tile,
 * computing another and writing a third overlap. What was begun has ended when the generator ends.
 */
export async function* oneAhead<T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  try {
    for (const item of items) {
      const next = work(item);
      next.catch(() => undefined); // thrown when its turn comes
      begun.push(next);
      if (begun.length > 1) yield await begun.shift()!;
    }
    while (begun.length > 0) yield await begun.shift()!;
  } finally {
    await Promise.allSettled(begun);
  }
}
