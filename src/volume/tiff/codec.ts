import type { VolumeCodec } from "../volume.ts";
import { typeOfArray } from "../voxel-type.ts";
import { openTiff } from "./reader.ts";

export const tiffCodec: VolumeCodec = {
  preferredType: typeOfArray,
  open: openTiff,
};
