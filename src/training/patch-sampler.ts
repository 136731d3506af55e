/** Training batches: what is drawn (recipes.ts) and how it is filled (fill-batch.ts), for one list of tomograms. */
import type { Random } from "../core/random.ts";
import { unknownLabel } from "../network/losses/loss.ts";
import { allocateBatch, type Batch, fillBatch, type PatchOptions } from "./fill-batch.ts";
import { createRecipes, type DrawRecipes, type Recipe, type RecipeOptions } from "./recipes.ts";
import type { TrainingTomogram } from "./training-set.ts";

export type SamplingOptions = RecipeOptions & PatchOptions;

export interface BatchSampler {
  readonly drawRecipes: DrawRecipes;
  /** Batches that may be filled at once; one when not given. */
  readonly fillsAtOnce?: number;
  /** Memory for a batch. */
  allocate(): Batch;
  /** Fills a batch, in the order of its recipes. */
  fill(recipes: readonly Recipe[], target: Batch): Promise<void>;
}

/** @throws TomoflowError `no-objects` when there is nothing to sample around, `sample-weight` for objects without one */
export const createSampler = (
  tomograms: readonly TrainingTomogram[],
  options: SamplingOptions,
): BatchSampler => ({
  drawRecipes: createRecipes(tomograms, options),
  allocate: () => allocateBatch(options),
  fill: (recipes, target) => fillBatch(tomograms, recipes, { ...options, target }),
});

/** Draws a batch and fills it. */
export async function sampleBatch(
  sampler: BatchSampler,
  random: Random,
  target: Batch = sampler.allocate(),
): Promise<Batch> {
  await sampler.fill(sampler.drawRecipes(random), target);
  return target;
}

/** Share of each label, 0 … classes − 1, in a few batches, unknown voxels left out; one voxel is added to each, so that none is 0. */
export async function labelFrequencies(
  sampler: BatchSampler,
  classes: number,
  random: Random,
): Promise<readonly number[]> {
  const counts = new Array<number>(classes).fill(1);
  const batches = 8;
  const target = sampler.allocate();
  for (let batch = 0; batch < batches; batch++)
    for (const label of (await sampleBatch(sampler, random, target)).labels)
      if (label !== unknownLabel) counts[label]!++;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}
