/** What every writer of volumes checks: that the volume has a size, and that whole planes come, as many as it has. */
import { TomoflowError } from "../core/error.ts";
import { formatShape, type Shape3, type VolumeSpec, type VoxelArray } from "./volume.ts";

/** Throws `volume-shape` unless every axis has a positive whole number of voxels, `voxel-size` unless sizes are positive. */
export function checkSpec({ shape, voxelSizeAngstrom }: VolumeSpec): void {
  if (!shape.every((length) => Number.isInteger(length) && length > 0 && length < 2 ** 31))
    throw new TomoflowError("volume-shape", `a volume cannot have ${formatShape(shape)} voxels`);
  if (voxelSizeAngstrom && !voxelSizeAngstrom.every((size) => size > 0 && Number.isFinite(size)))
    throw new TomoflowError("voxel-size", `a voxel cannot measure ${voxelSizeAngstrom.join(" × ")} Å`, {
      hint: "give a positive size in Å, or leave it out where it is not known",
    });
}

/** How many whole (y, x) planes an array holds. Throws `planes-wrong` when it holds a part of one, or too many. */
export function checkPlanes(planes: VoxelArray, shape: Shape3, written: number): number {
  const count = planes.length / (shape[1] * shape[2]);
  if (Number.isInteger(count) && written + count <= shape[0]) return count;
  const reason = Number.isInteger(count)
    ? `plane ${written + count} of ${shape[0]}`
    : `${planes.length} voxels, which are no whole planes of ${shape[1]}×${shape[2]}`;
  throw new TomoflowError("planes-wrong", `cannot append ${reason} to a volume of ${formatShape(shape)}`);
}

/** Throws `volume-incomplete` when planes are missing. */
export function checkComplete(written: number, shape: Shape3, path: string): void {
  if (written === shape[0]) return;
  throw new TomoflowError("volume-incomplete", `${path} got ${written} of its ${shape[0]} planes`);
}
