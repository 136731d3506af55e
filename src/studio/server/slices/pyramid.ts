/** Tiles from the cache of a volume. XY slices are read as they lie; of the others whole cubes, which the next slices need again. */
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Shape3 } from "../../../volume/volume.ts";
import { planeAxes } from "../../protocol/coordinates.ts";
import { type TileAddress, tileEdge } from "../../protocol/slices.ts";
import { readAll } from "./build-pyramid.ts";
import type { CubeMemory } from "./cube-memory.ts";
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

export interface TileCodes {
  readonly rows: number;
  readonly columns: number;
  /** (row, column). */
  readonly codes: Uint16Array;
}

export interface Pyramid {
  /** All labels of a label map, in order. */
  readonly labels: readonly number[] | undefined;
  /** Undefined where the tile lies outside of the volume. */
  readTile(address: TileAddress): Promise<TileCodes | undefined>;
  close(): Promise<void>;
}

/** Throws explained system errors. @param name of the volume in `memory` */
export async function openPyramid(
  folder: string,
  shape: Shape3,
  { memory, name }: { readonly memory: CubeMemory; readonly name: string },
): Promise<Pyramid> {
  const files: FileHandle[] = [];
  for (let level = 0; level < levelsOf(shape); level++)
    files.push(await open(join(folder, levelFile(level)), "r"));
  return {
    labels: await readLabels(folder),
    async readTile(address) {
      const area = tileArea(address, shape);
      return (
        area && readArea(area, { file: files[address.level]!, memory, name: `${name} ${address.level}` })
      );
    },
    async close() {
      memory.forget(name);
      await Promise.all(files.map((file) => file.close()));
    },
  };
}

async function readLabels(folder: string): Promise<readonly number[] | undefined> {
  const text = await readFile(join(folder, labelsFile), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as number[]);
}

/** What a tile is of, in voxels of its level. */
export interface TileArea {
  readonly plane: TileAddress["plane"];
  readonly level: number;
  /** Of the level (z, y, x). */
  readonly voxels: Shape3;
  /** (z, y, x), cubes of the level. */
  readonly cubes: Shape3;
  readonly slice: number;
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/** Undefined outside of the volume, and for addresses that are none. */
export function tileArea(
  { plane, level, slice, row, column }: TileAddress,
  shape: Shape3,
): TileArea | undefined {
  if (!Object.hasOwn(planeAxes, plane)) return undefined;
  if (![level, slice, row, column].every((number) => Number.isSafeInteger(number) && number >= 0))
    return undefined;
  if (level >= levelsOf(shape)) return undefined;
  const voxels = levelShape(shape, level);
  const { across, down, through } = planeAxes[plane];
  // axes count from x, shapes from z
  const [height, width, depth] = [voxels[2 - down]!, voxels[2 - across]!, voxels[2 - through]!];
  const [top, left] = [row * tileEdge, column * tileEdge];
  if (slice >= depth || top >= height || left >= width) return undefined;
  const [rows, columns] = [Math.min(tileEdge, height - top), Math.min(tileEdge, width - left)];
  return { plane, level, voxels, cubes: cubeCounts(shape, level), slice, top, left, rows, columns };
}

interface CubeSource {
  readonly file: FileHandle;
  readonly memory: CubeMemory;
  readonly name: string;
}

async function readArea(area: TileArea, source: CubeSource): Promise<TileCodes> {
  const { rows, columns, top, left } = area;
  const codes = new Uint16Array(rows * columns);
  const pieces: Promise<void>[] = [];
  for (let down = top >> 6; down <= (top + rows - 1) >> 6; down++)
    for (let across = left >> 6; across <= (left + columns - 1) >> 6; across++)
      pieces.push(copyPiece(area, { down, across, codes }, source));
  await Promise.all(pieces);
  return { rows, columns, codes };
}

interface Piece {
  /** Cube of the tile's rows, and of its columns. */
  readonly down: number;
  readonly across: number;
  readonly codes: Uint16Array;
}

/** The part of a tile that lies in one cube. Tiles begin where cubes do. */
async function copyPiece(area: TileArea, { down, across, codes }: Piece, source: CubeSource): Promise<void> {
  const { plane, slice, top, left, rows, columns, cubes } = area;
  const [through, inside] = [slice >> 6, slice & 63];
  const [z, y, x] = cubeOf(plane, { down, across, through });
  const index = (z * cubes[1] + y) * cubes[2] + x;
  const [voxels, strides] =
    plane === "xy"
      ? [await readXy(source, index, inside), { start: 0, row: cubeEdge, column: 1 }]
      : [await readCube(source, index), stridesOf(plane, inside)];
  const [firstRow, firstColumn] = [down * cubeEdge - top, across * cubeEdge - left];
  const [height, width] = [Math.min(cubeEdge, rows - firstRow), Math.min(cubeEdge, columns - firstColumn)];
  for (let row = 0; row < height; row++) {
    const to = (firstRow + row) * columns + firstColumn;
    const from = strides.start + row * strides.row;
    if (strides.column === 1) codes.set(voxels.subarray(from, from + width), to);
    else
      for (let column = 0; column < width; column++)
        codes[to + column] = voxels[from + column * strides.column]!;
  }
}

function cubeOf(
  plane: TileArea["plane"],
  { down, across, through }: { readonly down: number; readonly across: number; readonly through: number },
): Shape3 {
  if (plane === "xy") return [through, down, across];
  return plane === "xz" ? [down, through, across] : [across, down, through];
}

/** Steps through a cube (z, y, x) for a slice of it. */
function stridesOf(plane: "xz" | "yz", inside: number): { start: number; row: number; column: number } {
  const square = cubeEdge * cubeEdge;
  if (plane === "xz") return { start: inside * cubeEdge, row: square, column: 1 };
  return { start: inside, row: cubeEdge, column: square };
}

async function readXy(
  { file, memory, name }: CubeSource,
  index: number,
  inside: number,
): Promise<Uint16Array> {
  const square = cubeEdge * cubeEdge;
  const known = memory.find(name, index);
  if (known) return (await known).subarray(inside * square, (inside + 1) * square);
  const codes = new Uint16Array(square);
  await readAll(file, codes, index * cubeBytes + inside * square * 2);
  return codes;
}

const readCube = ({ file, memory, name }: CubeSource, index: number): Promise<Uint16Array> =>
  memory.take(name, index, async () => {
    const codes = new Uint16Array(cubeVoxels);
    await readAll(file, codes, index * cubeBytes);
    return codes;
  });
