/**
 * Class probabilities at labelled voxels: read slab by slab, one volume a class (DeepFinder's `class0`, `class1`, …),
 * so that memory holds a few planes of every class, not the scores of a tomogram.
 */
import { TomoflowError } from "../../core/error.ts";
import { formatShape, type Shape3, type VolumeReader, type VoxelArray } from "../../volume/volume.ts";
import type { VoxelPoints } from "./voxel-points.ts";

/** The score volumes of one tomogram: label -> probability 0…1, the background's (0) included. */
export type ScoreVolumes = ReadonlyMap<number, VolumeReader>;

/** Probabilities at each point of its class and of the best other class. */
export interface PointScores {
  /** (n), 0…1. */
  readonly own: Float32Array;
  /** (n), 0…1. */
  readonly next: Float32Array;
}

/** Probabilities of 16 bits, summed or averaged by others, may lie a little outside. */
const tolerance = 1e-3;

/** Voxels of all classes together read at a time. */
const slabVoxels = 1 << 23;

/**
 * Reads the scores at labelled voxels.
 * @param labelOf the class that counts as a point's own
 * @throws TomoflowError `scores-shape`, `scores-class-missing`, `score-invalid` for NaN and what is no probability
 */
export async function readPointScores(
  points: VoxelPoints,
  scores: ScoreVolumes,
  { labelOf, signal }: { labelOf: (point: number) => number; signal?: AbortSignal },
): Promise<PointScores> {
  checkShapes(points.shape, scores);
  const [depth, height, width] = points.shape;
  const plane = height * width;
  const planes = Math.max(1, Math.floor(slabVoxels / (plane * scores.size)));
  const result = { own: new Float32Array(points.index.length), next: new Float32Array(points.index.length) };
  let point = 0;
  while (point < points.index.length) {
    signal?.throwIfAborted();
    const z = Math.floor(points.index[point] / plane);
    const slab: Shape3 = [Math.min(planes, depth - z), height, width];
    const values = await readSlab(scores, { z, slab, signal });
    const end = (z + slab[0]) * plane;
    for (; point < points.index.length && points.index[point] < end; point++) {
      const label = labelOf(point);
      if (!values.has(label)) throw classMissing(label, scores);
      const at = points.index[point] - z * plane;
      // of every class: the margin is against the best of the others, and NaN is on no side of anything
      for (const [of, array] of values)
        if (!(array[at]! >= -tolerance && array[at]! <= 1 + tolerance))
          throw noProbability(array[at]!, points.index[point], { label: of, scores, shape: points.shape });
      scorePoint(values, { at, label, point, result });
    }
  }
  return result;
}

async function readSlab(
  scores: ScoreVolumes,
  { z, slab, signal }: { z: number; slab: Shape3; signal?: AbortSignal },
): Promise<ReadonlyMap<number, VoxelArray>> {
  const values = new Map<number, VoxelArray>();
  for (const [label, reader] of scores) values.set(label, await reader.readBox([z, 0, 0], slab, signal));
  return values;
}

function scorePoint(
  values: ReadonlyMap<number, VoxelArray>,
  { at, label, point, result }: { at: number; label: number; point: number; result: PointScores },
): void {
  let next = 0;
  for (const [other, array] of values)
    if (other === label) result.own[point] = array[at];
    else if (array[at] > next) next = array[at];
  result.next[point] = next;
}

/**
 * Throws `score-invalid` for NaN and what is no probability.
 * @param first index of the first value in the volume
 */
export function requireProbabilities(
  values: VoxelArray,
  { first, label, scores }: { first: number; label: number; scores: ScoreVolumes },
): void {
  const { shape } = scores.get(label)!.info;
  for (let i = 0; i < values.length; i++)
    if (!(values[i]! >= -tolerance && values[i]! <= 1 + tolerance))
      throw noProbability(values[i]!, first + i, { label, scores, shape });
}

function noProbability(
  value: number,
  index: number,
  { label, scores, shape }: { label: number; scores: ScoreVolumes; shape: Shape3 },
): TomoflowError {
  const [, height, width] = shape;
  const place = [Math.floor(index / (height * width)), Math.floor(index / width) % height, index % width];
  return new TomoflowError(
    "score-invalid",
    `${scores.get(label)!.info.path}: the score of class ${label} at voxel (z, y, x) = (${place.join(", ")}) is ${value}, which is no probability`,
    {
      hint: "scores are probabilities from 0 to 1, as `segment` writes them; NaN comes from a tomogram with NaN",
    },
  );
}

/** Throws `scores-shape` unless every class has scores for each voxel of `shape`. */
export function checkShapes(shape: Shape3, scores: ScoreVolumes): void {
  for (const [label, { info }] of scores)
    if (info.shape.some((length, axis) => length !== shape[axis]))
      throw new TomoflowError(
        "scores-shape",
        `${info.path}: the scores of class ${label} are ${formatShape(info.shape)} voxels, the labels ${formatShape(shape)}`,
        { hint: "give the scores and the labels of one and the same segmentation" },
      );
}

export const classMissing = (label: number, scores: ScoreVolumes): TomoflowError =>
  new TomoflowError(
    "scores-class-missing",
    `the labels hold class ${label}, the scores only ${[...scores.keys()].join(", ")}`,
    { hint: "give the scores and the labels of one and the same segmentation" },
  );
