/**
 * Fills batches by their recipes: patches are read, normalised to mean 0 and standard deviation 1, and turned, in memory that is
 * given. That may be shared with other threads; a recipe gives the same bits wherever and whenever it is filled.
 */
import { normaliseVoxels } from "../volume/normalise.ts";
import { adjustIntensity, mirrorAlongY, turnAboutBeam, turnAboutTiltAxis } from "./augmentation.ts";
import type { Recipe } from "./recipes.ts";
import { readLabelledPatch, type TrainingTomogram } from "./training-set.ts";

export interface Batch {
  /** (batch, 1, z, y, x). */
  readonly x: Float32Array;
  /** (batch, z, y, x). */
  readonly labels: Uint8Array;
}

export interface PatchOptions {
  /** Side of the patches, voxels. */
  readonly patchSize: number;
  /** Background included. */
  readonly classes: number;
}

/** Memory of a batch; `memory` gives the bytes, from a `SharedArrayBuffer` for threads. */
export function allocateBatch(
  { batch, patchSize }: { readonly batch: number; readonly patchSize: number },
  memory: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Batch {
  const voxels = batch * patchSize ** 3;
  return { x: new Float32Array(memory(4 * voxels)), labels: new Uint8Array(memory(voxels)) };
}

/** Fills all of `target`, patch by patch. @throws TomoflowError `label-unknown`, `patch-too-large`, what the codecs throw */
export async function fillBatch(
  tomograms: readonly TrainingTomogram[],
  recipes: readonly Recipe[],
  { target, ...options }: PatchOptions & { readonly target: Batch },
): Promise<void> {
  const voxels = options.patchSize ** 3;
  for (const [item, recipe] of recipes.entries()) {
    const [start, end] = [item * voxels, (item + 1) * voxels];
    const density = target.x.subarray(start, end);
    const labels = target.labels.subarray(start, end);
    const { centre } = recipe;
    await readLabelledPatch(tomograms[recipe.tomogram]!, { ...options, centre, target: { density, labels } });
    normaliseVoxels(density, undefined, density);
    changePatch({ density, labels }, recipe, options.patchSize);
  }
}

function changePatch(
  patch: { readonly density: Float32Array; readonly labels: Uint8Array },
  { tiltAxisTurn, inPlaneTurn, mirror, intensity }: Recipe,
  side: number,
): void {
  for (const cube of [patch.density, patch.labels]) {
    if (tiltAxisTurn) turnAboutTiltAxis(cube, side);
    if (inPlaneTurn) turnAboutBeam(cube, side);
    if (mirror) mirrorAlongY(cube, side);
  }
  if (intensity) adjustIntensity(patch.density, intensity);
}
