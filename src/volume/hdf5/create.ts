/**
 * Creates HDF5 files whose data sets have everything but their chunks, which are packed and written beside the library. The
 * library writes the file: names, shapes, voxel size, origin, labels. Three messages of each data set's header are then changed to
 * what the library can read but h5wasm cannot ask for: numbers of float16, chunks of such, and the shuffle filter before
 * deflate. Files of the earliest format carry no checksums over them.
 * Source: HDF5 File Format Specification 3.0, IV.A.2.d (datatype), IV.A.2.i (layout), IV.A.2.l (filter pipeline).
 */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5Dataset, type Hdf5File, type Hdf5Library } from "../../core/hdf5.ts";
import type { ByteSource } from "../byte-source.ts";
import { checkSpec } from "../planes.ts";
import type { Shape3, VolumeSpec, VoxelType } from "../volume.ts";
import { bytesPerVoxel, isFloatType } from "../voxel-type.ts";
import { chunkLayout, type HeaderMessage, messageTypes, readMessages } from "./chunk-layout.ts";
import { filterIds } from "./chunk-packing.ts";
import { headerAddress } from "./dataset.ts";

/** What a chunk holds at most. */
const chunkSide = 64;
const chunkDepth = 16;

/** Memory for planes that wait until a layer of chunks is full. */
const layerBytes = 64 << 20;

interface NewFile {
  readonly spec: VolumeSpec;
  /** Of the data sets. */
  readonly names: readonly string[];
}

/** Chunks of 16×64×64 voxels; flatter where sixteen planes would take too much memory. */
export function chunkShape({ shape, type }: VolumeSpec): Shape3 {
  const planes = Math.floor(layerBytes / (shape[1] * shape[2] * bytesPerVoxel(type)));
  return [
    Math.max(1, Math.min(chunkDepth, planes, shape[0])),
    Math.min(chunkSide, shape[1]),
    Math.min(chunkSide, shape[2]),
  ];
}

/**
 * Creates the file, of the earliest format, which every program reads, and gives the address of each data set's header by name.
 * Throws `hdf5-dataset-name` and those of `checkSpec`.
 */
export function createFile(
  library: Hdf5Library,
  path: string,
  { spec, names }: NewFile,
): ReadonlyMap<string, number> {
  checkSpec(spec);
  names.forEach((name) => void checkName(name, path));
  return call(library, path, () => {
    const file = new library.File(path, "w", { libver: ["earliest", "latest"] });
    try {
      const { module } = library;
      for (const name of names) {
        createDataset(library, file, { spec, name });
        module.resize_dataset(file.file_id, name, spec.shape.map(BigInt));
        describe(file.get(name) as Hdf5Dataset, spec);
      }
      return new Map(names.map((name) => [name, headerAddress(library, file, name)]));
    } finally {
      file.close();
    }
  });
}

function checkName(name: string, path: string): void {
  if (/^[^/\s][^/]*$/.test(name) && name !== ".") return;
  throw new TomoflowError("hdf5-dataset-name", `${path}: \`${name}\` cannot be the name of a data set`, {
    hint: "use a name without slashes, which does not start with a blank",
  });
}

/** Creates a data set without any planes yet, which can grow to the shape of the volume. */
function createDataset(
  library: Hdf5Library,
  file: Hdf5File,
  { spec, name }: { spec: VolumeSpec; name: string },
): void {
  const { shape } = spec;
  const metadata = {
    ...storedType(spec.type),
    littleEndian: true,
    vlen: false,
    total_size: 0,
    shape: [0, shape[1], shape[2]].map(BigInt),
    maxshape: shape.map(BigInt),
    chunks: chunkShape(spec).map(BigInt),
    compression: filterIds.deflate,
    compression_opts: isShuffled(spec.type) ? placeForTwoFilters : [deflateLevel],
    track_order: false,
  };
  library.module.create_dataset(file.file_id, name, 0n, metadata);
}

const deflateLevel = 1;

/** So many parameters that the message of one filter is as long as that of two. */
const placeForTwoFilters = [deflateLevel, 0, 0, 0, 0, 0, 0, 0];

const isShuffled = (type: VoxelType): boolean => bytesPerVoxel(type) > 1;

/** HDF5's class (0 integers, 1 floats) and size; float16 is created as float32. */
const storedType = (type: VoxelType) => ({
  type: isFloatType(type) ? 1 : 0,
  size: type === "float16" ? 4 : bytesPerVoxel(type),
  signed: type.startsWith("int"),
});

/** Lengths as (z, y, x) in Å, and in µm as Fiji and ilastik know it. */
function describe(
  dataset: Hdf5Dataset,
  { voxelSizeAngstrom, originAngstrom, labels = [] }: VolumeSpec,
): void {
  if (voxelSizeAngstrom) {
    dataset.create_attribute("voxel_size_angstrom", Float64Array.from(voxelSizeAngstrom));
    dataset.create_attribute(
      "element_size_um",
      Float64Array.from(voxelSizeAngstrom, (length) => length / 1e4),
    );
  }
  dataset.create_attribute("origin_angstrom", Float64Array.from(originAngstrom));
  dataset.create_attribute("software", "tomoflow", [], "S");
  if (labels.length > 0) dataset.create_attribute("labels", [...labels], [labels.length], "S");
}

/** Bytes to be written at a position of a file. */
export interface Patch {
  readonly position: number;
  readonly bytes: Buffer;
}

/** What is to be changed in the header of a new data set, and where the address of its chunks' index has to be written. */
export async function finishHeader(
  source: ByteSource,
  address: number,
  type: VoxelType,
): Promise<{ readonly patches: readonly Patch[]; readonly indexPosition: number }> {
  const messages = (await readMessages(source, address)) ?? [];
  const layout = chunkLayout(messages);
  if (!layout || layout.treeAddress !== null) throw new Error("the new data set is not laid out as expected");
  const patches: Patch[] = [];
  if (isShuffled(type)) patches.push(replace(messages, messageTypes.filters, shuffleAndDeflate(type)));
  if (type === "float16") {
    patches.push(replace(messages, messageTypes.datatype, float16Message));
    const { position } = messageOf(messages, messageTypes.layout);
    const voxelBytes = Buffer.alloc(4);
    voxelBytes.writeUInt32LE(bytesPerVoxel(type));
    patches.push({ position: position + 11 + 4 * layout.chunk.length, bytes: voxelBytes });
  }
  return { patches, indexPosition: layout.addressPosition };
}

/** Class 1 version 1, IEEE little-endian; size; bit offset, precision; exponent and mantissa (place, width); bias. */
const float16Message = Buffer.from("11200f0002000000000010000a05000a0f000000", "hex");

/** Version 1, as h5py writes it: for each filter id, length of the name, flags (1: optional), parameters; 8 bytes aligned. */
function shuffleAndDeflate(type: VoxelType): Buffer {
  const message = Buffer.alloc(56);
  message.set([1, 2]);
  writeFilter(message.subarray(8), filterIds.shuffle, { name: "shuffle", parameter: bytesPerVoxel(type) });
  writeFilter(message.subarray(32), filterIds.deflate, { name: "deflate", parameter: deflateLevel });
  return message;
}

function writeFilter(
  target: Buffer,
  id: number,
  { name, parameter }: { readonly name: string; readonly parameter: number },
): void {
  [id, 8, 1, 1].forEach((value, i) => void target.writeUInt16LE(value, 2 * i));
  target.write(name, 8, "latin1");
  target.writeUInt32LE(parameter, 16);
}

function replace(messages: readonly HeaderMessage[], type: number, bytes: Buffer): Patch {
  const { position, data } = messageOf(messages, type);
  if (bytes.length > data.length) throw new Error(`no room for a header message of ${bytes.length} bytes`);
  return { position, bytes: Buffer.concat([bytes, Buffer.alloc(data.length - bytes.length)]) };
}

function messageOf(messages: readonly HeaderMessage[], type: number): HeaderMessage {
  const found = messages.find((message) => message.type === type);
  if (!found) throw new Error(`the new data set has no header message ${type}`);
  return found;
}
