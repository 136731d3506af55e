/** What a program writes where: the columns of its particles, and how it counts. */
import type { Result } from "../../../core/result.ts";
import type { StarBlock } from "./star-table.ts";

export type Names3 = readonly [x: string, y: string, z: string];

/** A block of particles and those around it. */
export interface ParticleTable {
  readonly particles: StarBlock;
  readonly blocks: readonly StarBlock[];
  readonly source: string;
}

export interface ParticleDialect {
  /** As its format is called. */
  readonly name: string;
  readonly coordinates: Names3;
  /** Å from the centre of the volume (voxel n/2), or pixels, the first voxel's centre having this coordinate. */
  readonly origin: "centre" | 0 | 1;
  /** Added to the coordinates, in their pixels. */
  readonly shifts?: Names3;
  /** The names that the tomogram may have, the first that is there counts. */
  readonly tomogramColumns: readonly string[];
  readonly columns: {
    readonly label: string;
    readonly objectId: string;
    readonly score: string;
    readonly tomogramIndex?: string;
    readonly angles: readonly [string, string, string];
  };
  readonly angles: "relion" | "tom";
  /** Å, of the coordinates' pixels, by particle; undefined where the file does not say. Not asked where they are Å from the centre. */
  pixelSize?(table: ParticleTable): Result<PixelSizes | undefined>;
  /** Å, of the pixels of `rlnOriginX/Y/Z`; those of the coordinates where not known. */
  originPixelSize?(table: ParticleTable): Result<PixelSizes | undefined>;
  /** What the names of tomograms end in for this program alone. */
  readonly tomogramEnding?: string;
}

/** Å, by particle. */
export type PixelSizes = (row: number) => number;

export const relionOrigins: Names3 = ["rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst"];
export const relionOriginPixels: Names3 = ["rlnOriginX", "rlnOriginY", "rlnOriginZ"];
export const subtomogramAngles = [
  "rlnTomoSubtomogramRot",
  "rlnTomoSubtomogramTilt",
  "rlnTomoSubtomogramPsi",
] as const;
const centred: Names3 = [
  "rlnCenteredCoordinateXAngst",
  "rlnCenteredCoordinateYAngst",
  "rlnCenteredCoordinateZAngst",
];
const inPixels: Names3 = ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"];

/** Columns that say where a particle is and how it lies: they are never kept beside the fields that say it, where they would be stale. */
export const placeColumns: ReadonlySet<string> = new Set([
  ...relionOrigins,
  ...relionOriginPixels,
  ...subtomogramAngles,
  ...centred,
  ...inPixels,
]);
