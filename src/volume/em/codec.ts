import type { VolumeCodec, VoxelArray, VoxelType } from "../volume.ts";
import { typeOfArray } from "../voxel-type.ts";
import { openEm } from "./reader.ts";
import { createEm } from "./writer.ts";

export const emCodec: VolumeCodec = { preferredType, open: openEm, create: createEm };

/** EM knows no unsigned numbers. */
function preferredType(voxels: VoxelArray): VoxelType {
  const type = typeOfArray(voxels);
  if (type === "uint8") return (voxels as Uint8Array).some((value) => value > 127) ? "int16" : "int8";
  if (type === "uint16") return "int32";
  return type === "uint32" ? "float64" : type;
}
