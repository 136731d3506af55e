/** The value of a voxel, read from the tiles that are here. */
import { sliceVoxel } from "./demand.ts";
import type { Atlas } from "./gl/atlas.ts";
import { type Plane, type Position, planeAxes } from "./planes.ts";
import type { ShownVolume } from "./slice-source.ts";
import { tileEdge, tileKey } from "./tiles.ts";
import type { ViewerState } from "./viewer-store.ts";

export interface Reading {
  readonly value: number;
  /** False: the mean of a block, from a coarser level. */
  readonly exact: boolean;
}

/** The value under a position of a plane, of the finest tile that is here; null beside the volume and before any came. */
export function readValue(
  atlas: Atlas,
  volume: ShownVolume,
  { plane, position, state }: { plane: Plane; position: Position; state: ViewerState },
): Reading | null {
  const { across, down } = planeAxes[plane];
  const [column, row] = [Math.round(position[across]), Math.round(position[down])];
  if (column < 0 || row < 0 || column >= volume.shape[across] || row >= volume.shape[down]) return null;
  const slice = sliceVoxel(state, plane);
  for (let level = 0; level < volume.levels; level++) {
    const edge = 2 ** level;
    const [u, v] = [Math.floor(column / edge), Math.floor(row / edge)];
    const tile = atlas.get(
      tileKey({
        volume: volume.id,
        plane,
        level,
        slice: Math.floor(slice / edge),
        row: Math.floor(v / tileEdge),
        column: Math.floor(u / tileEdge),
      }),
    );
    if (!tile) continue;
    const code = tile.codes[(v % tileEdge) * tile.columns + (u % tileEdge)]!;
    return { value: volume.code.offset + volume.code.scale * code, exact: level === 0 };
  }
  return null;
}
