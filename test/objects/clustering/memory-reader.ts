import { type Box, copyBox } from "../../../src/volume/box.ts";
import type { Shape3, VolumeReader, VoxelArray } from "../../../src/volume/volume.ts";

/** A reader of an array in memory, and the boxes that were read. */
export function memoryReader(data: VoxelArray, shape: Shape3): { reader: VolumeReader; boxes: Box[] } {
  const boxes: Box[] = [];
  const reader: VolumeReader = {
    info: {
      path: "memory",
      format: "memory",
      shape,
      type: "float32",
      labels: [],
      oddities: [],
      voxelSizeAngstrom: null,
      originAngstrom: [0, 0, 0],
    },
    readBox: async (start, size) => {
      boxes.push({ start, shape: size });
      return copyBox(data, shape, { start, shape: size });
    },
    close: async () => {},
  };
  return { reader, boxes };
}
