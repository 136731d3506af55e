import { type FileHandle, open, rm } from "node:fs/promises";
import { explainSystemError } from "../../core/error.ts";
import { loadHdf5 } from "../../core/hdf5.ts";
import { handleSource } from "../byte-source.ts";
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
import { allocateVoxels, bytesOf, bytesPerVoxel } from "../voxel-type.ts";
import { buildChunkTree, type ChunkPlace } from "./chunk-tree.ts";
import { packLayer } from "./chunk-writer.ts";
import { chunkShape, createFile, finishHeader } from "./create.ts";
import { defaultDataset } from "./dataset.ts";

/** Creates an HDF5 file with one volume, in chunks packed by shuffle and gzip, for planes to be appended. */
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
  let file: FileHandle | undefined;
  try {
    const addresses = createFile(library, path, { spec, names });
    file = await open(path, "r+");
    return await Hdf5SetWriter.start(file, { path, spec, addresses });
  } catch (error) {
    await file?.close();
    await rm(path, { force: true });
    throw explainSystemError(error, path);
  }
}

interface Target {
  readonly path: string;
  readonly spec: VolumeSpec;
  /** Of the data sets' headers, by name. */
  readonly addresses: ReadonlyMap<string, number>;
}

/** One volume on its way into the file. */
interface Growing {
  /** In the file, where the address of the chunks' index goes. */
  readonly indexPosition: number;
  /** Planes that are not in the file yet: fewer than a layer of chunks. */
  readonly pending: VoxelArray;
  pendingPlanes: number;
  /** Planes in the file. */
  written: number;
  readonly chunks: ChunkPlace[];
}

/** Where the earliest format keeps the length of the file. */
const endOfFilePosition = 40;

class Hdf5SetWriter implements VolumeSetWriter {
  readonly #file: FileHandle;
  readonly #target: Target;
  readonly #chunk: Shape3;
  readonly #planeVoxels: number;
  readonly #volumes = new Map<string, Growing>();
  #position: number;
  /** The last flush: one after another, so that chunks lie in order. */
  #flushing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, target: Target, position: number) {
    const { shape } = target.spec;
    this.#file = file;
    this.#target = target;
    this.#position = position;
    this.#chunk = chunkShape(target.spec);
    this.#planeVoxels = shape[1] * shape[2];
  }

  /** Completes the headers of the data sets, which have no chunks yet. */
  static async start(file: FileHandle, target: Target): Promise<Hdf5SetWriter> {
    const { path, spec, addresses } = target;
    const { size } = await file.stat();
    const writer = new Hdf5SetWriter(file, target, size);
    for (const [name, address] of addresses) {
      const { patches, indexPosition } = await finishHeader(
        handleSource(file, path, size),
        address,
        spec.type,
      );
      for (const { position, bytes } of patches) await writer.#write(bytes, position);
      const pending = allocateVoxels(spec.type, voxelCount([writer.#chunk[0], spec.shape[1], spec.shape[2]]));
      writer.#volumes.set(name, { indexPosition, pending, pendingPlanes: 0, written: 0, chunks: [] });
    }
    return writer;
  }

  async append(name: string, planes: VoxelArray): Promise<void> {
    const { spec, path } = this.#target;
    const volume = this.#volumes.get(name);
    if (!volume) throw new Error(`no volume ${name} in ${path}`);
    const count = checkPlanes(planes, spec.shape, volume.written + volume.pendingPlanes);
    const voxels = convertVoxels(planes, spec.type);
    const [layerPlanes] = this.#chunk;
    for (let done = 0; done < count; ) {
      const taken = Math.min(count - done, layerPlanes - volume.pendingPlanes);
      const part = voxels.subarray(done * this.#planeVoxels, (done + taken) * this.#planeVoxels);
      done += taken;
      if (taken === layerPlanes) await this.#flush(volume, part);
      else {
        volume.pending.set(part, volume.pendingPlanes * this.#planeVoxels);
        volume.pendingPlanes += taken;
        if (volume.pendingPlanes === layerPlanes) await this.#flushPending(volume);
      }
    }
  }

  async close(): Promise<void> {
    const { path, spec } = this.#target;
    for (const volume of this.#volumes.values()) {
      if (volume.pendingPlanes > 0) await this.#flushPending(volume);
      checkComplete(volume.written, spec.shape, path);
      await this.#writeIndex(volume);
    }
    await this.#write(longInteger(this.#position), endOfFilePosition);
    await this.#file.sync().catch((error) => {
      throw explainSystemError(error, path);
    });
    await this.#file.close();
  }

  async abort(): Promise<void> {
    await this.#flushing.catch(() => {});
    await this.#file.close();
    await rm(this.#target.path, { force: true });
  }

  async #flushPending(volume: Growing): Promise<void> {
    await this.#flush(volume, volume.pending.subarray(0, volume.pendingPlanes * this.#planeVoxels));
    volume.pendingPlanes = 0;
  }

  #flush(volume: Growing, voxels: VoxelArray): Promise<void> {
    volume.written += voxels.length / this.#planeVoxels;
    this.#flushing = this.#flushing.then(() => this.#writeLayer(volume, voxels));
    return this.#flushing;
  }

  /** Packs and writes a layer of chunks. */
  async #writeLayer(volume: Growing, voxels: VoxelArray): Promise<void> {
    const { shape, type } = this.#target.spec;
    const layer = {
      shape: [voxels.length / this.#planeVoxels, shape[1], shape[2]] as const,
      chunk: this.#chunk,
      bytesPerVoxel: bytesPerVoxel(type),
    };
    const packed = await packLayer(bytesOf(type === "float16" ? encodeFloat16(voxels) : voxels), layer);
    const start = this.#position;
    for (const { length } of packed) {
      volume.chunks.push({ position: this.#position, bytes: length });
      this.#position += length;
    }
    await this.#write(Buffer.concat(packed), start);
  }

  async #writeIndex({ chunks, indexPosition }: Growing): Promise<void> {
    const { shape } = this.#target.spec;
    const tree = buildChunkTree(chunks, { shape, chunk: this.#chunk, position: this.#position });
    await this.#write(tree.bytes, this.#position);
    this.#position += tree.bytes.length;
    await this.#write(longInteger(tree.root), indexPosition);
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file
        .write(bytes, done, bytes.length - done, position + done)
        .catch((error) => {
          throw explainSystemError(error, this.#target.path);
        });
      done += bytesWritten;
    }
  }
}

function longInteger(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
