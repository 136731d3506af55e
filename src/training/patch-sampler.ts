/**
 * Draws training batches as DeepFinder does (Moebel et al. 2021): an object is drawn (with bootstrap its class first,
 * uniformly), its position shifted by a uniform integer on each axis, the patch pushed inside the tomogram, the data
 * normalised to mean 0 and standard deviation 1, and with probability ½ both turned by 180° about the tilt axis y.
 * Objects may be drawn in proportion to a weight: the gradient's mean is then that of a loss with sample weights.
 */
import { TomoflowError } from "../core/error.ts";
import type { Random } from "../core/random.ts";
import { normaliseVoxels } from "../volume/normalise.ts";
import { jitterIntensity, mirrorAlongY, turnAboutBeam, turnAboutTiltAxis } from "./augmentation.ts";
import { type DrawIndex, drawInProportion, sampleWeightOf } from "./sample-weights.ts";
import { positionOf, readLabelledPatch, type TrainingTomogram } from "./training-set.ts";

export interface SamplingOptions {
  readonly batch: number;
  /** Background included. */
  readonly classes: number;
  /** Side of the patches, voxels. */
  readonly patchSize: number;
  /** Draw the class first, uniformly, then an object of it. */
  readonly bootstrap: boolean;
  /** Largest shift on each axis, voxels. */
  readonly shift: number;
  /** Turn by 180° about y with probability ½. */
  readonly tiltAxisTurn: boolean;
  /** Turn by 180° about the beam z with probability ½. */
  readonly inPlaneTurn: boolean;
  /** Mirror along y with probability ½. */
  readonly mirror: boolean;
  /** Standard deviation of a random factor and offset on the normalised data. */
  readonly intensityJitter: number;
  /** Fraction of the patches drawn anywhere in a tomogram. */
  readonly background: number;
  /** The field of the objects in proportion to which they are drawn; all alike when not given. */
  readonly sampleWeight?: string;
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

/** Places of which one is drawn. */
interface Pool {
  readonly places: readonly Place[];
  readonly draw: DrawIndex;
}

/** @throws TomoflowError `no-objects` when there is nothing to sample around, `sample-weight` for objects without one */
export function createSampler(
  tomograms: readonly TrainingTomogram[],
  options: SamplingOptions,
): BatchSampler {
  const places = tomograms.flatMap((tomogram) =>
    tomogram.objects.map((object) => ({
      tomogram,
      centre: positionOf(object),
      label: object.label,
      weight: options.sampleWeight === undefined ? 1 : sampleWeightOf(object, options.sampleWeight),
    })),
  );
  if (!places.some(({ weight }) => weight > 0))
    throw new TomoflowError("no-objects", `no objects in ${tomograms.map(({ id }) => id).join(", ")}`, {
      hint:
        options.sampleWeight === undefined
          ? "patches are sampled around objects: list some"
          : `patches are sampled around objects whose \`${options.sampleWeight}\` is above 0: list some`,
    });
  const poolOf = (members: typeof places): Pool => ({
    places: members,
    draw: drawInProportion(
      members.map(({ weight }) => weight),
      options.sampleWeight !== undefined,
    ),
  });
  const drawn = places.filter(({ weight }) => weight > 0);
  const everything = poolOf(drawn);
  const byClass = [...new Set(drawn.map(({ label }) => label))]
    .sort((a, b) => a - b)
    .map((label) => poolOf(drawn.filter((place) => place.label === label)));
  const drawPlace = (random: Random): Place => {
    if (options.background > 0 && random.uniform() < options.background)
      return drawAnywhere(tomograms, random);
    const pool = options.bootstrap ? byClass[random.integer(0, byClass.length - 1)]! : everything;
    return drawObject(pool, random, options.shift);
  };
  return async (random) => {
    const voxels = options.patchSize ** 3;
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

function drawObject({ places, draw }: Pool, random: Random, shift: number): Place {
  const { tomogram, centre } = places[draw(random)]!;
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
  { patchSize, tiltAxisTurn, inPlaneTurn, mirror, intensityJitter }: SamplingOptions,
): void {
  if (tiltAxisTurn && random.uniform() < 0.5) {
    turnAboutTiltAxis(patch.density, patchSize);
    turnAboutTiltAxis(patch.labels, patchSize);
  }
  if (inPlaneTurn && random.uniform() < 0.5) {
    turnAboutBeam(patch.density, patchSize);
    turnAboutBeam(patch.labels, patchSize);
  }
  if (mirror && random.uniform() < 0.5) {
    mirrorAlongY(patch.density, patchSize);
    mirrorAlongY(patch.labels, patchSize);
  }
  if (intensityJitter > 0) jitterIntensity(patch.density, intensityJitter, random);
}
