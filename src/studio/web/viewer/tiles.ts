/**
 * Which tiles a pane needs. Level l of the pyramid holds blocks of 2^l × 2^l × 2^l voxels as one; its slice of the cross-hair's voxel
 * k is floor(k / 2^l). A tile is 256 × 256 texels of one slice of one level, fewer at the far edges.
 */
import { type TileAddress, tileEdge } from "../../protocol/slices.ts";
import { type Plane, type Position, pixelsPerVoxel, planeAxes, type Size, type View } from "./planes.ts";

export type { TileAddress } from "../../protocol/slices.ts";
export { tileEdge } from "../../protocol/slices.ts";

export const tileKey = ({ volume, plane, level, slice, row, column }: TileAddress): string =>
  `${volume}|${plane}|${level}|${slice}|${row}|${column}`;

/** (x, y, z) voxels of a level. */
export function levelShape(shape: Position, level: number): Position {
  const edge = 2 ** level;
  return [Math.ceil(shape[0] / edge), Math.ceil(shape[1] / edge), Math.ceil(shape[2] / edge)];
}

/** The coarsest level that still has a texel for every pixel of the screen, within what the pyramid has. */
export function levelFor(view: View, pixelRatio: number, levels: number): number {
  const voxelsPerPixel = 1 / (view.zoom * pixelRatio);
  return Math.min(levels - 1, Math.max(0, Math.floor(Math.log2(voxelsPerPixel) + 1e-9)));
}

/** Rows and columns of tiles of a level that are in sight; empty (to < from) when the volume is beside the pane. */
export interface TileRange {
  readonly rows: { readonly from: number; readonly to: number };
  readonly columns: { readonly from: number; readonly to: number };
}

export function tilesInSight(
  plane: Plane,
  level: number,
  { view, size, shape }: { view: View; size: Size; shape: Position },
): TileRange {
  const { across, down } = planeAxes[plane];
  const scale = pixelsPerVoxel(plane, view);
  const span = (axis: 0 | 1 | 2, pixels: number, perVoxel: number) => {
    const half = pixels / 2 / Math.abs(perVoxel);
    const edge = tileEdge * 2 ** level;
    const last = Math.ceil(levelShape(shape, level)[axis] / tileEdge) - 1;
    return {
      from: Math.max(0, Math.floor((view.centre[axis] - half + 0.5) / edge)),
      to: Math.min(last, Math.floor((view.centre[axis] + half + 0.5) / edge)),
    };
  };
  return { columns: span(across, size.width, scale.across), rows: span(down, size.height, scale.down) };
}

/** Every tile of a range, from the middle outwards. */
export function listTiles({ rows, columns }: TileRange): readonly { row: number; column: number }[] {
  const found: { row: number; column: number; far: number }[] = [];
  const middleRow = (rows.from + rows.to) / 2;
  const middleColumn = (columns.from + columns.to) / 2;
  for (let row = rows.from; row <= rows.to; row++)
    for (let column = columns.from; column <= columns.to; column++)
      found.push({ row, column, far: Math.hypot(row - middleRow, column - middleColumn) });
  return found.sort((one, other) => one.far - other.far);
}

/** The slices of a level that an average over `count` neighbouring slices around the voxel `at` takes, the middle first. */
export function averagedSlices(
  at: number,
  level: number,
  { count, length }: { count: number; length: number },
): readonly number[] {
  const edge = 2 ** level;
  const first = Math.round(at) - Math.floor((count - 1) / 2);
  const middle = Math.floor(Math.round(at) / edge);
  const slices = new Set([middle]);
  for (let voxel = first; voxel < first + count; voxel++)
    if (voxel >= 0 && voxel < length) slices.add(Math.floor(voxel / edge));
  return [...slices];
}

/** Where a tile's texels lie in a coarser tile that holds them too. */
export function ancestorOf(tile: TileAddress, level: number): TileAddress {
  const factor = 2 ** (level - tile.level);
  return {
    ...tile,
    level,
    slice: Math.floor(tile.slice / factor),
    row: Math.floor(tile.row / factor),
    column: Math.floor(tile.column / factor),
  };
}
