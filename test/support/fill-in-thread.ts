/** A thread that fills batches: it gets tomograms in shared memory and recipes, and has no state of chance of its own. */
import { parentPort } from "node:worker_threads";
import { type Batch, fillBatch, type PatchOptions } from "../../src/training/fill-batch.ts";
import type { Recipe } from "../../src/training/recipes.ts";
import type { TrainingTomogram } from "../../src/training/training-set.ts";

export interface FillWork {
  readonly tomograms: readonly TrainingTomogram[];
  readonly recipes: readonly Recipe[];
  readonly target: Batch;
  readonly options: PatchOptions;
}

parentPort!.once("message", async ({ tomograms, recipes, target, options }: FillWork) => {
  await fillBatch(tomograms, recipes, { ...options, target });
  parentPort!.postMessage("filled");
});
