/** Batches in order, some of which are filled while the ones before are trained on. */
import { setImmediate } from "node:timers/promises";
import type { Random, RandomState } from "../core/random.ts";
import type { Batch } from "./fill-batch.ts";
import type { BatchSampler } from "./patch-sampler.ts";

export interface DrawnBatch {
  readonly batch: Batch;
  /** Where chance was when it had been drawn, and none after it: what a checkpoint keeps. */
  readonly randomAfter: RandomState;
  /** Gives its memory back for another batch. */
  release(): void;
}

/**
 * Yields `count` batches. `ahead`: how many are filled beyond the one that is used; none is drawn beyond the last. Bits do not
 * depend on it. Filling starts when whoever takes a batch has started its work, and is over when the generator is.
 */
export async function* batchesAhead(
  sampler: BatchSampler,
  random: Random,
  { count, ahead }: { readonly count: number; readonly ahead: number },
): AsyncGenerator<DrawnBatch> {
  const free: Batch[] = [];
  const queue: { readonly drawn: DrawnBatch; readonly filled: Promise<void> }[] = [];
  /** The latest fills, as many as may be done at once. */
  const latest: Promise<void>[] = [];
  let isOver = false;
  const draw = (): void => {
    const recipes = sampler.drawRecipes(random);
    const batch = free.pop() ?? sampler.allocate();
    // so many after the other that the one that is needed next is ready first; a failure ends those behind it
    const before = latest.length < (sampler.fillsAtOnce ?? 1) ? undefined : latest.shift();
    const filled = Promise.all([before, setImmediate()]).then(() =>
      isOver ? undefined : sampler.fill(recipes, batch),
    );
    filled.catch(() => {}); // told to who takes the batch
    latest.push(filled);
    queue.push({
      drawn: { batch, randomAfter: random.state, release: () => void free.push(batch) },
      filled,
    });
  };
  try {
    for (let step = 0, drawn = 0; step < count; step++) {
      for (; drawn < Math.min(count, step + 1 + ahead); drawn++) draw();
      const { drawn: current, filled } = queue.shift()!;
      await filled;
      yield current;
    }
  } finally {
    isOver = true;
    await Promise.allSettled(latest);
  }
}
