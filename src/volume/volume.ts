import type { ByteFolder, VolumeSource } from "./byte-folder.ts";
import type { ByteSource } from "./byte-source.ts";

/** Number of voxels (z, y, x). */
export type Shape3 = readonly [z: number, y: number, x: number];

/** A triple in (z, y, x) order: a position in voxels, or a length in Å. */
export type Triple = readonly [z: number, y: number, x: number];

/** How a voxel is stored; values are as numbers in memory whatever the type. */
export type VoxelType =
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "float16"
  | "float32"
  | "float64";

/** Float16 voxels are handed out as Float32Array: Node 20 has no Float16Array. */
export type VoxelArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Where a volume sits in space. Both travel with every volume and are written to every output. */
export interface Sampling {
  /** (z, y, x), Å a voxel; null when the file does not say. */
  readonly voxelSizeAngstrom: Triple | null;
  /** (z, y, x), Å. */
  readonly originAngstrom: Triple;
}

/** A whole volume in memory. */
export interface Volume extends Sampling {
  /** (z, y, x), x fastest. */
  readonly data: VoxelArray;
  readonly shape: Shape3;
  /** Free texts that travel with the file (MRC labels). */
  readonly labels?: readonly string[];
}

/** Something unusual about a file that was read all the same; `tomoflow volume info` explains each. */
export interface Oddity {
  /** Stable, kebab-case, e.g. `machine-stamp-missing`. */
  readonly code: string;
  readonly message: string;
}

export interface VolumeInfo extends Sampling {
  /** Of the file, or the name of the source. */
  readonly path: string;
  /** e.g. `MRC mode 2 (float32)`, `HDF5`. */
  readonly format: string;
  readonly shape: Shape3;
  /** The type on disk. */
  readonly type: VoxelType;
  readonly labels: readonly string[];
  /** What else the file says, by name, for people: statistics in the header, chunks, … */
  readonly properties?: Readonly<Record<string, string>>;
  readonly oddities: readonly Oddity[];
}

/** An open file: reads boxes without loading the rest. */
export interface VolumeReader {
  readonly info: VolumeInfo;
  /** Voxels of the box [start, start + shape), (z, y, x) order, the box fully inside the volume. */
  readBox(start: Triple, shape: Shape3, signal?: AbortSignal): Promise<VoxelArray>;
  /** Gives the file back; nothing can be read after. */
  close(): Promise<void>;
}

/** What a new file shall hold. */
export interface VolumeSpec extends Sampling {
  readonly shape: Shape3;
  readonly type: VoxelType;
  readonly labels?: readonly string[];
}

/** A file being written, plane by plane in order of z; `close` writes the statistics and syncs to disk. */
export interface VolumeWriter {
  /** `planes` holds one or more whole (y, x) planes that follow those written before. */
  append(planes: VoxelArray): Promise<void>;
  /** Completes the file and gives it its name. */
  close(): Promise<void>;
  /** Gives up: closes the file and removes what was written. */
  abort(): Promise<void>;
}

/** Several volumes of one shape and type being written to one file, by name. */
export interface VolumeSetWriter {
  /** As `VolumeWriter.append`, for one of them. */
  append(name: string, planes: VoxelArray): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

export interface OpenOptions {
  /**
   * The data set of an HDF5 file: `dataset`, or the only volume in the file, when not given. The level, image or array of a Zarr store
   * (`1`, `labels/membranes`): the finest level when not given.
   */
  readonly dataset?: string;
  /** The formats that are known; default: `volumeFormats`. */
  readonly formats?: readonly VolumeFormat[];
  readonly signal?: AbortSignal;
}

export interface CreateOptions {
  /** The data set of an HDF5 file: `dataset` when not given. */
  readonly dataset?: string;
  /** The version of OME-Zarr: 0.5 (Zarr 3) when not given, or 0.4 (Zarr 2). */
  readonly omeZarr?: OmeZarrVersion;
}

export type OmeZarrVersion = "0.4" | "0.5";

/**
 * How volumes of one format are read and written. Registered in `volume-formats.ts`, the module loaded when first needed.
 * Reading goes by the source alone, so that it may be a file, memory or something far away.
 */
export interface VolumeCodec<Source extends VolumeSource = ByteSource> {
  /** The type for these voxels where the caller names none. */
  preferredType(voxels: VoxelArray): VoxelType;
  /** The reader closes the source; when `open` throws, the caller does. */
  open(source: Source, options: OpenOptions): Promise<VolumeReader>;
  /** Not for formats that are read alone: these say so with `insteadOfWriting`. */
  create?(path: string, spec: VolumeSpec, options: CreateOptions): Promise<VolumeWriter>;
  /** For formats whose files hold several volumes. */
  createSet?(path: string, spec: VolumeSpec, names: readonly string[]): Promise<VolumeSetWriter>;
}

/** A format as the registry knows it before its module is loaded. */
export type VolumeFormat = FileFormat | FolderFormat;

interface NamedFormat {
  /** For people: `MRC`. */
  readonly title: string;
  /** Lower case, with the dot: what a new file of the format is called. */
  readonly extensions: readonly string[];
  /** For formats that are read alone: what to write instead. */
  readonly insteadOfWriting?: string;
}

/** A format of volumes in one piece. */
export interface FileFormat extends NamedFormat {
  /** By the first bytes, 4096 where there are as many. */
  readonly recognises: (start: Uint8Array) => boolean;
  readonly load: () => Promise<VolumeCodec>;
}

/** A format of volumes in many pieces, in a folder. */
export interface FolderFormat extends NamedFormat {
  /** Keys of which every volume of the format has one. */
  readonly marks: readonly string[];
  readonly load: () => Promise<VolumeCodec<ByteFolder>>;
}

export const voxelCount = (shape: Shape3): number => shape[0] * shape[1] * shape[2];

/** `200×512×512`, always (z, y, x). */
export const formatShape = (shape: Shape3): string => shape.join("×");
