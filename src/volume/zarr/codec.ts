import type { ByteFolder } from "../byte-folder.ts";
import type { VolumeCodec } from "../volume.ts";
import { typeOfArray } from "../voxel-type.ts";
import { openZarr } from "./reader.ts";
import { createZarr } from "./writer.ts";

export const zarrCodec: VolumeCodec<ByteFolder> = {
  preferredType: typeOfArray,
  open: openZarr,
  create: createZarr,
};
