import type { VolumeCodec } from "../volume.ts";
import { typeOfArray } from "../voxel-type.ts";
import { openHdf5 } from "./reader.ts";
import { createHdf5, createHdf5Set } from "./writer.ts";

export const hdf5Codec: VolumeCodec = {
  name: "HDF5",
  extensions: [".h5", ".hdf5", ".hdf"],
  preferredType: typeOfArray,
  open: openHdf5,
  create: createHdf5,
  createSet: createHdf5Set,
};
