/** Which tiles are wanted now, in the order in which a person misses them. */
import type { PaneRect } from "./panes.ts";
import { type Axis, type Plane, planeAxes } from "./planes.ts";
import type { ShownVolume } from "./slice-source.ts";
import { averagedSlices, levelFor, levelShape, listTiles, type TileAddress, tilesInSight } from "./tiles.ts";
import type { ViewerState } from "./viewer-store.ts";

export interface DemandInput {
  readonly state: ViewerState;
  readonly panes: readonly PaneRect[];
  /** Texels for each CSS pixel. */
  readonly fineness: number;
  /** What pane `which` shows, the one below first; `averaged`: denoise goes over it too. */
  volumesOf(which: 0 | 1): readonly { readonly volume: ShownVolume; readonly averaged: boolean }[];
  /** The axis along which the cross-hair moved last, and which way: those slices come next. */
  readonly heading: { readonly axis: Axis; readonly sign: 1 | -1 } | null;
}

/** Slices fetched ahead on the way, and behind. */
const ahead = 6;
const behind = 2;

/** No more than this many are asked for at once, so that the most urgent are never far down the list. */
const mostWanted = 256;

/**
 * First every pane's coarsest picture, then its slices in full, then neighbours for the average, then those that the next turns
 * of the wheel will show, coarse before fine.
 */
export function wantedTiles(input: DemandInput): readonly TileAddress[] {
  const coarse: TileAddress[] = [];
  const exact: TileAddress[] = [];
  const averaged: TileAddress[] = [];
  const next: TileAddress[] = [];
  for (const pane of input.panes) {
    if (pane.what === "space") continue;
    for (const { volume, averaged: isAveraged } of input.volumesOf(pane.which)) {
      const level = levelFor(input.state.view, input.fineness, volume.levels);
      const tiles = (at: number, of: number): TileAddress[] =>
        tilesOf(input, { pane, volume, at, level: of, plane: pane.what as Plane });
      const at = sliceVoxel(input.state, pane.what);
      coarse.push(...tiles(at, volume.levels - 1));
      exact.push(...tiles(at, level));
      const length = volume.shape[planeAxes[pane.what].through];
      const edge = 2 ** level;
      if (isAveraged)
        for (const slice of averagedSlices(at, level, { count: input.state.averaged, length }).slice(1))
          averaged.push(...tiles(slice * edge, level));
      if (input.heading?.axis !== planeAxes[pane.what].through) continue;
      for (const step of stepsAhead(input.heading.sign)) {
        const voxel = at + step * edge;
        if (voxel < 0 || voxel >= length) continue;
        next.push(...tiles(voxel, volume.levels - 1), ...tiles(voxel, level));
      }
    }
  }
  return [...coarse, ...exact, ...averaged, ...next].slice(0, mostWanted);
}

/** The voxel of the slice that a plane shows. */
export function sliceVoxel(
  { position, shape }: Pick<ViewerState, "position" | "shape">,
  plane: Plane,
): number {
  const { through } = planeAxes[plane];
  return Math.min(shape[through] - 1, Math.max(0, Math.round(position[through])));
}

function* stepsAhead(sign: 1 | -1): Generator<number> {
  for (let step = 1; step <= ahead; step++) {
    yield sign * step;
    if (step <= behind) yield -sign * step;
  }
}

function tilesOf(
  { state: { view } }: DemandInput,
  {
    pane,
    volume,
    at,
    level,
    plane,
  }: { pane: PaneRect; volume: ShownVolume; at: number; level: number; plane: Plane },
): TileAddress[] {
  const { through } = planeAxes[plane];
  const slice = Math.floor(at / 2 ** level);
  if (slice >= levelShape(volume.shape, level)[through]) return [];
  return listTiles(tilesInSight(plane, level, { view, size: pane, shape: volume.shape })).map(
    ({ row, column }) => ({
      volume: volume.id,
      plane,
      level,
      slice,
      row,
      column,
    }),
  );
}
