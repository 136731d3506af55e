import { TomoflowError } from "../../core/error.ts";
import type { VolumeCodec } from "../volume.ts";
import { typeOfArray } from "../voxel-type.ts";
import { openTiff } from "./reader.ts";

export const tiffCodec: VolumeCodec = {
  preferredType: typeOfArray,
  open: openTiff,
  create: (path) =>
    Promise.reject(
      new TomoflowError("volume-format-unknown", `${path}: TIFF is read, and not written`, {
        hint: "write .mrc or .h5; IMOD's mrc2tif makes TIFF of an MRC file",
      }),
    ),
};
