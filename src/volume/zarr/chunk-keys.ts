/** Every key that the voxels of a volume may lie at. */
import type { ByteFolder } from "../byte-folder.ts";
import { findArray } from "./find-array.ts";
import { keyIn } from "./nodes.ts";

/** In order of the grid; keys of chunks that are not stored are among them. Throws what `openZarr` throws of the description. */
export async function chunkKeys(store: ByteFolder, dataset: string | undefined): Promise<readonly string[]> {
  const { path, array } = await findArray(store, dataset);
  const piece = array.sharding?.shape ?? array.chunk;
  const counts = array.shape.map((length, axis) => Math.ceil(length / piece[axis]!));
  let places: (readonly number[])[] = [[]];
  for (const count of counts)
    places = places.flatMap((place) => Array.from({ length: count }, (_, at) => [...place, at]));
  return places.map((place) => keyIn(path, array.keyOf(place)));
}
