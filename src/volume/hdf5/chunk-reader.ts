/** Reads boxes of a data set chunk by chunk, several of them unpacked at a time, each on a thread of its own. */
import type { Box } from "../box.ts";
import type { ByteSource } from "../byte-source.ts";
import { rowCopier } from "../rows.ts";
import { unshuffle } from "../shuffle.ts";
import { keptAxes } from "../stored-axes.ts";
import type { Shape3, Triple } from "../volume.ts";
import { chunkLayout, hasPlainAddresses, readMessages } from "./chunk-layout.ts";
import { checkLength, filterIds, inflateChunk } from "./chunk-packing.ts";
import { type ChunkPlace, chunkGrid, readChunkTree } from "./chunk-tree.ts";
import type { FoundVolume } from "./dataset.ts";

export interface ChunkReader {
  /**
   * Fills `target` with the bytes of a box (planes, rows, columns of the file), and is true; or false where chunks are missing and the library has to say what
   * stands for them. Rejects with what zlib says of a damaged chunk.
   */
  readBox(box: Box, target: Uint8Array, signal?: AbortSignal): Promise<boolean>;
}

/** Chunks that are read and unpacked at a time, and what they may take together. */
const mostAtOnce = 8;
const bytesAtOnce = 64 << 20;
const largestChunk = 256 << 20;

/**
 * A reader for the chunks of the data set whose object header lies at `address`; null where the file is one of those that only the
 * library can read: other filters, other indices, other byte orders.
 */
export async function openChunks(
  source: ByteSource,
  { dataset, axes, stored }: FoundVolume,
  address: number,
): Promise<ChunkReader | null> {
  const { littleEndian, shape: lengths } = dataset.metadata;
  const packing = packingOf(dataset.filters, stored.bytesPerVoxel);
  if (!packing || !littleEndian || !lengths || !(await hasPlainAddresses(source))) return null;
  const messages = await readMessages(source, address);
  const layout = messages && chunkLayout(messages);
  if (!layout || layout.bytesPerVoxel !== stored.bytesPerVoxel) return null;
  if (layout.chunk.length !== axes.rank) return null;
  // Chunks may be longer than an axis that is left out.
  if (layout.chunk.some((length, axis) => length !== 1 && !axes.kept.includes(axis))) return null;
  const places = await readChunkTree(source, layout, lengths);
  const chunk = keptAxes(axes, layout.chunk, 1);
  if (!places || voxels(chunk) * stored.bytesPerVoxel > largestChunk) return null;
  // Where filters were left out, for chunks that they made no smaller.
  if (places.some((place) => place?.skipped)) return null;
  return chunkReader(source, { shape: keptAxes(axes, lengths, 1), chunk, places, packing });
}

const voxels = ([z, y, x]: Shape3): number => z * y * x;

/** How a data set's chunks were packed. */
interface Packing {
  readonly bytesPerVoxel: number;
  readonly shuffled: boolean;
  readonly deflated: boolean;
}

function packingOf(filters: readonly { readonly id: number }[], bytesPerVoxel: number): Packing | null {
  const ids = filters.map(({ id }) => id).join(" ");
  const { deflate, shuffle } = filterIds;
  if (!["", `${shuffle}`, `${deflate}`, `${shuffle} ${deflate}`].includes(ids)) return null;
  return { bytesPerVoxel, shuffled: ids.startsWith(`${shuffle}`), deflated: ids.endsWith(`${deflate}`) };
}

interface Chunks {
  /** Planes, rows, columns of the file. */
  readonly shape: Shape3;
  readonly chunk: Shape3;
  readonly places: readonly (ChunkPlace | undefined)[];
  readonly packing: Packing;
}

function chunkReader(source: ByteSource, { shape, chunk, places, packing }: Chunks): ChunkReader {
  const { bytesPerVoxel, shuffled, deflated } = packing;
  const chunkBytes = voxels(chunk) * bytesPerVoxel;
  const atOnce = Math.max(1, Math.min(mostAtOnce, Math.floor(bytesAtOnce / chunkBytes)));
  const grid = chunkGrid(shape, chunk);
  return {
    async readBox(box, target, signal) {
      const touched = [...chunksOf(box, chunk, grid)].map(({ index, first }) => ({
        first,
        place: places[index],
      }));
      if (!touched.every(isThere)) return false;
      const next = runsOf(touched);
      // For one chunk after another: nothing waits between unshuffling and copying.
      const room = new Uint8Array(shuffled ? chunkBytes : 0);
      const worker = async () => {
        for (const run of next) {
          signal?.throwIfAborted();
          const packed = new Uint8Array(run.bytes);
          await source.read(run.position, packed, signal);
          for (const { first, place } of run.chunks) {
            const from = place.position - run.position;
            const part = packed.subarray(from, from + place.bytes);
            const inflated = deflated ? await inflateChunk(part, chunkBytes) : checkLength(part, chunkBytes);
            const bytes = shuffled ? unshuffle(inflated, bytesPerVoxel, room) : inflated;
            copyOut(bytes, { first, chunk, bytesPerVoxel }, { box, target });
          }
        }
      };
      const results = await Promise.allSettled(Array.from({ length: atOnce }, worker));
      const failed = results.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
      return true;
    },
  };
}

interface PlacedChunk {
  readonly first: Triple;
  readonly place: ChunkPlace;
}

const isThere = (chunk: { readonly first: Triple; readonly place?: ChunkPlace }): chunk is PlacedChunk =>
  chunk.place !== undefined;

/** Chunks that lie one behind another in the file, read at once: many where they are small, as those of label maps. */
interface Run {
  readonly position: number;
  bytes: number;
  readonly chunks: PlacedChunk[];
}

const runBytes = 512 << 10;

function* runsOf(chunks: readonly PlacedChunk[]): Generator<Run> {
  let run: Run | undefined;
  for (const chunk of chunks) {
    const { position, bytes } = chunk.place;
    if (run && position === run.position + run.bytes && run.bytes + bytes <= runBytes) {
      run.bytes += bytes;
      run.chunks.push(chunk);
      continue;
    }
    if (run) yield run;
    run = { position, bytes, chunks: [chunk] };
  }
  if (run) yield run;
}

interface TouchedChunk {
  readonly index: number;
  readonly first: Triple;
}

/** The chunks that hold a voxel of the box. */
function* chunksOf({ start, shape }: Box, chunk: Shape3, grid: readonly number[]): Generator<TouchedChunk> {
  const range = (axis: 0 | 1 | 2) => {
    const from = Math.floor(start[axis] / chunk[axis]);
    const to = Math.ceil((start[axis] + shape[axis]) / chunk[axis]);
    return Array.from({ length: to - from }, (_, i) => from + i);
  };
  const [planes, rows, columns] = [range(0), range(1), range(2)];
  for (const z of planes)
    for (const y of rows)
      for (const x of columns)
        yield {
          index: (z * grid[1] + y) * grid[2] + x,
          first: [z * chunk[0], y * chunk[1], x * chunk[2]],
        };
}

interface UnpackedChunk extends Omit<TouchedChunk, "index"> {
  readonly chunk: Shape3;
  readonly bytesPerVoxel: number;
}

/** Copies the rows that a chunk and a box share. */
function copyOut(
  bytes: Uint8Array,
  { first, chunk, bytesPerVoxel }: UnpackedChunk,
  { box, target }: { readonly box: Box; readonly target: Uint8Array },
): void {
  const from = (axis: 0 | 1 | 2) => Math.max(first[axis], box.start[axis]);
  const to = (axis: 0 | 1 | 2) => Math.min(first[axis] + chunk[axis], box.start[axis] + box.shape[axis]);
  const width = (to(2) - from(2)) * bytesPerVoxel;
  const copy = rowCopier(bytes, target, width);
  const [firstColumn, lastPlane, lastRow] = [from(2), to(0), to(1)];
  for (let z = from(0); z < lastPlane; z++)
    for (let y = from(1); y < lastRow; y++) {
      const sourceRow = (z - first[0]) * chunk[1] + y - first[1];
      const targetRow = (z - box.start[0]) * box.shape[1] + y - box.start[1];
      copy(
        (sourceRow * chunk[2] + firstColumn - first[2]) * bytesPerVoxel,
        (targetRow * box.shape[2] + firstColumn - box.start[2]) * bytesPerVoxel,
      );
    }
}
