/** Fetches single chunks of a Zarr array, from keys of their own or out of shards. */
import type { ByteFolder } from "../byte-folder.ts";
import type { ByteSource } from "../byte-source.ts";
import type { VoxelArray } from "../volume.ts";
import type { ArrayMetadata, Sharding } from "./array-metadata.ts";
import { keyIn, shownKey } from "./nodes.ts";
import { checked, damagedChunk, numbersOf, unpackChunk } from "./unpack.ts";

/** Of a chunk that packs badly; more is no chunk of this size. */
const allowance = 1 << 20;

/** Shards whose indices are remembered. */
const mostIndices = 64;

/** A missing chunk's place in the index of a shard. */
const missing = 2 ** 64;

/** Positions and lengths of a shard's chunks, in turn, in order of their places. */
type ShardIndex = Float64Array;

/** The chunks of one array. Throws `zarr-damaged`, and what the store throws. */
export class ChunkStore {
  readonly #store: ByteFolder;
  readonly #path: string;
  readonly #array: ArrayMetadata;
  readonly #indices = new Map<string, Promise<ShardIndex | undefined>>();

  constructor(store: ByteFolder, path: string, array: ArrayMetadata) {
    this.#store = store;
    this.#path = path;
    this.#array = array;
  }

  /** The numbers of the chunk at a place of the grid, as they are stored; undefined where it is missing. */
  async load(place: readonly number[]): Promise<VoxelArray | undefined> {
    const { sharding, numbers, chunk, codecs } = this.#array;
    const key = keyIn(
      this.#path,
      this.#array.keyOf(sharding ? shardOf(place, this.#array, sharding) : place),
    );
    const shown = shownKey(this.#store, key);
    const source = await this.#store.open(key);
    if (!source) return undefined;
    let stored: Uint8Array | undefined;
    try {
      stored = sharding
        ? await this.#fromShard(source, place, { key, shown, sharding })
        : await read(source, { position: 0, bytes: source.size, most: this.#most, shown });
    } finally {
      await source.close();
    }
    if (!stored) return undefined;
    const bytes = product(chunk) * numbers.bytes;
    const unpacked = await unpackChunk(stored, { packing: codecs.packing, bytes, shown });
    return numbersOf(unpacked, numbers);
  }

  get #most(): number {
    return 2 * product(this.#array.chunk) * this.#array.numbers.bytes + allowance;
  }

  async #fromShard(
    source: ByteSource,
    place: readonly number[],
    { key, shown, sharding }: { readonly key: string; readonly shown: string; readonly sharding: Sharding },
  ): Promise<Uint8Array | undefined> {
    const index = await this.#index(source, key, { shown, sharding });
    const { chunk } = this.#array;
    const counts = sharding.shape.map((length, axis) => length / chunk[axis]!);
    let at = 0;
    for (const [axis, count] of counts.entries()) at = at * count + (place[axis]! % count);
    const [position, bytes] = [index[2 * at]!, index[2 * at + 1]!];
    if (position >= missing && bytes >= missing) return undefined;
    return read(source, { position, bytes, most: this.#most, shown });
  }

  async #index(
    source: ByteSource,
    key: string,
    { shown, sharding }: { readonly shown: string; readonly sharding: Sharding },
  ): Promise<ShardIndex> {
    const known = this.#indices.get(key) ?? readIndex(source, sharding, { chunk: this.#array.chunk, shown });
    this.#indices.set(key, known);
    for (const [oldest] of this.#indices) {
      if (this.#indices.size <= mostIndices) break;
      this.#indices.delete(oldest);
    }
    try {
      return (await known) as ShardIndex;
    } catch (error) {
      this.#indices.delete(key);
      throw error;
    }
  }
}

export const product = (lengths: readonly number[]): number =>
  lengths.reduce((total, length) => total * length, 1);

const shardOf = (
  place: readonly number[],
  { chunk }: ArrayMetadata,
  { shape }: Sharding,
): readonly number[] => place.map((at, axis) => Math.floor((at * chunk[axis]!) / shape[axis]!));

interface Wanted {
  readonly position: number;
  readonly bytes: number;
  readonly most: number;
  readonly shown: string;
}

async function read(source: ByteSource, { position, bytes, most, shown }: Wanted): Promise<Uint8Array> {
  if (position + bytes > source.size)
    throw damagedChunk(shown, `it ends at byte ${source.size}, and should reach ${position + bytes}`);
  if (bytes > most) throw damagedChunk(shown, `it has ${bytes} bytes, too many for a chunk of this shape`);
  const target = new Uint8Array(bytes);
  await source.read(position, target);
  return target;
}

async function readIndex(
  source: ByteSource,
  { shape, indexAtStart, indexLittleEndian, indexChecksum }: Sharding,
  { chunk, shown }: { readonly chunk: readonly number[]; readonly shown: string },
): Promise<ShardIndex> {
  const count = product(shape) / product(chunk);
  const bytes = 16 * count + (indexChecksum ? 4 : 0);
  if (bytes > source.size) throw damagedChunk(shown, "it is shorter than the index of its chunks");
  const position = indexAtStart ? 0 : source.size - bytes;
  const stored = await read(source, { position, bytes, most: bytes, shown });
  let content = stored;
  try {
    if (indexChecksum) content = checked(stored);
  } catch (error) {
    throw damagedChunk(`index of ${shown}`, error);
  }
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  return Float64Array.from({ length: 2 * count }, (_, i) =>
    Number(view.getBigUint64(8 * i, indexLittleEndian)),
  );
}
