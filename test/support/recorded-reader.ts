import { volumeInMemory } from "../../src/volume/in-memory.ts";
import type { Shape3, Triple, VolumeReader, VoxelArray } from "../../src/volume/volume.ts";

/** A reader of an array in memory that remembers where boxes were read. */
export function recordedReader(
  data: VoxelArray,
  shape: Shape3,
): { readonly reader: VolumeReader; readonly starts: readonly Triple[] } {
  const starts: Triple[] = [];
  const inner = volumeInMemory({ data, shape });
  const readBox: VolumeReader["readBox"] = (start, size) => {
    starts.push(start);
    return inner.readBox(start, size);
  };
  return { reader: { ...inner, readBox }, starts };
}
