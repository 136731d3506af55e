/**
 * Looks, when a file is opened, whether the voxels can be read later: hours may pass until a step gets to them. Finds data that
 * lie in other files, and chunks packed by filters that the library lacks.
 */
import { dirname, resolve } from "node:path";
import { TomoflowError } from "../../core/error.ts";
import { call, type OpenHdf5 } from "../../core/hdf5.ts";
import { filterMissing, pointsElsewhere } from "../../core/hdf5-errors.ts";
import type { ByteSource } from "../byte-source.ts";
import { chunkLayout, hasPlainAddresses, readMessages } from "./chunk-layout.ts";
import { chunkGrid, readChunkTree } from "./chunk-tree.ts";
import { type FoundVolume, headerAddress } from "./dataset.ts";
import { readPart } from "./library-read.ts";

/** Deflate, shuffle, fletcher32, szip, nbit, scaleoffset: what h5wasm's library is built with. */
const filtersOfLibrary: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6]);

/** Throws `hdf5-elsewhere`, `hdf5-filter`, `hdf5-damaged`. */
export async function checkReadable(open: OpenHdf5, file: ByteSource, found: FoundVolume): Promise<void> {
  const { library, path } = open;
  const { metadata, filters } = call(library, path, () => ({
    metadata: found.dataset.metadata,
    filters: found.dataset.filters,
  }));
  const source = metadata.virtual_sources?.find(({ file_name }) => file_name !== ".");
  if (source) throw pointsElsewhere(path, resolve(dirname(path), source.file_name));
  const { chunks } = metadata;
  if (!chunks) return readVoxel(open, found, new Array<number>(found.axes.rank).fill(0));
  const foreign = filters.findIndex(({ id }) => !filtersOfLibrary.has(id));
  if (foreign === -1) return;
  const skipping = await chunksSkipping(open, file, { found, filter: foreign });
  if (skipping === false) throw filterMissing(path, filters[foreign]);
  // Another index of chunks: the library finds out, chunk by chunk.
  if (skipping === true) return;
  try {
    for (const chunk of someChunks(metadata.shape ?? [], chunks)) readVoxel(open, found, chunk);
  } catch (error) {
    const isFilter = error instanceof TomoflowError && error.code === "hdf5-filter";
    throw isFilter ? filterMissing(path, filters[foreign]) : error;
  }
}

/** A filter that made a chunk no smaller is left out for it. Null where only the library finds the chunks. */
async function chunksSkipping(
  { library, file, path }: OpenHdf5,
  source: ByteSource,
  { found: { name, axes, dataset }, filter }: { readonly found: FoundVolume; readonly filter: number },
): Promise<boolean | null> {
  const { address, lengths } = call(library, path, () => ({
    address: headerAddress(library, file, name),
    lengths: dataset.shape ?? [],
  }));
  if (!(await hasPlainAddresses(source))) return null;
  const messages = await readMessages(source, address);
  const layout = messages && chunkLayout(messages);
  if (layout?.chunk.length !== axes.rank) return null;
  const places = await readChunkTree(source, layout, lengths);
  return places === null
    ? null
    : places.every((place) => !place || ((place.skipped ?? 0) & (1 << filter)) !== 0);
}

/** More chunks than these are looked at in part. */
const mostChunks = 256;

/** The first voxels of chunks from the whole data set. */
function* someChunks(shape: readonly number[], chunk: readonly number[]): Generator<number[]> {
  const grid = chunkGrid(shape, chunk);
  const count = grid.reduce((product, length) => product * length, 1);
  const step = Math.max(1, count / mostChunks);
  for (let place = 0; place < count; place += step) {
    let rest = Math.floor(place);
    const voxel = grid.map(() => 0);
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      voxel[axis] = (rest % grid[axis]) * chunk[axis];
      rest = Math.floor(rest / grid[axis]);
    }
    yield voxel;
  }
}

const readVoxel = (open: OpenHdf5, { name, axes, stored }: FoundVolume, offset: readonly number[]): void =>
  readPart(
    open,
    { name, offset, count: new Array<number>(axes.rank).fill(1) },
    new Uint8Array(stored.bytesPerVoxel),
  );
