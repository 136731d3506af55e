/** A thread of `batch-threads.ts`: fills batches, one after the other, and has no state of chance of its own. */
import { parentPort } from "node:worker_threads";
import { type ToldError, tellError } from "../core/error.ts";
import { type Batch, fillBatch, type PatchOptions } from "./fill-batch.ts";
import type { Recipe } from "./recipes.ts";
import type { TrainingTomogram } from "./training-set.ts";

/** What the thread is told once: lists of tomograms, their voxels in shared memory. */
export interface FillSets {
  readonly type: "sets";
  readonly sets: readonly {
    readonly tomograms: readonly TrainingTomogram[];
    readonly options: PatchOptions;
  }[];
}

export interface FillWork {
  readonly type: "fill";
  readonly set: number;
  readonly recipes: readonly Recipe[];
  /** In shared memory. */
  readonly target: Batch;
}

/** The answer to each work, in order. */
export type FillNews = { readonly type: "filled" } | { readonly type: "failed"; readonly error: ToldError };

let sets: FillSets["sets"] = [];

parentPort!.on("message", async (message: FillSets | FillWork) => {
  if (message.type === "sets") {
    sets = message.sets;
    return;
  }
  parentPort!.postMessage(await answer(message));
});

async function answer({ set, recipes, target }: FillWork): Promise<FillNews> {
  const { tomograms, options } = sets[set]!;
  try {
    await fillBatch(tomograms, recipes, { ...options, target });
    return { type: "filled" };
  } catch (error) {
    return { type: "failed", error: tellError(error) };
  }
}
