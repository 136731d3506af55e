import { sliceVoxel } from "../demand.ts";
import type { PaneRect } from "../panes.ts";
import { type Plane, type Position, planeAxes, pointOf } from "../planes.ts";
import type { ShownVolume } from "../slice-source.ts";
import {
  ancestorOf,
  averagedSlices,
  levelFor,
  listTiles,
  type TileAddress,
  tileEdge,
  tileKey,
  tilesInSight,
} from "../tiles.ts";
import type { ViewerState } from "../viewer-store.ts";
import type { Atlas, PlacedTile } from "./atlas.ts";
import { compileProgram, type Program } from "./program.ts";
import { greyFragment, labelFragment, mostAveraged, scoreFragment, tileVertex } from "./slice-shaders.ts";

/** How a volume is drawn in a pane. */
export type SlicePaint =
  | {
      readonly kind: "grey";
      /** Values of the volume drawn black and white. */
      readonly black: number;
      readonly white: number;
      readonly opacity: number;
      readonly averaged: number;
      readonly smooth: boolean;
    }
  | {
      readonly kind: "labels";
      readonly opacity: number;
      readonly outlined: boolean;
      readonly colors: WebGLTexture;
    }
  | { readonly kind: "scores"; readonly opacity: number; readonly least: number };

export type Detail = "complete" | "coarse" | "empty";

/** The worse of two. */
export const worse = (one: Detail, other: Detail): Detail =>
  one === "empty" || other === "empty"
    ? "empty"
    : one === "coarse" || other === "coarse"
      ? "coarse"
      : "complete";

export interface SlicePainter {
  /**
   * Draws a volume's slice into a pane, whose viewport is set. Tiles that are not here yet are drawn from coarser ones.
   * @returns `complete`: everything was there at its full detail; `coarse`: everything, some of it coarser; `empty`: not everything
   */
  paint(
    pane: PaneRect,
    volume: ShownVolume,
    how: { paint: SlicePaint; state: ViewerState; pixelRatio: number; fineness: number; moving: boolean },
  ): Detail;
}

interface Found {
  readonly tile: PlacedTile;
  readonly address: TileAddress;
}

export function createSlicePainter(gl: WebGL2RenderingContext, atlas: Atlas): SlicePainter {
  // each when it is first needed: the first picture waits for one alone
  const programs = new Map<string, Program>();
  const programOf = (paint: SlicePaint): Program => {
    const averaged = paint.kind === "grey" && paint.averaged > 1;
    const smooth = paint.kind === "grey" && paint.smooth;
    const name = `${paint.kind} ${averaged} ${smooth}`;
    const known = programs.get(name);
    if (known) return known;
    const fragments = {
      grey: () => greyFragment({ averaged, smooth }),
      labels: () => labelFragment,
      scores: () => scoreFragment,
    };
    const made = compileProgram(gl, tileVertex, fragments[paint.kind]());
    programs.set(name, made);
    return made;
  };

  const findBest = (address: TileAddress, levels: number): Found | undefined => {
    for (let level = address.level; level < levels; level++) {
      const holder = ancestorOf(address, level);
      const tile = atlas.get(tileKey(holder));
      if (tile) return { tile, address: holder };
    }
    return undefined;
  };

  return {
    paint: (pane, volume, { paint, state, pixelRatio, fineness, moving }) => {
      const plane = pane.what as Plane;
      const { through } = planeAxes[plane];
      const level = levelFor(state.view, fineness, volume.levels);
      const at = sliceVoxel(state, plane);
      const program = programOf(paint);
      gl.useProgram(program.handle);
      if (paint.kind === "grey" && paint.opacity === 1) gl.disable(gl.BLEND);
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, atlas.texture);
      gl.uniform1i(program.uniform("atlas"), 0);
      setPaint(gl, program, { paint, volume, pixelRatio });
      let detail: Detail = "complete";
      for (const { row, column } of listTiles(
        tilesInSight(plane, level, { view: state.view, size: pane, shape: volume.shape }),
      )) {
        const address = { volume: volume.id, plane, level, slice: Math.floor(at / 2 ** level), row, column };
        const found = findBest(address, volume.levels);
        // while it moves one plane of a block is as good as its mean
        if (found?.address.level !== level || (found.tile.rough && !moving))
          detail = worse(detail, found ? "coarse" : "empty");
        if (!found) continue;
        if (paint.kind === "grey" && paint.averaged > 1) {
          const count = Math.min(mostAveraged, paint.averaged);
          const slices = averagedSlices(at, found.address.level, { count, length: volume.shape[through] });
          const layers = slices.flatMap(
            (slice) => atlas.get(tileKey({ ...found.address, slice }))?.layer ?? [],
          );
          if (layers.length < slices.length) detail = worse(detail, "coarse");
          gl.uniform1iv(program.uniform("layers"), layers);
          gl.uniform1i(program.uniform("count"), layers.length);
        } else gl.uniform1i(program.uniform("layer"), found.tile.layer);
        drawTile(gl, program, { pane, plane, volume, state, address, found });
      }
      gl.enable(gl.BLEND);
      return detail;
    },
  };
}

function setPaint(
  gl: WebGL2RenderingContext,
  program: Program,
  { paint, volume: { code }, pixelRatio }: { paint: SlicePaint; volume: ShownVolume; pixelRatio: number },
): void {
  const codeOf = (value: number): number => (value - code.offset) / code.scale;
  gl.uniform1f(program.uniform("opacity"), paint.opacity);
  switch (paint.kind) {
    case "grey": {
      const black = codeOf(paint.black);
      const white = codeOf(paint.white);
      gl.uniform2f(program.uniform("window"), black, white === black ? black + 1e-6 : white);
      return;
    }
    case "labels":
      gl.activeTexture(gl.TEXTURE1);
      gl.bindTexture(gl.TEXTURE_2D, paint.colors);
      gl.uniform1i(program.uniform("colors"), 1);
      gl.uniform1i(program.uniform("outlined"), paint.outlined ? 1 : 0);
      gl.uniform1f(program.uniform("line"), Math.max(1, 1.5 * pixelRatio - 0.5));
      return;
    case "scores":
      gl.uniform2f(program.uniform("window"), codeOf(0), codeOf(1));
      gl.uniform1f(program.uniform("least"), paint.least);
      return;
  }
}

interface TilePlace {
  readonly pane: PaneRect;
  readonly plane: Plane;
  readonly volume: ShownVolume;
  readonly state: ViewerState;
  /** The tile to fill. */
  readonly address: TileAddress;
  /** What fills it: itself or a coarser one. */
  readonly found: Found;
}

function drawTile(
  gl: WebGL2RenderingContext,
  program: Program,
  { pane, plane, volume, state, address, found }: TilePlace,
): void {
  const { across, down } = planeAxes[plane];
  const edge = tileEdge * 2 ** address.level;
  // in voxel edges: 0 is the left edge of voxel 0
  const left = address.column * edge;
  const top = address.row * edge;
  const right = Math.min(left + edge, volume.shape[across]);
  const bottom = Math.min(top + edge, volume.shape[down]);
  const corner = (acrossEdge: number, downEdge: number): readonly [number, number] => {
    const position: [number, number, number] = [0, 0, 0];
    position[across] = acrossEdge - 0.5;
    position[down] = downEdge - 0.5;
    const point = pointOf(position as Position, plane, state.view, pane);
    return [(point.left / pane.width) * 2 - 1, 1 - (point.top / pane.height) * 2];
  };
  gl.uniform4f(program.uniform("target"), ...corner(left, top), ...corner(right, bottom));
  const holder = 2 ** found.address.level;
  const heldLeft = found.address.column * tileEdge;
  const heldTop = found.address.row * tileEdge;
  gl.uniform4f(
    program.uniform("texels"),
    left / holder - heldLeft,
    top / holder - heldTop,
    right / holder - heldLeft,
    bottom / holder - heldTop,
  );
  gl.uniform2i(program.uniform("extent"), found.tile.columns, found.tile.rows);
  gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
}
