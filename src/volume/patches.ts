/** Cubes of voxels around a position, read from memory or straight from a file. */
import { TomoflowError } from "../core/error.ts";
import { type Box, copyBox } from "./box.ts";
import { convertVoxels } from "./convert-voxels.ts";
import {
  formatShape,
  type Shape3,
  type Triple,
  type Volume,
  type VolumeReader,
  type VoxelArray,
} from "./volume.ts";
import { typeOfArray } from "./voxel-type.ts";

export interface PatchPlace {
  /** (z, y, x). */
  readonly centre: Triple;
  /** Of a side. */
  readonly size: number;
  /** Looks at the voxels as they are stored, before they become those of the target. */
  readonly check?: (voxels: VoxelArray) => void;
}

/**
 * Reads the cube of `size` voxels a side whose voxel floor(size/2) lies on `centre` (rounded to a voxel), pushed inside the volume
 * where it would stick out, into `target`, (z, y, x): memory that is given, and may be shared between threads. Returns the cube's
 * first voxel. What the type of `target` cannot hold is an error, as in `convertVoxels`; `check` may say it in better words.
 *
 * @throws TomoflowError `patch-too-large` when the volume is smaller than the cube on any axis
 */
export async function readPatchInto(
  target: Float32Array | Uint8Array,
  source: Volume | VolumeReader,
  { centre, size, check }: PatchPlace,
): Promise<Triple> {
  const box = patchBox("info" in source ? source.info.shape : source.shape, centre, size);
  const voxels =
    "info" in source ? await source.readBox(box.start, box.shape) : copyBox(source.data, source.shape, box);
  check?.(voxels);
  target.set(convertVoxels(voxels, typeOfArray(target)));
  return box.start;
}

/** Where the cube of `readPatchInto` lies. */
export function patchBox(shape: Shape3, centre: Triple, size: number): Box {
  if (!Number.isInteger(size) || size < 1 || shape.some((length) => length < size))
    throw new TomoflowError(
      "patch-too-large",
      `a patch of ${size}³ does not fit a volume of ${formatShape(shape)}`,
      {
        hint: `use a patch size of at most ${Math.min(...shape)}`,
      },
    );
  const half = Math.floor(size / 2);
  const place = (axis: 0 | 1 | 2) =>
    Math.max(0, Math.min(shape[axis] - size, Math.round(centre[axis]) - half));
  return { start: [place(0), place(1), place(2)], shape: [size, size, size] };
}
