/**
 * Tiles straight from the file, while there is no cache. XY and XZ slices lie in whole rows and are read at once; YZ slices lie in
 * single voxels all over the file, which is bearable for small volumes only. A coarser level is made of the middle slice of
 * its block: rough.
 */
import type { Shape3, Triple, VolumeReader } from "../../../volume/volume.ts";
import type { TileAddress } from "../../protocol/slices.ts";
import { type CodingWay, encodeVoxels } from "./coding.ts";
import { type TileArea, type TileCodes, tileArea } from "./pyramid.ts";
import { shrinkPlane } from "./shrink.ts";

/** Voxels of a volume up to which YZ slices are read from the file. */
const smallVolume = 1 << 27;

export interface DirectOptions extends CodingWay {
  readonly signal?: AbortSignal;
}

export interface DirectTile extends TileCodes {
  readonly rough: boolean;
}

/** Undefined where the tile lies outside of the volume, or would take too long. Throws what the codec throws. */
export async function readDirectTile(
  reader: VolumeReader,
  address: TileAddress,
  { signal, ...way }: DirectOptions,
): Promise<DirectTile | undefined> {
  const { shape } = reader.info;
  const area = tileArea(address, shape);
  if (area === undefined || (area.plane === "yz" && voxelsOf(shape) > smallVolume)) return undefined;
  const { start, box, rows, columns } = boxOf(area, shape);
  const codes = encodeVoxels(await reader.readBox(start, box, signal), way);
  // as it was read a YZ slice has z downwards
  const plane = area.plane === "yz" ? turned(codes, columns, rows) : codes;
  const factor = 2 ** area.level;
  return {
    rows: area.rows,
    columns: area.columns,
    codes: shrinkPlane(plane, { height: rows, width: columns, factor }, way.isLabels),
    rough: area.level > 0,
  };
}

const voxelsOf = ([z, y, x]: Shape3): number => z * y * x;

/** One voxel thick, in voxels of the file. */
function boxOf({ plane, level, slice, top, left, rows, columns, voxels: _ }: TileArea, shape: Shape3) {
  const factor = 2 ** level;
  const [fromRow, fromColumn] = [top * factor, left * factor];
  const span = (length: number, from: number, count: number) =>
    Math.min(length, (from + count) * factor) - from * factor;
  const middle = (length: number) => Math.min(length - 1, slice * factor + (factor >> 1));
  const [depth, height, width] = shape;
  if (plane === "xy") {
    const size = { rows: span(height, top, rows), columns: span(width, left, columns) };
    const start: Triple = [middle(depth), fromRow, fromColumn];
    return { start, box: [1, size.rows, size.columns] as Shape3, ...size };
  }
  if (plane === "xz") {
    const size = { rows: span(depth, top, rows), columns: span(width, left, columns) };
    const start: Triple = [fromRow, middle(height), fromColumn];
    return { start, box: [size.rows, 1, size.columns] as Shape3, ...size };
  }
  const size = { rows: span(height, top, rows), columns: span(depth, left, columns) };
  const start: Triple = [fromColumn, fromRow, middle(width)];
  return { start, box: [size.columns, size.rows, 1] as Shape3, ...size };
}

/** (height, width) codes as (width, height). */
function turned(codes: Uint16Array, height: number, width: number): Uint16Array {
  const target = new Uint16Array(codes.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      target[column * height + row] = codes[row * width + column]!;
  return target;
}
