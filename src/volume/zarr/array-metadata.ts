/**
 * What describes a Zarr array: its shape, its chunks and where they lie, the type of its numbers, and the codecs that packed them.
 * Sources: Zarr storage specification version 2; Zarr core specification version 3.
 */
import { decodeFloat16 } from "../float16.ts";
import type { VoxelType } from "../volume.ts";
import { voxelRanges } from "../voxel-type.ts";
import { type Codec, codecOfVersion2, codecsOfVersion3 } from "./codecs.ts";
import { type JsonMap, lengths, named, shownJson, wrongMetadata } from "./json-fields.ts";

export interface StoredNumbers {
  /** As they are handed out: 64-bit integers as float64, truth values as uint8. */
  readonly type: VoxelType;
  readonly bytes: number;
  readonly littleEndian: boolean;
  /** Set for 64-bit integers. */
  readonly wide?: "signed" | "unsigned";
}

/** How the bytes of one chunk became those that are stored. */
export interface ChunkCodecs {
  /** Axes of the chunk in the order in which they are stored, the fastest last. */
  readonly order: readonly number[];
  readonly littleEndian: boolean;
  /** In the order of packing. */
  readonly packing: readonly Codec[];
}

/** Many chunks in one stored object, with an index of where each lies. */
export interface Sharding {
  /** Shape of a shard. */
  readonly shape: readonly number[];
  readonly indexAtStart: boolean;
  readonly indexLittleEndian: boolean;
  readonly indexChecksum: boolean;
}

export interface ArrayMetadata {
  /** Where it was read, for messages. */
  readonly shown: string;
  readonly shape: readonly number[];
  /** Shape of a chunk: of those in a shard, where there are shards. */
  readonly chunk: readonly number[];
  readonly numbers: StoredNumbers;
  /** What stands where a chunk is missing. */
  readonly fill: number;
  /** The key of a chunk, or of a shard, by its place in the grid. */
  readonly keyOf: (place: readonly number[]) => string;
  readonly codecs: ChunkCodecs;
  readonly sharding?: Sharding;
  /** Names of the axes, where the array has them itself. */
  readonly axisNames?: readonly string[];
}

export function parseArray2(json: JsonMap, shown: string): ArrayMetadata {
  if (json.zarr_format !== 2) throw wrongMetadata(shown, `is of zarr_format ${shownJson(json.zarr_format)}`);
  const shape = lengths(json.shape, "shape", shown);
  const chunk = lengths(json.chunks, "chunks", shown, shape.length);
  const numbers = numbersOfVersion2(json.dtype, shown);
  if (json.order !== "C" && json.order !== "F")
    throw wrongMetadata(shown, `has the order ${shownJson(json.order)}, which is neither C nor F`);
  const axes = shape.map((_, axis) => axis);
  const separator = json.dimension_separator ?? ".";
  if (separator !== "." && separator !== "/")
    throw wrongMetadata(shown, `parts keys by ${shownJson(separator)}`);
  const filters = json.filters ?? [];
  if (!Array.isArray(filters)) throw wrongMetadata(shown, `has the filters ${shownJson(filters)}`);
  const packing = [
    ...filters,
    ...(json.compressor === null || json.compressor === undefined ? [] : [json.compressor]),
  ];
  return {
    shown,
    shape,
    chunk,
    numbers,
    fill: fillValue(json.fill_value ?? 0, numbers, shown),
    keyOf: (place) => place.join(separator),
    codecs: {
      order: json.order === "C" ? axes : axes.toReversed(),
      littleEndian: numbers.littleEndian,
      packing: packing.map((config) => codecOfVersion2(config, shown)),
    },
  };
}

export function parseArray3(json: JsonMap, shown: string): ArrayMetadata {
  const shape = lengths(json.shape, "shape", shown);
  const grid = named(json.chunk_grid, "chunk_grid", shown);
  if (grid.name !== "regular")
    throw wrongMetadata(shown, `has a chunk grid of the kind ${shownJson(grid.name)}`);
  const outer = lengths(grid.configuration.chunk_shape, "chunk_shape", shown, shape.length);
  const numbers = numbersOfVersion3(json.data_type, shown);
  if (Array.isArray(json.storage_transformers) && json.storage_transformers.length > 0)
    throw wrongMetadata(shown, `has the storage transformers ${shownJson(json.storage_transformers)}`);
  const {
    codecs,
    sharding,
    chunk = outer,
  } = codecsOfVersion3(json.codecs, { shown, rank: shape.length, outer });
  return {
    shown,
    shape,
    chunk,
    numbers: { ...numbers, littleEndian: codecs.littleEndian },
    fill: fillValue(json.fill_value, numbers, shown),
    keyOf: keysOfVersion3(json.chunk_key_encoding, shown),
    codecs,
    ...(sharding && { sharding }),
    ...namesOf(json.dimension_names, shape.length),
  };
}

function namesOf(names: unknown, rank: number): { axisNames?: readonly string[] } {
  if (!Array.isArray(names) || names.length !== rank) return {};
  return { axisNames: names.map((name) => (typeof name === "string" ? name : "")) };
}

function keysOfVersion3(encoding: unknown, shown: string): ArrayMetadata["keyOf"] {
  const { name, configuration } = named(encoding, "chunk_key_encoding", shown);
  const separator = configuration.separator ?? (name === "default" ? "/" : ".");
  if ((name !== "default" && name !== "v2") || (separator !== "/" && separator !== "."))
    throw wrongMetadata(shown, `has the chunk key encoding ${shownJson(encoding)}`);
  if (name === "default") return (place) => ["c", ...place].join(separator);
  return (place) => (place.length === 0 ? "0" : place.join(separator));
}

const plainTypes: Readonly<Record<string, Omit<StoredNumbers, "littleEndian">>> = {
  b1: { type: "uint8", bytes: 1 },
  i1: { type: "int8", bytes: 1 },
  u1: { type: "uint8", bytes: 1 },
  i2: { type: "int16", bytes: 2 },
  u2: { type: "uint16", bytes: 2 },
  i4: { type: "int32", bytes: 4 },
  u4: { type: "uint32", bytes: 4 },
  i8: { type: "float64", bytes: 8, wide: "signed" },
  u8: { type: "float64", bytes: 8, wide: "unsigned" },
  f2: { type: "float16", bytes: 2 },
  f4: { type: "float32", bytes: 4 },
  f8: { type: "float64", bytes: 8 },
};

function numbersOfVersion2(dtype: unknown, shown: string): StoredNumbers {
  const [, order, name] = /^([<>|])([biuf]\d)$/.exec(String(dtype)) ?? [];
  const plain = name === undefined || !Object.hasOwn(plainTypes, name) ? undefined : plainTypes[name];
  if (typeof dtype !== "string" || !plain) throw noNumbers(dtype, shown);
  return { ...plain, littleEndian: order !== ">" };
}

function numbersOfVersion3(type: unknown, shown: string): StoredNumbers {
  const [, kind, bits] = /^(int|uint|float)(8|16|32|64)$/.exec(String(type)) ?? [];
  const name = type === "bool" ? "b1" : `${kind?.[0]}${Number(bits) / 8}`;
  if (typeof type !== "string" || !Object.hasOwn(plainTypes, name)) throw noNumbers(type, shown);
  return { ...plainTypes[name]!, littleEndian: true };
}

const noNumbers = (type: unknown, shown: string) =>
  wrongMetadata(
    shown,
    `holds ${shownJson(type)}, which tomoflow does not read: integers and floating-point numbers of 1 to 8 bytes`,
  );

const words: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** A number, a truth value, `NaN` or `Infinity`, or the bits of a float as `0x7fc00000`. */
function fillValue(value: unknown, { type, bytes }: StoredNumbers, shown: string): number {
  if (typeof value === "number") return wholeFill(value, type, shown);
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" && Object.hasOwn(words, value) && type.startsWith("float"))
    return words[value]!;
  const [, digits] = /^0x([0-9a-f]+)$/i.exec(String(value)) ?? [];
  if (digits === undefined || digits.length !== 2 * bytes || bytes < 2 || !type.startsWith("float"))
    throw wrongMetadata(shown, `has the fill_value ${shownJson(value)}`);
  if (bytes === 2) return decodeFloat16(Uint16Array.of(Number.parseInt(digits, 16)))[0]!;
  const view = new DataView(new ArrayBuffer(8));
  if (bytes === 4) view.setUint32(0, Number.parseInt(digits, 16));
  else view.setBigUint64(0, BigInt(`0x${digits}`));
  return bytes === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

/** Integers of a chunk that is missing must not be others than the file says. */
function wholeFill(value: number, type: VoxelType, shown: string): number {
  const [low, high] = voxelRanges[type];
  if (type.startsWith("float") || (Number.isInteger(value) && value >= low && value <= high)) return value;
  throw wrongMetadata(shown, `has the fill_value ${value}, which ${type} cannot hold`);
}
