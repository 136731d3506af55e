import { access } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { explainSystemError } from "../../core/error.ts";
import { call, type Hdf5File, type Hdf5Library, loadHdf5 } from "../../core/hdf5.ts";
import { checkBox } from "../box.ts";
import { decodeFloat16 } from "../float16.ts";
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
import { type FoundVolume, findVolume, readLabels, readSampling } from "./dataset.ts";

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

class Hdf5Reader implements VolumeReader {
  readonly info: VolumeInfo;
  readonly #library: Hdf5Library;
  readonly #file: Hdf5File;
  readonly #found: FoundVolume;
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
    const { type, bytesPerVoxel, wide } = this.#found.stored;
    const raw = rawArray(this.#found, voxelCount(shape));
    const planeVoxels = shape[1] * shape[2];
    const step = Math.max(1, Math.floor(pieceBytes / (planeVoxels * bytesPerVoxel)));
    for (let z = 0; z < shape[0]; z += step) {
      signal?.throwIfAborted();
      const depth = Math.min(step, shape[0] - z);
      const piece = { start: [start[0] + z, start[1], start[2]], shape: [depth, shape[1], shape[2]] };
      const from = z * planeVoxels * bytesPerVoxel;
      this.#readPiece(piece, raw.bytes.subarray(from, from + depth * planeVoxels * bytesPerVoxel));
      if (depth < shape[0]) await setImmediate();
    }
    if (type === "float16") return decodeFloat16(raw.voxels as Uint16Array);
    return wide ? raw.narrow() : raw.voxels;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    call(this.#library, this.info.path, () => this.#file.close());
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
  readonly voxels: VoxelArray;
  readonly bytes: Uint8Array;
  /** The values of 64-bit integers as float64. */
  narrow(): Float64Array;
}

/** Room for voxels as they lie in the file. */
function rawArray({ stored: { type, wide } }: FoundVolume, count: number): RawArray {
  const voxels = allocateVoxels(type === "float16" ? "uint16" : type, count);
  return { voxels, bytes: bytesOf(voxels), narrow: () => narrow(voxels as Float64Array, wide ?? "signed") };
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
