import type { Result } from "../../core/result.ts";
import type { Shape3, Triple } from "../../volume/volume.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";

/** A field of an object that a file may hold. */
export type ObjectField = Exclude<keyof TomogramObject, "extra">;

/** What a format needs to know beyond the file, or what a caller wants of it. */
export interface ObjectFileOptions {
  /** Name of the format; default: by the file's extension. */
  readonly format?: string;
  /** Label for objects of a file that names no class. */
  readonly label?: number;
  /** (z, y, x), Å a voxel: for formats that count in Å. */
  readonly voxelSizeAngstrom?: Triple;
  /** (z, y, x), voxels: for formats that count from the centre of the volume. */
  readonly shape?: Shape3;
}

/** What survives when a list is written and read again. */
export interface ObjectFormatCapabilities {
  readonly fields: ReadonlySet<ObjectField>;
  /** Columns or attributes that we do not know. */
  readonly extra: boolean;
  /** Options without which the format can be neither read nor written. */
  readonly requires: readonly (keyof ObjectFileOptions)[];
}

/**
 * A file format for object lists, one file each in this folder, registered in `formats.ts`, its module loaded when
 * first needed. A handler turns bytes into objects and back; it opens no file and changes no argument. It converts to
 * our conventions: voxels, 0 = centre of the first voxel, angles phi, psi, the of PyTom and TOM.
 */
export interface ObjectFormat {
  readonly name: string;
  readonly capabilities: ObjectFormatCapabilities;
  /**
   * Every mistake of the file is a diagnostic with its place.
   * @param source the file's path, for the diagnostics
   */
  read(bytes: Uint8Array, source: string, options: ObjectFileOptions): Promise<Result<ObjectList>>;
  write(list: ObjectList, options: ObjectFileOptions): Promise<Uint8Array>;
}
