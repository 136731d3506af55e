/**
 * Fills batches by their recipes: patches are read, normalised to mean 0 and standard deviation 1, given particles of elsewhere,
 * turned, blurred and made noisier, in memory that is given. That may be shared with other threads; a recipe gives the same bits wherever and whenever it is filled.
 */
import { normaliseVoxels } from "../volume/normalise.ts";
import type { Triple } from "../volume/volume.ts";
import { adjustIntensity, mirrorAlongY, turnAboutBeam, turnAboutTiltAxis } from "./augmentation.ts";
import { addNoise, blurCube } from "./degrade.ts";
import { findRoom, pasteParticle } from "./paste-particle.ts";
import type { Recipe } from "./recipes.ts";
import { type LabelledPatch, readLabelledPatch, type TrainingTomogram } from "./training-set.ts";

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
    const isPasted = await pasteParticles({ density, labels }, recipe, { tomograms, ...options });
    turn({ density, labels }, recipe, options.patchSize);
    degrade(density, { ...recipe, isPasted }, options.patchSize);
  }
}

/** Whether there was room for any. */
async function pasteParticles(
  patch: LabelledPatch,
  { pasted = [] }: Recipe,
  { tomograms, ...options }: PatchOptions & { readonly tomograms: readonly TrainingTomogram[] },
): Promise<boolean> {
  const side = options.patchSize;
  let isPasted = false;
  for (const particle of pasted) {
    const place = findRoom(patch.labels, particle, side);
    if (place === undefined) continue;
    const source = { density: new Float32Array(side ** 3), labels: new Uint8Array(side ** 3) };
    const { centre } = particle;
    const start = await readLabelledPatch(tomograms[particle.tomogram]!, {
      ...options,
      centre,
      target: source,
    });
    normaliseVoxels(source.density, undefined, source.density);
    const inSource = centre.map((at, axis) => at - start[axis]!) as unknown as Triple;
    pasteParticle(patch, source, { particle, centre: inSource, place, side });
    isPasted = true;
  }
  return isPasted;
}

/** Normalised again, as a tomogram that is so would be, and then changed in its intensity. */
function degrade(
  density: Float32Array,
  {
    isPasted,
    blur = 0,
    noise,
    intensity,
  }: Pick<Recipe, "blur" | "noise" | "intensity"> & { readonly isPasted: boolean },
  side: number,
): void {
  blurCube(density, side, blur);
  if (noise) {
    if (blur > 0) normaliseVoxels(density, undefined, density);
    addNoise(density, noise);
  }
  if (isPasted || blur > 0 || noise) normaliseVoxels(density, undefined, density);
  if (intensity) adjustIntensity(density, intensity);
}

function turn(patch: LabelledPatch, { tiltAxisTurn, inPlaneTurn, mirror }: Recipe, side: number): void {
  for (const cube of [patch.density, patch.labels]) {
    if (tiltAxisTurn) turnAboutTiltAxis(cube, side);
    if (inPlaneTurn) turnAboutBeam(cube, side);
    if (mirror) mirrorAlongY(cube, side);
  }
}
