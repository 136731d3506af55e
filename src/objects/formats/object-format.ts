import type { Result } from "../../core/result.ts";
import type { Shape3, Triple } from "../../volume/volume.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";

/** A field of an object that a file may hold. */
export type ObjectField = Exclude<keyof TomogramObject, "extra">;

/** What is known of the tomogram whose objects are meant, for formats whose files do not say it. */
export interface KnownTomogram {
  /** Of the table, as far as they have been given: its id, and its number in lists of several tomograms. */
  readonly row?: { readonly id?: string; readonly index?: number };
  /** (z, y, x), Å a voxel: for formats that count in Å. */
  readonly voxelSizeAngstrom?: Triple;
  /** (z, y, x), voxels: for formats that count from the centre of the volume. */
  readonly shape?: Shape3;
  /**
   * How many pixels of the file's coordinates make one voxel of the tomogram along an edge: 4 where the file counts in unbinned pixels
   * and the tomogram is binned by 4. Where it is given it counts more than what the file says of itself.
   */
  readonly binning?: number;
}

/** What a caller wants of a file, and knows of it. */
export interface ObjectFileOptions {
  /** Name of the format; default: by the file's extension. */
  readonly format?: string;
  /** Label for objects of a file that names no class. */
  readonly label?: number;
  readonly tomogram?: KnownTomogram;
  /** For writing lists of several tomograms: what is known of each, by its id, where it is not `tomogram` for all. */
  readonly tomogramOf?: (id: string) => KnownTomogram | undefined;
  /** Names of the classes, for formats that know no labels. */
  readonly classes?: readonly { readonly label: number; readonly name: string }[];
  /** The file that is written, for formats that say something in its name. */
  readonly path?: string;
  /** The formats that are known; default: `objectFormats`. */
  readonly formats?: readonly ObjectFormatEntry[];
}

/** A format as the registry knows it before its module is loaded. */
export interface ObjectFormatEntry {
  readonly name: string;
  /** For people, e.g. in `--help`. */
  readonly title: string;
  /** Lower case, with the dot. */
  readonly extensions: readonly string[];
  load(): Promise<ObjectFormat>;
}

/** What survives when a list is written and read again. */
export interface ObjectFormatCapabilities {
  readonly fields: ReadonlySet<ObjectField>;
  /** Columns or attributes that we do not know. */
  readonly extra: boolean;
  /** Where `extra` is false: the own columns that it can hold all the same. */
  readonly ownColumns?: ReadonlySet<string>;
  /** What of the tomogram must be known to read and write the format. */
  readonly requires: readonly (keyof KnownTomogram)[];
}

/**
 * The objects of a file that tells them only together with their tomogram, asked once for each tomogram. Those of others may be
 * among them: whoever asks chooses by `tomogramId` and `tomogramIndex`.
 */
export interface ObjectsByTomogram {
  (tomogram: KnownTomogram): Result<ObjectList>;
  /** What of the tomogram must be known for this file, where that is not what the format says. */
  readonly requires?: readonly (keyof KnownTomogram)[];
  /**
   * Of the tomogram's size, voxel size and binning the coordinates are no more than scaled and shifted: those in any one tomogram tell
   * all that the file says.
   */
  readonly isScaled?: boolean;
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
   * Every mistake of the file is a diagnostic with its place. A file for many tomograms is read once; where the objects are not
   * to be told without their tomogram, the answer is a function of that.
   * @param source the file's path, for the diagnostics
   */
  read(
    bytes: Uint8Array,
    source: string,
    options: ObjectFileOptions,
  ): Promise<Result<ObjectList | ObjectsByTomogram>>;
  /** @throws TomoflowError where the format cannot hold the list at all */
  write(list: ObjectList, options: ObjectFileOptions): Promise<Uint8Array>;
  /** What of this list gets lost, or is made up, beyond the fields that the format cannot hold: `3 objects have no angles: …`. */
  losses?(list: ObjectList, options: ObjectFileOptions): readonly string[];
}
