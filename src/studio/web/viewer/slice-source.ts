import type { Tile, TileAddress } from "../../protocol/slices.ts";
import type { VolumeAnswer } from "../../protocol/volumes.ts";

/** What the viewer must know of a volume; `openVolume` gives it. */
export type ShownVolume = Pick<
  VolumeAnswer,
  "id" | "name" | "shape" | "voxelSizeAngstrom" | "levels" | "code" | "yUp" | "contrast"
>;

/** Gives tiles of open volumes. */
export interface SliceSource {
  /** All that is wanted now, the most urgent first: what was asked for earlier and is not in the list any more is given up. */
  want(tiles: readonly TileAddress[]): void;
  onTile(listener: (tile: Tile) => void): () => void;
  /**
   * Told when tiles must be asked for again: of one volume, whose rough ones can be had exact now; of all (null), since the
   * connection was lost in between.
   */
  onChange(listener: (volume: string | null) => void): () => void;
}
