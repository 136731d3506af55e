/**
 * The front door for volumes in files. What a file is, its first bytes say; its name is asked only when they do not, and
 * when a new file is written. The module of a format is loaded when it is first needed.
 */
import { stat } from "node:fs/promises";
import { TomoflowError } from "../core/error.ts";
import { slabsOf } from "./box.ts";
import { openFileSource } from "./byte-source.ts";
import { compressionOf } from "./decompress.ts";
import { isHdf5 } from "./hdf5/signature.ts";
import { publishOnClose } from "./publish.ts";
import {
  type CreateOptions,
  formatShape,
  type OpenOptions,
  type Volume,
  type VolumeCodec,
  type VolumeInfo,
  type VolumeReader,
  type VolumeSetWriter,
  type VolumeSpec,
  type VolumeWriter,
  type VoxelType,
} from "./volume.ts";

interface Format {
  readonly title: string;
  readonly extensions: readonly string[];
  readonly load: () => Promise<VolumeCodec>;
}

const mrc: Format = {
  title: "MRC",
  extensions: [".mrc", ".map", ".rec", ".st", ".ali", ".mrcs"],
  load: async () => (await import("./mrc/codec.ts")).mrcCodec,
};

const hdf5: Format = {
  title: "HDF5",
  extensions: [".h5", ".hdf5", ".hdf"],
  load: async () => (await import("./hdf5/codec.ts")).hdf5Codec,
};

const formats: readonly Format[] = [mrc, hdf5];

const knownFormats = formats.map(({ title, extensions }) => `${title} (${extensions.join(" ")})`).join(", ");

/** Voxels written at once by `writeVolume`. */
const slabVoxels = 8 << 20;

/**
 * Opens a volume for reading boxes of it. Throws TomoflowErrors: `file-missing`, `volume-format-unknown`, and those of the
 * formats (`mrc-truncated`, `mrc-complex`, `hdf5-dataset-missing`, …). Close the reader when done.
 */
export async function openVolume(path: string, options: OpenOptions = {}): Promise<VolumeReader> {
  const format = await detectFormat(path);
  const reader = await (await format.load()).open(path, options);
  const expected = formatByName(path);
  if (!expected || expected === format) return reader;
  const message = `the name says ${expected.title}, but the file is ${format.title}; read as what it is`;
  const info = { ...reader.info, oddities: [...reader.info.oddities, { code: "name-misleading", message }] };
  return { info, readBox: reader.readBox.bind(reader), close: reader.close.bind(reader) };
}

/** What a file says about its volume, without reading the voxels. */
export async function readVolumeInfo(path: string, options: OpenOptions = {}): Promise<VolumeInfo> {
  const reader = await openVolume(path, options);
  await reader.close();
  return reader.info;
}

/** A whole volume. Throws what `openVolume` throws, and `out-of-memory`. */
export async function readVolume(path: string, options: OpenOptions = {}): Promise<Volume> {
  const reader = await openVolume(path, options);
  try {
    const { shape, voxelSizeAngstrom, originAngstrom, labels } = reader.info;
    const data = await reader.readBox([0, 0, 0], shape, options.signal);
    return { data, shape, voxelSizeAngstrom, originAngstrom, labels };
  } finally {
    await reader.close();
  }
}

/**
 * Creates a file, its format taken from the name, for planes to be appended in order of z. The file takes its name when the
 * writer is closed: until then, and after `abort`, an older file of that name stays as it is.
 */
export async function createVolume(
  path: string,
  spec: VolumeSpec,
  options: CreateOptions = {},
): Promise<VolumeWriter> {
  const codec = await writableFormat(path).load();
  const file = await publishOnClose(path, (temporary) => codec.create(temporary, spec, options));
  return { append: (planes) => file.named(file.writer.append(planes)), close: file.close, abort: file.abort };
}

/**
 * As `createVolume`, for several volumes of one shape and type in one file, by name: the data sets of an HDF5 file. Throws
 * `volume-format-unknown` for formats that hold one volume only.
 */
export async function createVolumeSet(
  path: string,
  spec: VolumeSpec,
  names: readonly string[],
): Promise<VolumeSetWriter> {
  const format = writableFormat(path);
  const { createSet } = await format.load();
  if (!createSet)
    throw new TomoflowError(
      "volume-format-unknown",
      `${path}: a file of ${format.title} holds one volume only`,
      {
        hint: "write an HDF5 file (.h5) instead",
      },
    );
  const file = await publishOnClose(path, (temporary) => createSet(temporary, spec, names));
  return {
    append: (volume, planes) => file.named(file.writer.append(volume, planes)),
    close: file.close,
    abort: file.abort,
  };
}

export interface WriteOptions extends CreateOptions {
  /** The type on disk; by default that of the data (see the format's `preferredType`). */
  readonly type?: VoxelType;
  readonly signal?: AbortSignal;
}

/** Writes a whole volume. Throws `voxel-out-of-range` where `type` cannot hold a voxel; nothing is clipped. */
export async function writeVolume(path: string, volume: Volume, options: WriteOptions = {}): Promise<void> {
  const { data, shape } = volume;
  if (data.length !== shape[0] * shape[1] * shape[2])
    throw new TomoflowError("volume-shape", `${data.length} voxels are no volume of ${formatShape(shape)}`);
  const codec = await writableFormat(path).load();
  const type = options.type ?? codec.preferredType(data);
  const writer = await createVolume(path, { ...volume, type }, options);
  try {
    const planeVoxels = shape[1] * shape[2];
    for (const slab of slabsOf(shape, slabVoxels)) {
      options.signal?.throwIfAborted();
      const from = slab.start[0] * planeVoxels;
      await writer.append(data.subarray(from, from + slab.shape[0] * planeVoxels));
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Enough to recognise every format. */
const signatureBytes = 4096;

async function detectFormat(path: string): Promise<Format> {
  await refuseFolder(path);
  const source = await openFileSource(path);
  const start = new Uint8Array(Math.min(signatureBytes, source.size));
  try {
    await source.read(0, start);
  } finally {
    await source.close();
  }
  if (isHdf5(start)) return hdf5;
  if (compressionOf(start) || textAt(start, 208, 3) === "MAP") return mrc;
  refuseOthers(start, path);
  return formatByName(path) ?? refuseUnknown(path);
}

const textAt = (bytes: Uint8Array, start: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(start, start + length));

async function refuseFolder(path: string): Promise<void> {
  const status = await stat(path).catch(() => null);
  if (!status?.isDirectory()) return;
  const zarr = /\.zarr\/?$/i.test(path);
  throw new TomoflowError(
    "file-is-folder",
    `${path} is a folder, not a ${zarr ? "file: Zarr is not read yet" : "file"}`,
    {
      hint: zarr ? "export the array as MRC or HDF5 first" : "name the volume inside it",
    },
  );
}

/** Formats that are recognised, so that the advice fits, but not read. */
function refuseOthers(start: Uint8Array, path: string): void {
  const tiff = ["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(textAt(start, 0, 4));
  if (!tiff) return;
  throw new TomoflowError(
    "volume-format-unknown",
    `${path} is a TIFF file, which tomoflow does not read yet`,
    {
      hint: "convert it, for example with IMOD: tif2mrc in.tif out.mrc",
    },
  );
}

function refuseUnknown(path: string): never {
  throw new TomoflowError("volume-format-unknown", `${path} is in no format that tomoflow knows`, {
    hint: `known are ${knownFormats}, and MRC packed as .gz or .bz2`,
  });
}

/** The format that a name stands for; `.mrc.gz` stands for MRC. */
function formatByName(path: string): Format | undefined {
  const name = path.toLowerCase().replace(/\.(gz|bz2)$/, "");
  return formats.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
}

function writableFormat(path: string): Format {
  if (/\.(gz|bz2)$/i.test(path))
    throw new TomoflowError(
      "volume-format-unknown",
      `${path}: tomoflow reads packed volumes but does not write them`,
      {
        hint: "write .mrc and pack it with gzip, or write .h5, which is packed inside",
      },
    );
  return formatByName(path) ?? refuseUnknown(path);
}
