import type { Ranges3 } from "../network/restrict.ts";

/** One tile's result; boxes are in voxels of the volume. */
export interface SegmentedTile {
  readonly box: Ranges3;
  /** (z, y, x) of the box. */
  readonly labels: Uint8Array;
  /** (class, z, y, x) of the box; only when asked for. */
  readonly scores?: Float32Array;
}
