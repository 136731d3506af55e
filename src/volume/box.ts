/** Boxes: blocks of voxels inside a volume, given by their first voxel and their shape, (z, y, x). */
import { TomoflowError } from "../core/error.ts";
import { formatShape, type Shape3, type Triple, type VoxelArray, voxelCount } from "./volume.ts";
import { allocateVoxels, typeOfArray } from "./voxel-type.ts";

export interface Box {
  /** First voxel. */
  readonly start: Triple;
  readonly shape: Shape3;
}

/** Throws `box-outside-volume` unless the box has a size and lies fully inside a volume of shape `whole`. */
export function checkBox({ start, shape }: Box, whole: Shape3): void {
  const inside = [0, 1, 2].every(
    (axis) =>
      Number.isInteger(start[axis]) &&
      Number.isInteger(shape[axis]) &&
      start[axis] >= 0 &&
      shape[axis] > 0 &&
      start[axis] + shape[axis] <= whole[axis],
  );
  if (inside) return;
  throw new TomoflowError(
    "box-outside-volume",
    `the box ${formatShape(shape)} at ${start.join(", ")} is not inside the volume ${formatShape(whole)} (z, y, x)`,
    { hint: "positions count from 0; start + size must not exceed the size of the volume" },
  );
}

/** Copies a box out of an array of shape `whole`. */
export function copyBox(data: VoxelArray, whole: Shape3, box: Box): VoxelArray {
  checkBox(box, whole);
  const { start, shape } = box;
  const target = allocateVoxels(typeOfArray(data), voxelCount(shape));
  const width = shape[2];
  let to = 0;
  for (let z = start[0]; z < start[0] + shape[0]; z++)
    for (let y = start[1]; y < start[1] + shape[1]; y++) {
      const from = (z * whole[1] + y) * whole[2] + start[2];
      target.set(data.subarray(from, from + width), to);
      to += width;
    }
  return target;
}

/** Divides a volume into slabs of whole planes, each of at most `maximumVoxels` (but one plane at least). */
export function* slabsOf(shape: Shape3, maximumVoxels: number): Generator<Box> {
  const planes = Math.max(1, Math.floor(maximumVoxels / (shape[1] * shape[2])));
  for (let z = 0; z < shape[0]; z += planes)
    yield { start: [z, 0, 0], shape: [Math.min(planes, shape[0] - z), shape[1], shape[2]] };
}
