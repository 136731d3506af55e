import { access } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { call, damagedHdf5, type Hdf5File, type Hdf5Library, loadHdf5 } from "../../core/hdf5.ts";
import { type Box, checkBox } from "../box.ts";
import { type ByteSource, openFileSource } from "../byte-source.ts";
import { decodeFloat16, roomForFloat16 } from "../float16.ts";
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
import { type ChunkReader, openChunks } from "./chunk-reader.ts";
import { type FoundVolume, findVolume, headerAddress, readLabels, readSampling } from "./dataset.ts";

/** Bytes that one call of the library reads: the copy in its own memory stays small, and aborts are noticed in between. */
const pieceBytes = 32 << 20;

/** Opens a volume of an HDF5 file. Throws `hdf5-dataset-missing`, `hdf5-not-volume`, `hdf5-damaged`. */
export async function openHdf5(path: string, options: OpenOptions = {}): Promise<VolumeReader> {
  await access(path).catch((error) => {
    throw explainSystemError(error, path);
  });
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "r"));
  try {
    const found = findVolume({ library, file, path }, options.dataset);
    const info = call(library, path, () => describe(found, path));
    return new Hdf5Reader(library, file, { found, info });
  } catch (error) {
    call(library, path, () => file.close());
    throw error;
  }
}

function describe({ name, dataset, shape, stored, oddities }: FoundVolume, path: string): VolumeInfo {
  const sampling = readSampling(dataset);
  const { chunks } = dataset.metadata;
  const filters = dataset.filters.map((filter) => filter.name);
  const wide = stored.wide && `${stored.wide === "signed" ? "" : "u"}int64`;
  return {
    ...sampling,
    path,
    format: `HDF5 data set \`${name}\` (${wide ?? stored.type})`,
    shape,
    type: stored.type,
    labels: readLabels(dataset),
    properties: {
      storage: chunks
        ? `chunks of ${chunks.join("×")}, ${filters.join(" and ") || "not compressed"}`
        : "one block",
    },
    oddities: sampling.voxelSizeAngstrom ? oddities : [...oddities, noVoxelSize],
  };
}

const noVoxelSize = {
  code: "voxel-size-missing",
  message:
    "the data set has no attribute voxel_size_angstrom (or element_size_um); set one with tomoflow volume convert --voxel-size",
};

/** The file itself, beside the library. */
interface DirectAccess {
  readonly source: ByteSource;
  readonly chunks: ChunkReader | null;
}

class Hdf5Reader implements VolumeReader {
  readonly info: VolumeInfo;
  readonly #library: Hdf5Library;
  readonly #file: Hdf5File;
  readonly #found: FoundVolume;
  #opening: Promise<DirectAccess> | undefined;
  #open = true;

  constructor(
    library: Hdf5Library,
    file: Hdf5File,
    { found, info }: { found: FoundVolume; info: VolumeInfo },
  ) {
    this.#library = library;
    this.#file = file;
    this.#found = found;
    this.info = info;
  }

  async readBox(start: Triple, shape: Shape3, signal?: AbortSignal): Promise<VoxelArray> {
    checkBox({ start, shape }, this.info.shape);
    const raw = rawArray(this.#found, voxelCount(shape));
    if (!(await this.#readChunks({ start, shape }, raw.bytes, signal)))
      await this.#readPieces({ start, shape }, raw.bytes, signal);
    return raw.finish();
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await (await this.#opening?.catch(() => undefined))?.source.close();
    call(this.#library, this.info.path, () => this.#file.close());
  }

  /** Chunk by chunk, on several threads; false where only the library can read them. */
  async #readChunks(box: Box, target: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    this.#opening ??= this.#openChunks();
    try {
      const { chunks } = await this.#opening;
      return chunks !== null && (await chunks.readBox(box, target, signal));
    } catch (error) {
      if (signal?.aborted || error instanceof TomoflowError) throw error;
      throw damagedHdf5(this.info.path, error instanceof Error ? error.message : String(error), error);
    }
  }

  async #openChunks(): Promise<DirectAccess> {
    const { path } = this.info;
    const address = call(this.#library, path, () =>
      headerAddress(this.#library, this.#file, this.#found.name),
    );
    const source = await openFileSource(path);
    return { source, chunks: await openChunks(source, this.#found, address) };
  }

  /** Through the library, part by part. */
  async #readPieces({ start, shape }: Box, target: Uint8Array, signal?: AbortSignal): Promise<void> {
    const planeBytes = shape[1] * shape[2] * this.#found.stored.bytesPerVoxel;
    const step = Math.max(1, Math.floor(pieceBytes / planeBytes));
    for (let z = 0; z < shape[0]; z += step) {
      signal?.throwIfAborted();
      const depth = Math.min(step, shape[0] - z);
      const piece = { start: [start[0] + z, start[1], start[2]], shape: [depth, shape[1], shape[2]] };
      this.#readPiece(piece, target.subarray(z * planeBytes, (z + depth) * planeBytes));
      if (depth < shape[0]) await setImmediate();
    }
  }

  #readPiece(piece: { start: readonly number[]; shape: readonly number[] }, target: Uint8Array): void {
    const { leadingAxes, missingAxes, name } = this.#found;
    const select = (values: readonly number[], filler: number) =>
      [...new Array<number>(leadingAxes).fill(filler), ...values.slice(missingAxes)].map(BigInt);
    const offset = select(piece.start, 0);
    const count = select(piece.shape, 1);
    const { module } = this.#library;
    call(this.#library, this.info.path, () => {
      const pointer = module._malloc(target.length);
      if (pointer === 0) throw new Error("Memory allocation failed");
      try {
        const strides = offset.map(() => 1n);
        module.get_dataset_data(this.#file.file_id, name, count, offset, strides, BigInt(pointer));
        target.set(module.HEAPU8.subarray(pointer, pointer + target.length));
      } finally {
        module._free(pointer);
      }
    });
  }
}

interface RawArray {
  /** Room for the voxels as they lie in the file. */
  readonly bytes: Uint8Array;
  /** The voxels as they are handed out, in the same memory. */
  finish(): VoxelArray;
}

function rawArray({ stored: { type, wide } }: FoundVolume, count: number): RawArray {
  const voxels = allocateVoxels(type, count);
  if (type === "float16") {
    const bits = roomForFloat16(voxels as Float32Array);
    return { bytes: bytesOf(bits), finish: () => decodeFloat16(bits, voxels as Float32Array) };
  }
  return { bytes: bytesOf(voxels), finish: () => (wide ? narrow(voxels as Float64Array, wide) : voxels) };
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
