import { checkBox } from "../box.ts";
import type { ByteSource } from "../byte-source.ts";
import { openFileSource } from "../byte-source.ts";
import { compressionOf, openCompressed } from "../decompress.ts";
import type { OpenOptions, Shape3, Triple, VolumeInfo, VolumeReader, VoxelArray } from "../volume.ts";
import { toFileOrder, turnVoxels } from "./axes.ts";
import { headerBytes } from "./fields.ts";
import { readHeader } from "./header.ts";
import type { MrcLayout } from "./layout.ts";
import { readFileBox } from "./read-box.ts";

/** Opens an MRC file, packed by gzip or bzip2 or not. Reads the header only (and unpacks). */
export async function openMrc(path: string, options: OpenOptions = {}): Promise<VolumeReader> {
  const { source, packing } = await openUnpacked(path, options.signal);
  try {
    const bytes = new Uint8Array(Math.min(headerBytes, source.size));
    await source.read(0, bytes);
    const { info, layout } = readHeader(bytes, { path, fileBytes: source.size });
    return new MrcReader(source, layout, packing ? { ...info, format: `${info.format}, ${packing}` } : info);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openUnpacked(
  path: string,
  signal?: AbortSignal,
): Promise<{ source: ByteSource; packing?: string }> {
  const file = await openFileSource(path);
  const start = new Uint8Array(Math.min(3, file.size));
  await file.read(0, start);
  const packing = compressionOf(start);
  if (!packing) return { source: file };
  await file.close();
  return { source: await openCompressed(path, packing, { signal }), packing };
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
