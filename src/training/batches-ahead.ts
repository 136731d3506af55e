/** Batches in order, some of which are filled while the ones before are trained on. */
import { setImmediate } from "node:timers/promises";
import type { Random, RandomState } from "../core/random.ts";
import type { Batch } from "./fill-batch.ts";
import type { BatchSampler } from "./patch-sampler.ts";

export interface DrawnBatch {
  /** Its memory is used again once the next is asked for. */
  readonly batch: Batch;
  /** Where chance was when it had been drawn, and none after it: what a checkpoint keeps. */
  readonly randomAfter: RandomState;
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
  let last: Promise<void> = Promise.resolve();
  let isOver = false;
  const draw = (): void => {
    const recipes = sampler.drawRecipes(random);
    const batch = free.pop() ?? sampler.allocate();
    // one after the other, so that the one that is needed next is ready first; a failure ends those behind it
    last = Promise.all([last, setImmediate()]).then(() =>
      isOver ? undefined : sampler.fill(recipes, batch),
    );
    last.catch(() => {}); // told to who takes the batch
    queue.push({ drawn: { batch, randomAfter: random.state }, filled: last });
  };
  try {
    for (let step = 0, drawn = 0; step < count; step++) {
      for (; drawn < Math.min(count, step + 1 + ahead); drawn++) draw();
      const { drawn: current, filled } = queue.shift()!;
      await filled;
      yield current;
      free.push(current.batch);
    }
  } finally {
    isOver = true;
    await last.catch(() => {});
  }
}
