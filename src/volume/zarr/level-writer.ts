/** One level of an image on its way into a folder: planes come in order of z, whole layers of chunks go out. */
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { binVoxels } from "../bin.ts";
import { hostIsLittleEndian, swapBytes } from "../byte-swap.ts";
import { convertVoxels } from "../convert-voxels.ts";
import { encodeFloat16 } from "../float16.ts";
import { rowCopier } from "../rows.ts";
import { type OmeZarrVersion, type Shape3, type VoxelArray, type VoxelType, voxelCount } from "../volume.ts";
import { allocateVoxels, bytesOf, bytesPerVoxel, isFloatType } from "../voxel-type.ts";

/** A layer of planes waits in memory until it is complete. */
const usualChunk: Shape3 = [32, 128, 128];

export const chunkShape = (shape: Shape3): Shape3 => [
  Math.min(shape[0], usualChunk[0]),
  Math.min(shape[1], usualChunk[1]),
  Math.min(shape[2], usualChunk[2]),
];

/** How chunks are packed: by Blosc with Zstandard, bytes of numbers sorted by their place where there are several. */
export const packing = (type: VoxelType) =>
  ({ cname: "zstd", clevel: 3, shuffle: bytesPerVoxel(type) > 1 ? 1 : 0, blocksize: 0 }) as const;

/** What numcodecs counts as the bytes of a number, whatever it packs. */
export const packedTypeBytes = 4;

/** Chunks that are written at a time. */
const mostAtOnce = 8;

interface Level {
  readonly folder: string;
  readonly shape: Shape3;
  readonly type: VoxelType;
  readonly chunk: Shape3;
  readonly version: OmeZarrVersion;
  /** The next level, half as fine. */
  readonly coarser: LevelWriter | undefined;
}

export class LevelWriter {
  readonly #level: Level;
  readonly #planeVoxels: number;
  readonly #pending: VoxelArray;
  #pendingPlanes = 0;
  #layers = 0;
  /** The first of two planes that become one of the coarser level. */
  #odd: VoxelArray | undefined;

  constructor(level: Level) {
    const { shape, chunk, type } = level;
    this.#level = level;
    this.#planeVoxels = shape[1] * shape[2];
    this.#pending = allocateVoxels(type, voxelCount([chunk[0], shape[1], shape[2]]));
  }

  async append(planes: VoxelArray): Promise<void> {
    const { type, chunk, coarser } = this.#level;
    const voxels = convertVoxels(planes, type);
    const count = voxels.length / this.#planeVoxels;
    for (let done = 0; done < count; ) {
      const taken = Math.min(count - done, chunk[0] - this.#pendingPlanes);
      this.#pending.set(this.#cut(voxels, done, done + taken), this.#pendingPlanes * this.#planeVoxels);
      done += taken;
      this.#pendingPlanes += taken;
      if (this.#pendingPlanes === chunk[0]) await this.#flush();
    }
    if (coarser) await this.#passOn(voxels, coarser);
  }

  /** Writes what is left, here and in the coarser levels. */
  async finish(): Promise<void> {
    if (this.#pendingPlanes > 0) await this.#flush();
    await this.#level.coarser?.finish();
  }

  #cut(voxels: VoxelArray, from: number, to: number): VoxelArray {
    return voxels.subarray(from * this.#planeVoxels, to * this.#planeVoxels);
  }

  /** An odd plane at the end of the volume is left out, as `binVolume` does. */
  async #passOn(voxels: VoxelArray, coarser: LevelWriter): Promise<void> {
    const { shape, type } = this.#level;
    let rest = voxels;
    if (this.#odd) {
      const pair = allocateVoxels(type, 2 * this.#planeVoxels);
      pair.set(this.#odd);
      pair.set(this.#cut(voxels, 0, 1), this.#planeVoxels);
      this.#odd = undefined;
      await coarser.append(halve(pair, [2, shape[1], shape[2]], type));
      rest = voxels.subarray(this.#planeVoxels);
    }
    const planes = rest.length / this.#planeVoxels;
    const even = planes - (planes % 2);
    if (even > 0) await coarser.append(halve(this.#cut(rest, 0, even), [even, shape[1], shape[2]], type));
    if (planes > even) this.#odd = this.#cut(rest, even, planes).slice();
  }

  async #flush(): Promise<void> {
    const { shape, chunk, type } = this.#level;
    const planes = this.#pendingPlanes;
    const stored = this.#pending.subarray(0, planes * this.#planeVoxels);
    const layer = bytesOf(type === "float16" ? encodeFloat16(stored) : stored);
    const corners: (readonly [row: number, column: number])[] = [];
    for (let row = 0; row * chunk[1] < shape[1]; row++)
      for (let column = 0; column * chunk[2] < shape[2]; column++) corners.push([row, column]);
    const next = corners[Symbol.iterator]();
    const worker = async () => {
      for (const [row, column] of next) {
        const bytes = cutChunk(layer, [planes, row, column], this.#level);
        await writeSynced(this.#chunkPath([this.#layers, row, column]), await packed(bytes, type));
      }
    };
    await Promise.all(Array.from({ length: mostAtOnce }, worker));
    this.#layers++;
    this.#pendingPlanes = 0;
  }

  #chunkPath(place: readonly number[]): string {
    const { folder, version } = this.#level;
    return [folder, ...(version === "0.5" ? ["c"] : []), ...place].join("/");
  }
}

async function packed(bytes: Uint8Array, type: VoxelType): Promise<Uint8Array> {
  const { default: Blosc } = await import("numcodecs/blosc");
  return Blosc.fromConfig({ id: "blosc", ...packing(type) }).encode(bytes);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The bytes of a chunk, little-endian; what it has beyond the volume is 0. */
function cutChunk(
  layer: Uint8Array,
  [planes, row, column]: readonly [number, number, number],
  { shape, chunk, type }: Level,
): Uint8Array {
  const each = bytesPerVoxel(type);
  const bytes = new Uint8Array(voxelCount(chunk) * each);
  const [firstRow, firstColumn] = [row * chunk[1], column * chunk[2]];
  const width = Math.min(chunk[2], shape[2] - firstColumn) * each;
  const rows = Math.min(chunk[1], shape[1] - firstRow);
  const copy = rowCopier(layer, bytes, width);
  for (let z = 0; z < planes; z++)
    for (let y = 0; y < rows; y++)
      copy(
        ((z * shape[1] + firstRow + y) * shape[2] + firstColumn) * each,
        (z * chunk[1] + y) * chunk[2] * each,
      );
  if (!hostIsLittleEndian) swapBytes(bytes, each, true);
  return bytes;
}

/** Half as many planes, rows and columns. */
function halve(voxels: VoxelArray, shape: Shape3, type: VoxelType): VoxelArray {
  if (isFloatType(type)) return binVoxels(voxels, { shape, factor: 2, method: "mean" });
  const [depth, height, width] = shape.map((length) => Math.floor(length / 2)) as [number, number, number];
  const half = allocateVoxels(type, depth * height * width);
  let to = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0, from = (2 * z * shape[1] + 2 * y) * shape[2]; x < width; x++, from += 2)
        half[to++] = voxels[from]!;
  return half;
}
