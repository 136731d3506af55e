import type { VolumeCodec } from "../volume.ts";
import { typeOfArray } from "../voxel-type.ts";
import { openHdf5 } from "./reader.ts";
import { createHdf5, createHdf5Set } from "./writer.ts";

export const hdf5Codec: VolumeCodec = {
  preferredType: typeOfArray,
  open: openHdf5,
  create: createHdf5,
  createSet: createHdf5Set,
};
