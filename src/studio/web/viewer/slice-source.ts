import type { Position } from "./planes.ts";
import type { TileAddress } from "./tiles.ts";

/** What is known of a volume once it is open. */
export interface ShownVolume {
  /** Names it to the source of its slices. */
  readonly id: string;
  /** Shown to people: the file's name. */
  readonly name: string;
  /** (x, y, z) voxels. */
  readonly shape: Position;
  /** (x, y, z), Å; null when the file does not say. */
  readonly voxelSizeAngstrom: Position | null;
  /** How many levels there are: each halves all three axes. */
  readonly levels: number;
  /** The value of code c is `offset + scale × c`; codes are 0 to 65535, for labels the classes themselves. */
  readonly code: { readonly offset: number; readonly scale: number };
  /** Of MRC files, whose y grows upwards in the programs of the field. */
  readonly yUp: boolean;
}

/** A tile as it arrives: `codes` has `rows` × `columns` texels, rows first. */
export interface Tile {
  readonly address: TileAddress;
  readonly rows: number;
  readonly columns: number;
  /** (row, column), 0 to 65535. */
  readonly codes: Uint16Array;
}

/** Gives tiles of open volumes. */
export interface SliceSource {
  /** All that is wanted now, the most urgent first: what was asked for earlier and is not in the list any more is given up. */
  want(tiles: readonly TileAddress[]): void;
  onTile(listener: (tile: Tile) => void): () => void;
  /** Told when tiles may have to be asked for again: the connection came back, or a finer cache is ready. */
  onChange(listener: () => void): () => void;
}
