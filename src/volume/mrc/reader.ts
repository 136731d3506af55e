import { toFileOrder, turnVoxels } from "../axis-order.ts";
import { checkBox } from "../box.ts";
import type { ByteSource } from "../byte-source.ts";
import { type Compression, compressionOf, openCompressed } from "../decompress.ts";
import { readFileBox } from "../raw-box.ts";
import type { OpenOptions, Shape3, Triple, VolumeInfo, VolumeReader, VoxelArray } from "../volume.ts";
import { headerBytes } from "./fields.ts";
import { readHeader } from "./header.ts";
import type { MrcLayout } from "./layout.ts";

/** Opens an MRC file, packed by gzip or bzip2 or not. Reads the header only (and unpacks). */
export async function openMrc(source: ByteSource, { signal }: OpenOptions = {}): Promise<VolumeReader> {
  const start = new Uint8Array(Math.min(3, source.size));
  await source.read(0, start, signal);
  const packing = compressionOf(start);
  if (!packing) return readMrc(source, source.name);
  const unpacked = await openCompressed(source, packing, { signal });
  try {
    await source.close();
    return await readMrc(unpacked, source.name, packing);
  } catch (error) {
    await unpacked.close();
    throw error;
  }
}

async function readMrc(source: ByteSource, name: string, packing?: Compression): Promise<VolumeReader> {
  const bytes = new Uint8Array(Math.min(headerBytes, source.size));
  await source.read(0, bytes);
  const { info, layout } = readHeader(bytes, { path: name, fileBytes: source.size });
  return new MrcReader(source, layout, packing ? { ...info, format: `${info.format}, ${packing}` } : info);
}

class MrcReader implements VolumeReader {
  readonly info: VolumeInfo;
  readonly #source: ByteSource;
  readonly #layout: MrcLayout;

  constructor(source: ByteSource, layout: MrcLayout, info: VolumeInfo) {
    this.#source = source;
    this.#layout = layout;
    this.info = info;
  }

  async readBox(start: Triple, shape: Shape3, signal?: AbortSignal): Promise<VoxelArray> {
    checkBox({ start, shape }, this.info.shape);
    const { order } = this.#layout;
    const box = { start: toFileOrder(start, order), shape: toFileOrder(shape, order) };
    const voxels = await readFileBox(this.#source, this.#layout, { box, signal });
    return turnVoxels(voxels, box.shape, order);
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
