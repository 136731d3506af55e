/** Volumes that the browser looks at. */
import type { Position } from "./coordinates.ts";

/** `POST /api/volumes/open`. */
export interface OpenVolumeRequest {
  /** Below the root with forward slashes, or absolute for a file named at the start; of HDF5 `a.h5#/volumes/raw` too. */
  readonly path: string;
  /** The data set of an HDF5 file. */
  readonly dataset?: string;
  /** `labels`: whole numbers that are classes; coarser levels keep them instead of averaging. `density` when not given. */
  readonly as?: "density" | "labels";
}

export interface Histogram {
  /** Values of the first bin's lower and the last bin's upper edge. */
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

export interface VolumeAnswer {
  /** Names it in requests, for as long as the studio runs. */
  readonly id: string;
  readonly path: string;
  /** The file's name. */
  readonly name: string;
  readonly format: string;
  /** The type on disk, e.g. `int16`. */
  readonly type: string;
  /** (x, y, z) voxels. */
  readonly shape: Position;
  /** (x, y, z), Å; null when the file does not say. */
  readonly voxelSizeAngstrom: Position | null;
  /** (x, y, z), Å. */
  readonly originAngstrom: Position;
  /** Each level halves all three axes. */
  readonly levels: number;
  /** The value of code c, 0 to 65535, is `offset + scale × c`; exact for whole numbers of 8 and 16 bits and for labels. */
  readonly code: { readonly offset: number; readonly scale: number };
  /** Of MRC files: y grows upwards in the programs of the field. */
  readonly yUp: boolean;
  readonly isLabels: boolean;
  /** A contrast that shows something, in values: from planes around the middle. */
  readonly contrast: { readonly low: number; readonly high: number };
  /** Of the same planes. */
  readonly histogram: Histogram;
  /** Labels seen in these planes, for label maps. */
  readonly labels: readonly number[];
  /** The middle XY slice at the coarsest level, a frame of the channel `slices` in base64; not of label maps. */
  readonly first?: string;
  /** What in the file is strange, for people. */
  readonly oddities: readonly string[];
}

/** `GET /api/volumes/:id/value?x=&y=&z=` */
export interface ValueAnswer {
  /** As the file says, exact; null where it is no number. */
  readonly value: number | null;
}

/** `POST /api/volumes/:id/box`: answered with float32, little endian, in the order (z, y, x). */
export interface BoxRequest {
  /** (x, y, z) voxels. */
  readonly start: Position;
  readonly shape: Position;
}

/** Most voxels of a box. */
export const largestBox = 1 << 20;
