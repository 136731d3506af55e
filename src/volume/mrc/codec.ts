import type { VolumeCodec, VoxelArray, VoxelType } from "../volume.ts";
import { typeOfArray } from "../voxel-type.ts";
import { openMrc } from "./reader.ts";
import { createMrc } from "./writer.ts";

export const mrcCodec: VolumeCodec = {
  preferredType,
  open: openMrc,
  create: createMrc,
};

/** The type of the array, but int8 rather than uint16 for unsigned bytes that fit: label maps stay small. */
function preferredType(voxels: VoxelArray): VoxelType {
  const type = typeOfArray(voxels);
  return type === "uint8" && !(voxels as Uint8Array).some((value) => value > 127) ? "int8" : type;
}
