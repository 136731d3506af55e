import { open, rm } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { explainSystemError } from "../../core/error.ts";
import { call, type Hdf5File, type Hdf5Library, loadHdf5 } from "../../core/hdf5.ts";
import { convertVoxels } from "../convert-voxels.ts";
import { encodeFloat16 } from "../float16.ts";
import { checkComplete, checkPlanes } from "../planes.ts";
import {
  type CreateOptions,
  type Shape3,
  type VolumeSetWriter,
  type VolumeSpec,
  type VolumeWriter,
  type VoxelArray,
  voxelCount,
} from "../volume.ts";
import { allocateVoxels, bytesOf } from "../voxel-type.ts";
import { chunkShape, createFile } from "./create.ts";
import { defaultDataset } from "./dataset.ts";

/** Creates an HDF5 file with one volume, in chunks packed by gzip, for planes to be appended. */
export async function createHdf5(
  path: string,
  spec: VolumeSpec,
  options: CreateOptions = {},
): Promise<VolumeWriter> {
  const name = options.dataset ?? defaultDataset;
  const set = await createHdf5Set(path, spec, [name]);
  return { append: (planes) => set.append(name, planes), close: () => set.close(), abort: () => set.abort() };
}

/** Creates an HDF5 file with several volumes of one shape and type, by data set name, planes appended to each in order. */
export async function createHdf5Set(
  path: string,
  spec: VolumeSpec,
  names: readonly string[],
): Promise<VolumeSetWriter> {
  const library = await loadHdf5();
  try {
    const file = createFile(library, path, { spec, names });
    return new Hdf5SetWriter(library, file, { path, spec, names });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

interface Target {
  readonly path: string;
  readonly spec: VolumeSpec;
  readonly names: readonly string[];
}

/** The planes of one volume that are not in the file yet: fewer than a layer of chunks. */
interface Pending {
  readonly voxels: VoxelArray;
  planes: number;
  /** Planes in the file. */
  written: number;
}

class Hdf5SetWriter implements VolumeSetWriter {
  readonly #library: Hdf5Library;
  readonly #file: Hdf5File;
  readonly #target: Target;
  readonly #layerPlanes: number;
  readonly #planeVoxels: number;
  readonly #pending: ReadonlyMap<string, Pending>;
  #open = true;

  constructor(library: Hdf5Library, file: Hdf5File, target: Target) {
    const { shape, type } = target.spec;
    this.#library = library;
    this.#file = file;
    this.#target = target;
    this.#layerPlanes = chunkShape(target.spec)[0];
    this.#planeVoxels = shape[1] * shape[2];
    const layer: Shape3 = [this.#layerPlanes, shape[1], shape[2]];
    this.#pending = new Map(
      target.names.map((name) => [
        name,
        { voxels: allocateVoxels(type, voxelCount(layer)), planes: 0, written: 0 },
      ]),
    );
  }

  async append(name: string, planes: VoxelArray): Promise<void> {
    const { spec } = this.#target;
    const pending = this.#pending.get(name);
    if (!pending) throw new Error(`no volume ${name} in ${this.#target.path}`);
    const count = checkPlanes(planes, spec.shape, pending.written + pending.planes);
    const voxels = convertVoxels(planes, spec.type);
    for (let done = 0; done < count; ) {
      const taken = Math.min(count - done, this.#layerPlanes - pending.planes);
      const part = voxels.subarray(done * this.#planeVoxels, (done + taken) * this.#planeVoxels);
      pending.voxels.set(part, pending.planes * this.#planeVoxels);
      pending.planes += taken;
      done += taken;
      if (pending.planes < this.#layerPlanes) break;
      this.#flush(name, pending);
      await setImmediate();
    }
  }

  async close(): Promise<void> {
    const { path, spec } = this.#target;
    for (const [name, pending] of this.#pending) {
      if (pending.planes > 0) this.#flush(name, pending);
      checkComplete(pending.written, spec.shape, path);
    }
    this.#closeFile();
    await syncFile(path);
  }

  /** The library writes what it holds back when it closes: on a full disk that fails again, and no longer matters. */
  async abort(): Promise<void> {
    try {
      this.#closeFile();
    } catch {}
    await rm(this.#target.path, { force: true });
  }

  #closeFile(): void {
    if (!this.#open) return;
    this.#open = false;
    call(this.#library, this.#target.path, () => this.#file.close());
  }

  /** Writes whole layers of chunks, so that each chunk is packed once. */
  #flush(name: string, pending: Pending): void {
    const { path, spec } = this.#target;
    const voxels = pending.voxels.subarray(0, pending.planes * this.#planeVoxels);
    const bytes = bytesOf(spec.type === "float16" ? encodeFloat16(voxels) : voxels);
    const count = [pending.planes, spec.shape[1], spec.shape[2]].map(BigInt);
    const offset = [pending.written, 0, 0].map(BigInt);
    const { module } = this.#library;
    call(this.#library, path, () => {
      const pointer = module._malloc(bytes.length);
      if (pointer === 0) throw new Error("Memory allocation failed");
      try {
        module.HEAPU8.set(bytes, pointer);
        module.set_dataset_data(this.#file.file_id, name, count, offset, [1n, 1n, 1n], BigInt(pointer));
      } finally {
        module._free(pointer);
      }
    });
    pending.written += pending.planes;
    pending.planes = 0;
  }
}

/** The library cannot sync; the system does, whoever wrote. */
async function syncFile(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    await file.sync().finally(() => file.close());
  } catch (error) {
    throw explainSystemError(error, path);
  }
}
