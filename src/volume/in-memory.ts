/** Volumes in memory, read as files are. */
import { copyBox } from "./box.ts";
import type { Sampling, Volume, VolumeReader } from "./volume.ts";
import { typeOfArray } from "./voxel-type.ts";

/** A reader of `volume`; its boxes are copies. Without a voxel size or an origin it has none, and (0, 0, 0). */
export function volumeInMemory(volume: Pick<Volume, "data" | "shape"> & Partial<Sampling>): VolumeReader {
  const { data, shape, voxelSizeAngstrom = null, originAngstrom = [0, 0, 0] } = volume;
  return {
    info: {
      path: "memory",
      format: "memory",
      shape,
      type: typeOfArray(data),
      labels: [],
      oddities: [],
      voxelSizeAngstrom,
      originAngstrom,
    },
    readBox: async (start, size) => copyBox(data, shape, { start, shape: size }),
    close: async () => {},
  };
}
