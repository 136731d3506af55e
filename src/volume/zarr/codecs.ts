/**
 * The codecs of Zarr chunks, found when an array is opened, so that a volume that could not be read later is refused at once. Zarr 2
 * names a compressor and filters, Zarr 3 a chain of codecs, of which one may pack many chunks into a shard.
 */
import { TomoflowError } from "../../core/error.ts";
import type { ChunkCodecs, Sharding } from "./array-metadata.ts";
import { isMap, lengths, named, shownJson, wrongMetadata } from "./json-fields.ts";

/** What packs bytes into bytes. */
export type Codec = "blosc" | "zstd" | "lz4" | "gzip" | "zlib" | "crc32c";

const known: Readonly<Record<string, Codec>> = {
  blosc: "blosc",
  zstd: "zstd",
  lz4: "lz4",
  gzip: "gzip",
  zlib: "zlib",
  crc32c: "crc32c",
};

/** Python's numcodecs write their names so into arrays of version 3. */
const plainName = (name: string): string => name.replace(/^numcodecs\./, "");

export function codecOfVersion2(config: unknown, shown: string): Codec {
  const id = isMap(config) ? config.id : undefined;
  if (typeof id !== "string" || id === "crc32c" || !Object.hasOwn(known, id))
    throw unknownCodec(id ?? config, shown);
  return known[id]!;
}

interface Around {
  readonly shown: string;
  readonly rank: number;
  /** Shape of what one key holds: of a shard, where there are shards. */
  readonly outer: readonly number[];
}

interface Codecs3 {
  readonly codecs: ChunkCodecs;
  readonly sharding?: Sharding;
  /** Shape of the chunks in a shard. */
  readonly chunk?: readonly number[];
}

export function codecsOfVersion3(value: unknown, around: Around): Codecs3 {
  const list = codecList(value, around);
  if (list[0]?.name !== "sharding_indexed") return { codecs: chainOf(list, around) };
  const { shown, rank, outer } = around;
  // bytes of a shard that are packed once more could not be read in part
  if (list.length > 1) throw unknownCodec(`${list[1]!.name} behind sharding_indexed`, shown);
  const { configuration } = list[0];
  const chunk = lengths(configuration.chunk_shape, "chunk_shape", shown, rank);
  if (chunk.some((length, axis) => outer[axis]! % length !== 0))
    throw wrongMetadata(
      shown,
      `has shards of ${outer.join("×")}, which are no whole chunks of ${chunk.join("×")}`,
    );
  const index = chainOf(codecList(configuration.index_codecs, around), { ...around, rank: rank + 1 });
  if (index.packing.some((codec) => codec !== "crc32c") || index.packing.length > 1)
    throw unknownCodec(`${index.packing.join(", ")} for the index of shards`, shown);
  const location = configuration.index_location ?? "end";
  if (location !== "start" && location !== "end")
    throw wrongMetadata(shown, `has the index of shards at ${shownJson(location)}`);
  const sharding = {
    shape: outer,
    indexAtStart: location === "start",
    indexLittleEndian: index.littleEndian,
    indexChecksum: index.packing.length === 1,
  };
  return { codecs: chainOf(codecList(configuration.codecs, around), around), sharding, chunk };
}

type NamedCodec = ReturnType<typeof named>;

function codecList(value: unknown, { shown }: Around): readonly NamedCodec[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 32)
    throw wrongMetadata(shown, `has the codecs ${shownJson(value)}`);
  return value.map((codec) => named(codec, "codec", shown));
}

/** `transpose` any number of times, `bytes`, and what packs bytes. */
function chainOf(list: readonly NamedCodec[], { shown, rank }: Around): ChunkCodecs {
  const turn = list.findIndex(({ name }) => name === "bytes");
  if (turn < 0) throw unknownCodec(list[0]!.name, shown);
  let order: readonly number[] = Array.from({ length: rank }, (_, axis) => axis);
  for (const { name, configuration } of list.slice(0, turn)) {
    if (name !== "transpose") throw unknownCodec(name, shown);
    const { order: turned } = configuration;
    if (!Array.isArray(turned) || turned.length !== rank || !order.every((_, axis) => turned.includes(axis)))
      throw wrongMetadata(shown, `transposes by ${shownJson(turned)}`);
    const before = order;
    order = turned.map((axis: number) => before[axis]!);
  }
  const { endian } = list[turn]!.configuration;
  if (endian !== undefined && endian !== "little" && endian !== "big")
    throw wrongMetadata(shown, `has the byte order ${shownJson(endian)}`);
  const packing = list.slice(turn + 1).map(({ name }) => {
    const plain = plainName(name);
    if (!Object.hasOwn(known, plain)) throw unknownCodec(name, shown);
    return known[plain]!;
  });
  return { order, littleEndian: endian !== "big", packing };
}

function unknownCodec(name: unknown, shown: string): TomoflowError {
  const what = typeof name === "string" ? name : shownJson(name);
  return new TomoflowError(
    "zarr-codec",
    `${shown}: the chunks are packed by ${what}, which tomoflow cannot unpack`,
    {
      hint: "tomoflow reads blosc, zstd, lz4, gzip, zlib, crc32c, transpose and sharding_indexed: write the array again with one of these",
    },
  );
}
