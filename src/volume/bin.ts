/**
 * Binning and cropping. A binned voxel is the mean of factor³ voxels, or for label maps the label that most of them have;
 * voxels left over at the far end of an axis are dropped. The sampling follows, so that positions in Å stay the same.
 */
import { TomoflowError } from "../core/error.ts";
import { type Box, checkBox, copyBox } from "./box.ts";
import { notALabel } from "./labels.ts";
import {
  formatShape,
  type Sampling,
  type Shape3,
  type Triple,
  type Volume,
  type VoxelArray,
  voxelCount,
} from "./volume.ts";

/** `mean` for densities; `majority` for label maps (of equally frequent labels the larger one). */
export type BinMethod = "mean" | "majority";

/** The volume binned by `factor` on every axis: float32 for `mean`, the type it has for `majority`. */
export function binVolume(volume: Volume, factor: number, method: BinMethod = "mean"): Volume {
  const shape = binnedShape(volume.shape, factor);
  const data = binVoxels(volume.data, { shape: volume.shape, factor, method });
  return { ...volume, ...binnedSampling(volume, factor), shape, data };
}

/** The part of the volume in the box, its origin moved along. */
export function cropVolume(volume: Volume, box: Box): Volume {
  const data = copyBox(volume.data, volume.shape, box);
  return { ...volume, ...croppedSampling(volume, box), shape: box.shape, data };
}

/** The shape after binning. Throws `bin-factor` unless the factor is a whole number that fits every axis. */
export function binnedShape(shape: Shape3, factor: number): Shape3 {
  if (!Number.isInteger(factor) || factor < 1 || shape.some((length) => length < factor))
    throw new TomoflowError("bin-factor", `a volume of ${formatShape(shape)} cannot be binned by ${factor}`, {
      hint: `the factor is a whole number from 1 to ${Math.min(...shape)}`,
    });
  const divide = (length: number) => Math.floor(length / factor);
  return [divide(shape[0]), divide(shape[1]), divide(shape[2])];
}

/** Voxels are `factor` times larger, and the centre of the first one lies (factor − 1) / 2 old voxels further on. */
export function binnedSampling(sampling: Sampling, factor: number): Sampling {
  const size = sampling.voxelSizeAngstrom;
  if (!size) return sampling;
  const shift = (factor - 1) / 2;
  return {
    voxelSizeAngstrom: [size[0] * factor, size[1] * factor, size[2] * factor],
    originAngstrom: shiftOrigin(sampling, [shift, shift, shift]),
  };
}

/** The origin moves to the first voxel of the box. */
export const croppedSampling = (sampling: Sampling, box: Box): Sampling => ({
  voxelSizeAngstrom: sampling.voxelSizeAngstrom,
  originAngstrom: shiftOrigin(sampling, box.start),
});

function shiftOrigin({ voxelSizeAngstrom: size, originAngstrom: origin }: Sampling, voxels: Triple): Triple {
  if (!size) return origin;
  const move = (axis: 0 | 1 | 2) => origin[axis] + voxels[axis] * size[axis];
  return [move(0), move(1), move(2)];
}

interface BinOptions {
  /** Of the voxels given. */
  readonly shape: Shape3;
  readonly factor: number;
  readonly method: BinMethod;
}

/** Bins an array (z, y, x), which may be a slab of a volume when its planes are a multiple of the factor. */
export function binVoxels(data: VoxelArray, { shape, factor, method }: BinOptions): VoxelArray {
  checkBox({ start: [0, 0, 0], shape }, shape);
  const binned = binnedShape(shape, factor);
  return method === "mean"
    ? binMeans(data, shape, { shape: binned, factor })
    : binMajorities(data, shape, { shape: binned, factor });
}

interface Binned {
  readonly shape: Shape3;
  readonly factor: number;
}

function binMeans(data: VoxelArray, whole: Shape3, { shape, factor }: Binned): Float32Array {
  const [depth, height, width] = shape;
  const means = new Float32Array(voxelCount(shape));
  const sums = new Float64Array(width);
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      sums.fill(0);
      for (let dz = 0; dz < factor; dz++)
        for (let dy = 0; dy < factor; dy++) {
          let from = ((z * factor + dz) * whole[1] + y * factor + dy) * whole[2];
          for (let x = 0; x < width; x++) for (let dx = 0; dx < factor; dx++) sums[x] += data[from++];
        }
      const to = (z * height + y) * width;
      for (let x = 0; x < width; x++) means[to + x] = sums[x] / factor ** 3;
    }
  return means;
}

/** Throws `labels-invalid` for NaN and fractions; negative numbers are others' marks of what is to be ignored. */
function binMajorities(data: VoxelArray, whole: Shape3, { shape, factor }: Binned): VoxelArray {
  const wrong = data.findIndex((value) => value % 1 !== 0);
  if (wrong >= 0)
    throw notALabel(data[wrong]!, wrong, { shape: whole, source: "the volume", greatest: 65535 });
  const [depth, height, width] = shape;
  const majorities = data.slice(0, voxelCount(shape));
  const block: Box["shape"] = [factor, factor, factor];
  let to = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const start: Triple = [z * factor, y * factor, x * factor];
        majorities[to++] = majority(copyBox(data, whole, { start, shape: block }));
      }
  return majorities;
}

function majority(labels: VoxelArray): number {
  labels.sort();
  let best = labels[0];
  let most = 0;
  for (let start = 0; start < labels.length; ) {
    let end = start + 1;
    while (end < labels.length && labels[end] === labels[start]) end++;
    if (end - start >= most) {
      most = end - start;
      best = labels[start];
    }
    start = end;
  }
  return best;
}
