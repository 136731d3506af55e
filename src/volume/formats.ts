/** The front door for volumes: the module of a format is loaded when it is first needed. */
import { stat } from "node:fs/promises";
import { splitDataset } from "../core/dataset-path.ts";
import { TomoflowError } from "../core/error.ts";
import { isRemoteAddress } from "../core/remote-address.ts";
import { slabsOf } from "./box.ts";
import { openFolderSource, type VolumeSource } from "./byte-folder.ts";
import { openFileSource } from "./byte-source.ts";
import { publishOnClose } from "./publish.ts";
import { splitStore } from "./remote/address.ts";
import {
  type CreateOptions,
  formatShape,
  type OpenOptions,
  type Volume,
  type VolumeInfo,
  type VolumeReader,
  type VolumeSetWriter,
  type VolumeSpec,
  type VolumeWriter,
  type VoxelType,
} from "./volume.ts";
import { openSource, writableFormat } from "./volume-formats.ts";

/** Voxels written at once by `writeVolume`. */
const slabVoxels = 8 << 20;

/**
 * Opens a volume for reading boxes of it: of the file or folder at a path, at an address (`https://…`, `s3://…`), or of a source, which is closed with the reader. A data
 * set of an HDF5 file may be named in the path, `a.h5#/volumes/raw`. Throws TomoflowErrors: `file-missing`, `file-is-folder`,
 * `volume-format-unknown`, and those of the formats (`mrc-truncated`, `mrc-complex`, `hdf5-dataset-missing`, …). Close the reader when done.
 */
export async function openVolume(
  source: string | VolumeSource,
  options: OpenOptions = {},
): Promise<VolumeReader> {
  if (typeof source !== "string") return openSource(source, options);
  const { file, dataset = options.dataset } = splitDataset(source);
  if (isRemoteAddress(file))
    return openAddress(file, dataset === undefined ? options : { ...options, dataset });
  return openSource(await openPath(file), dataset === undefined ? options : { ...options, dataset });
}

/** `https://host/t.zarr/0` is what is called 0 in the store. */
async function openAddress(address: string, options: OpenOptions): Promise<VolumeReader> {
  const { openRemoteFolder, openRemoteSource } = await import("./remote/source.ts");
  const split = splitStore(address);
  if (!split) return openSource(await openRemoteSource(address), options);
  const { store, inside } = split;
  const dataset = [inside, (options.dataset ?? "").replace(/^\/+/, "")]
    .filter((part) => part !== "")
    .join("/");
  return openSource(openRemoteFolder(store), dataset === "" ? options : { ...options, dataset });
}

async function openPath(path: string): Promise<VolumeSource> {
  const stats = await stat(path).catch(() => null);
  return stats?.isDirectory() ? openFolderSource(path) : openFileSource(path);
}

/** What a file says about its volume, without reading the voxels. */
export async function readVolumeInfo(
  source: string | VolumeSource,
  options: OpenOptions = {},
): Promise<VolumeInfo> {
  const reader = await openVolume(source, options);
  await reader.close();
  return reader.info;
}

/** A whole volume. Throws what `openVolume` throws, and `out-of-memory`. */
export async function readVolume(source: string | VolumeSource, options: OpenOptions = {}): Promise<Volume> {
  const reader = await openVolume(source, options);
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
  if (isRemoteAddress(path)) throw notWritable(path);
  const codec = await writableFormat(path).load();
  // a folder may be named with a slash behind it
  const place = path.replace(/(?<=.)\/+$/, "");
  const file = await publishOnClose(place, (temporary) => codec.create!(temporary, spec, options));
  return { append: (planes) => file.named(file.writer.append(planes)), close: file.close, abort: file.abort };
}

const notWritable = (address: string): TomoflowError =>
  new TomoflowError("remote-address", `${address} is an address, and volumes are written to files`, {
    hint: "name a file or folder of this machine",
  });

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
