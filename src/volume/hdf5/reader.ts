import { setImmediate } from "node:timers/promises";
import { TomoflowError } from "../../core/error.ts";
import { call, loadHdf5, type OpenHdf5 } from "../../core/hdf5.ts";
import { damagedHdf5 } from "../../core/hdf5-errors.ts";
import { toFileOrder, turnVoxels } from "../axis-order.ts";
import { type Box, checkBox } from "../box.ts";
import type { ByteSource } from "../byte-source.ts";
import { decodeFloat16, roomForFloat16 } from "../float16.ts";
import { toDatasetAxes } from "../stored-axes.ts";
import {
  type OpenOptions,
  type Shape3,
  type Triple,
  type VolumeInfo,
  type VolumeReader,
  type VoxelArray,
  voxelCount,
} from "../volume.ts";
import { allocateVoxels, bytesOf } from "../voxel-type.ts";
import { textsAttribute } from "./attributes.ts";
import { type ChunkReader, openChunks } from "./chunk-reader.ts";
import { type FoundVolume, findVolume, headerAddress } from "./dataset.ts";
import { formatRange, spreadOverRange } from "./eman.ts";
import { readPart } from "./library-read.ts";
import { checkReadable } from "./readable.ts";
import { readSampling } from "./sampling.ts";

/** Bytes that one call of the library reads: the copy in its own memory stays small, and aborts are noticed in between. */
const pieceBytes = 32 << 20;

/**
 * Opens a volume of an HDF5 file. The library finds its way through the file by itself, so that it has to be one of this machine;
 * chunks are read from the source. Throws `hdf5-not-local`, `hdf5-dataset-missing`, `hdf5-not-volume`, `hdf5-axes`,
 * `hdf5-filter`, `hdf5-elsewhere`, `hdf5-damaged`.
 */
export async function openHdf5(source: ByteSource, options: OpenOptions = {}): Promise<VolumeReader> {
  const path = source.localPath;
  if (path === undefined) throw notLocal(source);
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "r"));
  const open = { library, file, path };
  try {
    const found = findVolume(open, options.dataset);
    const info = call(library, path, () => describe(open, found));
    await checkReadable(open, source, found);
    return new Hdf5Reader(open, source, { found, info });
  } catch (error) {
    call(library, path, () => file.close());
    throw error;
  }
}

const notLocal = ({ name }: ByteSource): TomoflowError =>
  new TomoflowError("hdf5-not-local", `${name} is HDF5, which is read only from a file of this machine`, {
    hint: "save it here first, and name that file",
  });

function describe({ library, path }: OpenHdf5, found: FoundVolume): VolumeInfo {
  const { name, dataset, axes, stored, eman, oddities } = found;
  const sampling = readSampling(library, found);
  const { chunks } = dataset.metadata;
  const filters = dataset.filters.map((filter) => filter.name);
  const wide = stored.wide && `${stored.wide === "signed" ? "" : "u"}int64`;
  return {
    ...sampling,
    path,
    format: `HDF5 data set \`${name}\` (${wide ?? stored.type})`,
    shape: axes.shape,
    type: eman?.range ? "float32" : stored.type,
    labels: textsAttribute(library, dataset, "labels"),
    properties: {
      storage: chunks
        ? `chunks of ${chunks.join("×")}, ${filters.join(" and ") || "not compressed"}`
        : "one block",
      ...(eman?.range && { "stored range": formatRange(eman.range) }),
    },
    oddities: sampling.voxelSizeAngstrom ? oddities : [...oddities, noVoxelSize],
  };
}

const noVoxelSize = {
  code: "voxel-size-missing",
  message:
    "the data set has no attribute voxel_size_angstrom (or element_size_um); set one with tomoflow volume convert --voxel-size",
};

class Hdf5Reader implements VolumeReader {
  readonly info: VolumeInfo;
  readonly #open: OpenHdf5;
  readonly #source: ByteSource;
  readonly #found: FoundVolume;
  #chunks: Promise<ChunkReader | null> | undefined;
  #closed = false;

  constructor(open: OpenHdf5, source: ByteSource, { found, info }: { found: FoundVolume; info: VolumeInfo }) {
    this.#open = open;
    this.#source = source;
    this.#found = found;
    this.info = info;
  }

  async readBox(start: Triple, shape: Shape3, signal?: AbortSignal): Promise<VoxelArray> {
    checkBox({ start, shape }, this.info.shape);
    const { order } = this.#found.axes;
    const box = { start: toFileOrder(start, order), shape: toFileOrder(shape, order) };
    const raw = rawArray(this.#found, voxelCount(shape));
    if (!(await this.#readChunks(box, raw.bytes, signal))) await this.#readPieces(box, raw.bytes, signal);
    return turnVoxels(raw.finish(), box.shape, order);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#chunks?.catch(() => null);
    await this.#source.close();
    const { library, file, path } = this.#open;
    call(library, path, () => file.close());
  }

  /** Chunk by chunk, on several threads; false where only the library can read them. The box is of the file's order. */
  async #readChunks(box: Box, target: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    this.#chunks ??= this.#openChunks();
    try {
      const chunks = await this.#chunks;
      return chunks !== null && (await chunks.readBox(box, target, signal));
    } catch (error) {
      if (signal?.aborted || error instanceof TomoflowError) throw error;
      throw damagedHdf5(this.info.path, error instanceof Error ? error.message : String(error), error);
    }
  }

  async #openChunks(): Promise<ChunkReader | null> {
    const { library, file, path } = this.#open;
    const address = call(library, path, () => headerAddress(library, file, this.#found.name));
    return openChunks(this.#source, this.#found, address);
  }

  /** Through the library, part by part. */
  async #readPieces({ start, shape }: Box, target: Uint8Array, signal?: AbortSignal): Promise<void> {
    const { stored, axes, name } = this.#found;
    const planeBytes = shape[1] * shape[2] * stored.bytesPerVoxel;
    const step = Math.max(1, Math.floor(pieceBytes / planeBytes));
    for (let plane = 0; plane < shape[0]; plane += step) {
      signal?.throwIfAborted();
      const depth = Math.min(step, shape[0] - plane);
      const part = {
        name,
        offset: toDatasetAxes(axes, [start[0] + plane, start[1], start[2]], 0),
        count: toDatasetAxes(axes, [depth, shape[1], shape[2]], 1),
      };
      readPart(this.#open, part, target.subarray(plane * planeBytes, (plane + depth) * planeBytes));
      if (depth < shape[0]) await setImmediate();
    }
  }
}

interface RawArray {
  /** Room for the voxels as they lie in the file. */
  readonly bytes: Uint8Array;
  /** The voxels as they are handed out, in the same memory. */
  finish(): VoxelArray;
}

function rawArray({ stored: { type, wide }, eman }: FoundVolume, count: number): RawArray {
  const voxels = allocateVoxels(type, count);
  if (type === "float16") {
    const bits = roomForFloat16(voxels as Float32Array);
    return { bytes: bytesOf(bits), finish: () => decodeFloat16(bits, voxels as Float32Array) };
  }
  const stored = () => (wide ? narrow(voxels as Float64Array, wide) : voxels);
  const range = eman?.range;
  return { bytes: bytesOf(voxels), finish: () => (range ? spreadOverRange(stored(), range) : stored()) };
}

/** In place: each 64-bit integer becomes the float64 at its position. */
function narrow(voxels: Float64Array, kind: "signed" | "unsigned"): Float64Array {
  const { buffer, byteOffset, length } = voxels;
  const wide =
    kind === "signed"
      ? new BigInt64Array(buffer, byteOffset, length)
      : new BigUint64Array(buffer, byteOffset, length);
  for (let i = 0; i < length; i++) voxels[i] = Number(wide[i]);
  return voxels;
}
