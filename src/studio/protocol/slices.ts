/**
 * Slices as tiles, over the channel `slices`. The browser says all that it wants, the most urgent first, and says it again at each
 * move: what is not in the newest list is given up. The server sends tiles as binary frames, a few ahead of what the browser has
 * acknowledged, so that a slow connection is never full of slices that nobody looks at any more.
 *
 * Level l of a volume holds blocks of 2^l × 2^l × 2^l voxels as one; its slice of voxel k is floor(k / 2^l). A tile is 256 × 256
 * texels of a slice, fewer at the far edges.
 */
import type { Plane } from "./coordinates.ts";

export const sliceChannel = "slices";

export const tileEdge = 256;

/** Tiles on their way that the browser has not acknowledged. */
export const tilesAhead = 12;

export interface TileAddress {
  /** Id of an open volume. */
  readonly volume: string;
  readonly plane: Plane;
  readonly level: number;
  /** Of this level. */
  readonly slice: number;
  readonly row: number;
  readonly column: number;
}

/** Browser to server. */
export type SliceRequest =
  | { readonly channel: "slices"; readonly type: "want"; readonly tiles: readonly TileAddress[] }
  /** So many tiles have arrived since the last message of this type. */
  | { readonly channel: "slices"; readonly type: "got"; readonly tiles: number };

/** Server to browser, besides tiles. */
export type SliceNews =
  /** A volume can be given more finely or more exactly now: ask again for what was rough or never came. */
  | { readonly channel: "slices"; readonly type: "finer"; readonly volume: string }
  /** How much of the cache of a volume is there, 0 to 1. */
  | { readonly channel: "slices"; readonly type: "progress"; readonly volume: string; readonly done: number }
  | {
      readonly channel: "slices";
      readonly type: "failed";
      readonly volume: string;
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
    };

export interface Tile {
  readonly address: TileAddress;
  readonly rows: number;
  readonly columns: number;
  /** Of one plane in place of a block's mean: there will be a better one. */
  readonly rough: boolean;
  /** (row, column), 0 to 65535. */
  readonly codes: Uint16Array;
}

/** A frame: length of the head (uint32), the head as JSON, filled up to a multiple of 4 with spaces, the codes; little endian. */
export function encodeTile({ codes, ...head }: Tile): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const start = 4 + Math.ceil(text.length / 4) * 4;
  const frame = new Uint8Array(start + codes.length * 2).fill(32, 0, start);
  new DataView(frame.buffer).setUint32(0, start - 4, true);
  frame.set(text, 4);
  frame.set(new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength), start);
  return frame;
}

/** Throws for what is no frame. */
export function decodeTile(frame: ArrayBuffer): Tile {
  const start = 4 + new DataView(frame).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, start - 4))) as Omit<
    Tile,
    "codes"
  >;
  return { ...head, codes: new Uint16Array(frame, start, head.rows * head.columns) };
}
