/**
 * Draws training batches as DeepFinder does (Moebel et al. 2021): an object is drawn (with bootstrap its class first,
 * uniformly), its position shifted by a uniform integer on each axis, the patch pushed inside the tomogram, the data
 * normalised to mean 0 and standard deviation 1, and with probability ½ both turned by 180° about the tilt axis y.
 */
import { TomoflowError } from "../core/error.ts";
import type { Random } from "../core/random.ts";
import { normaliseVoxels } from "../volume/normalise.ts";
import { jitterIntensity, mirrorAlongY, turnAboutTiltAxis } from "./augmentation.ts";
import { positionOf, readLabelledPatch, type TrainingTomogram } from "./training-set.ts";

export interface SamplingOptions {
  readonly batch: number;
  /** Background included. */
  readonly classes: number;
  /** Side of the patches, voxels. */
  readonly side: number;
  /** Draw the class first, uniformly, then an object of it. */
  readonly bootstrap: boolean;
  /** Largest shift on each axis, voxels. */
  readonly shift: number;
  /** Turn by 180° about y with probability ½. */
  readonly tiltAxisTurn: boolean;
  /** Mirror along y with probability ½. */
  readonly mirror: boolean;
  /** Standard deviation of a random factor and offset on the normalised data. */
  readonly intensityJitter: number;
  /** Fraction of the patches drawn anywhere in a tomogram. */
  readonly background: number;
}

export interface Batch {
  /** (batch, 1, z, y, x). */
  readonly x: Float32Array;
  /** (batch, z, y, x). */
  readonly labels: Uint8Array;
}

/** Draws batches; the same random state gives the same batch. */
export type BatchSampler = (random: Random) => Promise<Batch>;

interface Place {
  readonly tomogram: TrainingTomogram;
  /** (z, y, x), voxels. */
  readonly centre: readonly [number, number, number];
}

/** @throws TomoflowError `no-objects` when there is nothing to sample around */
export function createSampler(
  tomograms: readonly TrainingTomogram[],
  options: SamplingOptions,
): BatchSampler {
  const places = tomograms.flatMap((tomogram) =>
    tomogram.objects.map((object) => ({ tomogram, centre: positionOf(object), label: object.label })),
  );
  if (places.length === 0)
    throw new TomoflowError("no-objects", `no objects in ${tomograms.map(({ id }) => id).join(", ")}`, {
      hint: "patches are sampled around objects: list some",
    });
  const byClass = [...new Set(places.map(({ label }) => label))]
    .sort((a, b) => a - b)
    .map((label) => places.filter((place) => place.label === label));
  const drawPlace = (random: Random): Place => {
    if (options.background > 0 && random.uniform() < options.background)
      return drawAnywhere(tomograms, random);
    return drawObject(
      options.bootstrap ? byClass[random.integer(0, byClass.length - 1)]! : places,
      random,
      options.shift,
    );
  };
  return async (random) => {
    const voxels = options.side ** 3;
    const x = new Float32Array(options.batch * voxels);
    const labels = new Uint8Array(options.batch * voxels);
    for (let item = 0; item < options.batch; item++) {
      const { tomogram, centre } = drawPlace(random);
      const patch = await readLabelledPatch(tomogram, centre, options);
      const density = normaliseVoxels(patch.density);
      augment({ density, labels: patch.labels }, random, options);
      x.set(density, item * voxels);
      labels.set(patch.labels, item * voxels);
    }
    return { x, labels };
  };
}

/** Share of each label, 0 … classes − 1, in a few batches; one voxel is added to each, so that none is 0. */
export async function labelFrequencies(
  sample: BatchSampler,
  classes: number,
  random: Random,
): Promise<readonly number[]> {
  const counts = new Array<number>(classes).fill(1);
  const batches = 8;
  for (let batch = 0; batch < batches; batch++)
    for (const label of (await sample(random)).labels) counts[label]!++;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

function drawObject(places: readonly Place[], random: Random, shift: number): Place {
  const { tomogram, centre } = places[random.integer(0, places.length - 1)]!;
  const moved = centre.map((position) => position + random.integer(-shift, shift));
  return { tomogram, centre: moved as unknown as Place["centre"] };
}

function drawAnywhere(tomograms: readonly TrainingTomogram[], random: Random): Place {
  const tomogram = tomograms[random.integer(0, tomograms.length - 1)]!;
  const centre = tomogram.shape.map((length) => random.integer(0, length - 1));
  return { tomogram, centre: centre as unknown as Place["centre"] };
}

function augment(
  patch: { density: Float32Array; labels: Uint8Array },
  random: Random,
  { side, tiltAxisTurn, mirror, intensityJitter }: SamplingOptions,
): void {
  if (tiltAxisTurn && random.uniform() < 0.5) {
    turnAboutTiltAxis(patch.density, side);
    turnAboutTiltAxis(patch.labels, side);
  }
  if (mirror && random.uniform() < 0.5) {
    mirrorAlongY(patch.density, side);
    mirrorAlongY(patch.labels, side);
  }
  if (intensityJitter > 0) jitterIntensity(patch.density, intensityJitter, random);
}
