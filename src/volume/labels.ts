/** What a label map is: whole numbers, 0 for the background. Nothing is rounded: a map of probabilities or of grey values is none. */
import { TomoflowError } from "../core/error.ts";
import type { Shape3, VoxelArray } from "./volume.ts";

export interface LabelPlace {
  /** Of the whole volume. */
  readonly shape: Shape3;
  /** The file, for people. */
  readonly source: string;
  /** The greatest label that there may be. */
  readonly greatest: number;
}

/** NaN and fractions are none. */
export const isLabel = (value: number): boolean => value >= 0 && value % 1 === 0;

/** Voxels as labels of one byte. Throws TomoflowError `labels-invalid`; `first`: index of the first voxel in the volume. */
export function labelBytes(
  voxels: VoxelArray,
  first: number,
  place: Omit<LabelPlace, "greatest">,
): Uint8Array {
  const labels = Uint8Array.from(voxels);
  for (let i = 0; i < voxels.length; i++)
    if (labels[i] !== voxels[i]) throw notALabel(voxels[i]!, first + i, { ...place, greatest: 255 });
  return labels;
}

/** The error for the voxel at `index` (z, then y, then x). */
export function notALabel(
  value: number,
  index: number,
  { shape, source, greatest }: LabelPlace,
): TomoflowError {
  const [, height, width] = shape;
  const place = [Math.floor(index / (height * width)), Math.floor(index / width) % height, index % width];
  return new TomoflowError(
    "labels-invalid",
    `${source} is not a label map: voxel (z, y, x) = (${place.join(", ")}) holds ${value}`,
    { hint: `a label map holds whole numbers from 0 (background) to ${greatest}` },
  );
}
