/** Cubes of voxels around a position, read from memory or straight from a file. */
import { TomoflowError } from "../core/error.ts";
import { type Box, copyBox } from "./box.ts";
import { convertVoxels } from "./convert-voxels.ts";
import { formatShape, type Shape3, type Triple, type Volume, type VolumeReader } from "./volume.ts";

export interface Patch {
  /** (z, y, x), size³ voxels. */
  readonly data: Float32Array;
  /** (z, y, x) of the patch's first voxel in the volume. */
  readonly start: Triple;
}

/**
 * The cube of `size` voxels a side whose voxel floor(size/2) lies on `centre` (z, y, x; rounded to a voxel), pushed inside the
 * volume where it would stick out. Throws `patch-too-large` when the volume is smaller than the cube on any axis.
 */
export async function readPatch(
  source: Volume | VolumeReader,
  centre: Triple,
  size: number,
  signal?: AbortSignal,
): Promise<Patch> {
  const box = patchBox("info" in source ? source.info.shape : source.shape, centre, size);
  const voxels =
    "info" in source
      ? await source.readBox(box.start, box.shape, signal)
      : copyBox(source.data, source.shape, box);
  return { data: convertVoxels(voxels, "float32") as Float32Array, start: box.start };
}

/** Where the cube of `readPatch` lies. */
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
