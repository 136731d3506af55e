import type { Tile } from "../../../protocol/slices.ts";
import { tileEdge, tileKey } from "../tiles.ts";

/** A tile that is on the GPU. */
export interface PlacedTile {
  readonly layer: number;
  readonly rows: number;
  readonly columns: number;
  /** (row, column): the same codes, to tell the value under the pointer. */
  readonly codes: Uint16Array;
  /** There will be a better one. */
  readonly rough: boolean;
}

/** Tiles on the GPU as layers of one texture; the longest unused makes room for a new one. */
export interface Atlas {
  readonly texture: WebGLTexture;
  readonly layers: number;
  put(tile: Tile): void;
  /** The tile, counted as used now. */
  get(key: string): PlacedTile | undefined;
  /** Whether it need not be asked for: it is here, and no better one is to be had. */
  has(key: string): boolean;
  /** The rough tiles of a volume can be had better now. */
  doubt(volume: string): void;
  /** Drops what belongs to a volume that is shown no more. */
  drop(volume: string): void;
  /** Layers with a tile in them. */
  filled(): number;
}

/**
 * 128 KiB a layer: 1024 layers are 128 MiB on the GPU, and as much again for the values under the pointer. Where the processor draws,
 * both are of the machine's memory; 512 still hold the 31 slices of the widest average, of 16 tiles each.
 */
const mostLayers = { "memory of the GPU": 1024, "memory of the processor": 512 };

export function createAtlas(gl: WebGL2RenderingContext, where: keyof typeof mostLayers): Atlas {
  const layers = Math.min(mostLayers[where], gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS) as number);
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
  gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.R16UI, tileEdge, tileEdge, layers);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D_ARRAY, name, gl.NEAREST);
  // a Map keeps the order of insertion: the first is the longest unused
  const placed = new Map<string, PlacedTile>();
  const doubted = new Set<string>();
  const free = Array.from({ length: layers }, (_, layer) => layers - 1 - layer);

  const takeLayer = (): number => {
    const layer = free.pop();
    if (layer !== undefined) return layer;
    const [oldest, tile] = placed.entries().next().value!;
    placed.delete(oldest);
    doubted.delete(oldest);
    return tile.layer;
  };
  return {
    texture,
    layers,
    put: ({ address, rows, columns, codes, rough }) => {
      const key = tileKey(address);
      const layer = placed.get(key)?.layer ?? takeLayer();
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
      gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
      gl.texSubImage3D(
        gl.TEXTURE_2D_ARRAY,
        0,
        0,
        0,
        layer,
        columns,
        rows,
        1,
        gl.RED_INTEGER,
        gl.UNSIGNED_SHORT,
        codes,
      );
      placed.delete(key);
      placed.set(key, { layer, rows, columns, codes, rough });
      doubted.delete(key);
    },
    get: (key) => {
      const tile = placed.get(key);
      if (tile) {
        placed.delete(key);
        placed.set(key, tile);
      }
      return tile;
    },
    has: (key) => placed.has(key) && !doubted.has(key),
    doubt: (volume) => {
      for (const [key, { rough }] of placed) if (rough && key.startsWith(`${volume}|`)) doubted.add(key);
    },
    drop: (volume) => {
      for (const [key, { layer }] of placed)
        if (key.startsWith(`${volume}|`)) {
          placed.delete(key);
          free.push(layer);
        }
    },
    filled: () => placed.size,
  };
}
