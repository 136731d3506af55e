/** Makes the cache of a volume: every level in cubes (see `cubes.ts`), in memory of a few rows of cubes. */
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Shape3, VolumeReader } from "../../../volume/volume.ts";
import { type CodingWay, encodeVoxels } from "./coding.ts";
import {
  cubeBytes,
  cubeCounts,
  cubeEdge,
  cubeVoxels,
  labelsFile,
  levelFile,
  levelShape,
  levelsOf,
} from "./cubes.ts";
import { labelOfBlock, meanOfBlock } from "./shrink.ts";

export interface PyramidOptions extends CodingWay {
  /** An empty folder for the files. */
  readonly folder: string;
  /** Told the part that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/** Throws what the codec throws and explained system errors. */
export async function buildPyramid(reader: VolumeReader, options: PyramidOptions): Promise<void> {
  const { shape } = reader.info;
  const levels = levelsOf(shape);
  const told = progressOf(shape, levels, options.onProgress);
  await withFile(options.folder, 0, "wx", (file) => writeFinest(reader, file, { ...options, told }));
  for (let level = 1; level < levels; level++)
    await withFile(options.folder, level - 1, "r", (finer) =>
      withFile(options.folder, level, "wx", (coarser) =>
        halve({ finer, coarser }, { shape, level, isLabels: options.isLabels, told }),
      ),
    );
}

async function withFile(
  folder: string,
  level: number,
  flags: string,
  action: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(join(folder, levelFile(level)), flags);
  try {
    await action(file);
  } finally {
    await file.close();
  }
}

interface Told {
  /** Told after each row of cubes. */
  readonly told: (cubes: number) => void;
}

async function writeFinest(
  reader: VolumeReader,
  file: FileHandle,
  { told, ...way }: PyramidOptions & Told,
): Promise<void> {
  const { shape } = reader.info;
  const [deep, high, wide] = cubeCounts(shape, 0);
  const row = new Uint16Array(wide * cubeVoxels);
  const seen = new Uint8Array(way.isLabels ? 65536 : 0);
  let position = 0;
  for (let z = 0; z < deep; z++)
    for (let y = 0; y < high; y++) {
      const start = [z * cubeEdge, y * cubeEdge, 0] as const;
      const box: Shape3 = [
        Math.min(cubeEdge, shape[0] - start[0]),
        Math.min(cubeEdge, shape[1] - start[1]),
        shape[2],
      ];
      const codes = encodeVoxels(await reader.readBox(start, box), way);
      if (way.isLabels) for (let i = 0; i < codes.length; i++) seen[codes[i]!] = 1;
      cutIntoCubes(codes, box, row);
      await writeAll(file, row, position);
      position += row.byteLength;
      told(wide);
    }
  const labels = [...seen.keys()].filter((label) => seen[label] === 1);
  if (way.isLabels) await writeFile(join(way.folder, labelsFile), JSON.stringify(labels));
}

/** A row of voxels (z, y, x), at most 64 deep and high, as cubes side by side. */
function cutIntoCubes(codes: Uint16Array, [depth, height, width]: Shape3, row: Uint16Array): void {
  row.fill(0);
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      const from = (z * height + y) * width;
      const line = (z * cubeEdge + y) * cubeEdge;
      for (let x = 0, cube = 0; x < width; x += cubeEdge, cube++)
        row.set(codes.subarray(from + x, from + Math.min(x + cubeEdge, width)), cube * cubeVoxels + line);
    }
}

interface HalveOptions extends Told {
  /** Of the whole volume. */
  readonly shape: Shape3;
  /** The coarser one. */
  readonly level: number;
  readonly isLabels: boolean;
}

async function halve(
  { finer, coarser }: { readonly finer: FileHandle; readonly coarser: FileHandle },
  { shape, level, isLabels, told }: HalveOptions,
): Promise<void> {
  const before = cubeCounts(shape, level - 1);
  const [deep, high, wide] = cubeCounts(shape, level);
  const voxels = levelShape(shape, level - 1);
  const rows = [0, 1, 2, 3].map(() => new Uint16Array(before[2] * cubeVoxels));
  const target = new Uint16Array(wide * cubeVoxels);
  let position = 0;
  for (let z = 0; z < deep; z++)
    for (let y = 0; y < high; y++) {
      // the four rows of cubes that this one is made of; those beyond the edge are never looked at
      for (const [index, [dz, dy]] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ].entries()) {
        const [fromZ, fromY] = [2 * z + dz!, 2 * y + dy!];
        if (fromZ >= before[0] || fromY >= before[1]) continue;
        const start = (fromZ * before[1] + fromY) * before[2] * cubeBytes;
        await readAll(finer, rows[index]!, start);
      }
      halveRow(rows, target, { origin: [z * cubeEdge, y * cubeEdge], voxels, isLabels });
      await writeAll(coarser, target, position);
      position += target.byteLength;
      told(wide);
    }
}

interface RowPlace {
  /** First voxel (z, y) of the coarser row, in its own voxels. */
  readonly origin: readonly [z: number, y: number];
  /** Of the finer level (z, y, x). */
  readonly voxels: Shape3;
  readonly isLabels: boolean;
}

function halveRow(
  rows: readonly Uint16Array[],
  target: Uint16Array,
  { origin, voxels, isLabels }: RowPlace,
): void {
  const [depth, height, width] = voxels;
  const reduce = isLabels ? labelOfBlock : meanOfBlock;
  const block = new Uint16Array(8);
  target.fill(0);
  for (let z = 0; z < cubeEdge && 2 * (origin[0] + z) < depth; z++)
    for (let y = 0; y < cubeEdge && 2 * (origin[1] + y) < height; y++) {
      const [deep, high] = [
        2 * (origin[0] + z) + 1 < depth ? 2 : 1,
        2 * (origin[1] + y) + 1 < height ? 2 : 1,
      ];
      for (let x = 0; 2 * x < width; x++) {
        const right = 2 * x + 1 < width ? 2 : 1;
        let count = 0;
        for (let dz = 0; dz < deep; dz++)
          for (let dy = 0; dy < high; dy++) {
            const [fz, fy] = [2 * z + dz, 2 * y + dy];
            const row = rows[(fz >> 6) * 2 + (fy >> 6)]!;
            const line = ((fz & 63) * cubeEdge + (fy & 63)) * cubeEdge;
            for (let dx = 0; dx < right; dx++) {
              const fx = 2 * x + dx;
              block[count++] = row[(fx >> 6) * cubeVoxels + line + (fx & 63)]!;
            }
          }
        target[(x >> 6) * cubeVoxels + (z * cubeEdge + y) * cubeEdge + (x & 63)] = reduce(block, count);
      }
    }
}

/** Counts cubes of all levels, the finest twice: it is read from the volume. */
function progressOf(shape: Shape3, levels: number, onProgress: ((done: number) => void) | undefined) {
  const cubes = (level: number) => cubeCounts(shape, level).reduce((product, count) => product * count, 1);
  let all = 0;
  for (let level = 0; level < levels; level++) all += cubes(level);
  let done = 0;
  return (more: number): void => {
    done += more;
    onProgress?.(done / all);
  };
}

const bytesOf = (codes: Uint16Array): Uint8Array =>
  new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);

async function writeAll(file: FileHandle, codes: Uint16Array, position: number): Promise<void> {
  const bytes = bytesOf(codes);
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

export async function readAll(file: FileHandle, codes: Uint16Array, position: number): Promise<void> {
  const bytes = bytesOf(codes);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error("the cache of slices is shorter than it was");
    done += bytesRead;
  }
}
