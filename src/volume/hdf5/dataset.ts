/** Finds the volume in an HDF5 file and says what it is. */
import { basename } from "node:path";
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5Dataset, type Hdf5File, type Hdf5Library, type OpenHdf5 } from "../../core/hdf5.ts";
import { findAxes, type StoredAxes } from "../stored-axes.ts";
import type { Oddity, VoxelType } from "../volume.ts";
import { readAxisNames } from "./axis-names.ts";
import { type EmanImage, readEmanImage } from "./eman.ts";

/** Advice for a data set that is refused. */
const axesHint =
  'a volume has three axes z, y, x, of integers or floating-point numbers; one channel or time of several has to become a data set of its own, in Python: file.create_dataset("volume", data=file["NAME"][..., 0])';

const notAVolume = (path: string, name: string, refusal: string): TomoflowError =>
  new TomoflowError("hdf5-not-volume", `${path}: the data set \`${name}\` ${refusal}`, { hint: axesHint });

/** The data set's name where nobody says another, as in DeepFinder's files. */
export const defaultDataset = "dataset";

/** Taken where nobody says another name and there is no `dataset`: ilastik's. */
const otherDefault = "exported_data";

/** How voxels lie in the file. */
export interface StoredVoxels {
  /** 64-bit integers come as float64. */
  readonly type: VoxelType;
  readonly bytesPerVoxel: number;
  /** Set for 64-bit integers. */
  readonly wide?: "signed" | "unsigned";
}

export interface FoundVolume {
  /** Path inside the file. */
  readonly name: string;
  readonly dataset: Hdf5Dataset;
  readonly axes: StoredAxes;
  readonly stored: StoredVoxels;
  /** What EMAN2 says of it. */
  readonly eman: EmanImage | null;
  readonly oddities: readonly Oddity[];
}

/**
 * The data set asked for, or `dataset`, or `exported_data`, or the only volume there is. Throws `hdf5-dataset-missing` (which
 * lists what there is), `hdf5-not-volume`, `hdf5-axes` or `hdf5-elsewhere`.
 */
export function findVolume(open: OpenHdf5, asked: string | undefined): FoundVolume {
  const name = (asked ?? defaultDataset).replace(/^\/+/, "");
  const dataset = datasetAt(open, name);
  if (dataset) return describeVolume(dataset, open, name);
  const others = listVolumes(open);
  const only =
    asked === undefined ? (others.find((other) => other === otherDefault) ?? single(others)) : undefined;
  if (only === undefined) throw missing(open.path, name, others);
  const found = describeVolume(datasetAt(open, only) as Hdf5Dataset, open, only);
  const message = `there is no data set \`${defaultDataset}\`; read ${others.length > 1 ? "" : "the only volume of the file, "}\`${only}\``;
  return { ...found, oddities: [{ code: "dataset-unnamed", message }, ...found.oddities] };
}

const single = <T>(values: readonly T[]): T | undefined => (values.length === 1 ? values[0] : undefined);

/** Where the data set's object header lies in the file: a reference to an object is its address. */
export const headerAddress = ({ module }: Hdf5Library, file: Hdf5File, name: string): number =>
  Number(Buffer.from(module.create_object_reference(file.file_id, name)).readBigUInt64LE(0));

function datasetAt({ library, file, path }: OpenHdf5, name: string): Hdf5Dataset | undefined {
  const entity = call(library, path, () => (file.paths().includes(name) ? file.get(name) : null));
  return entity instanceof library.Dataset ? entity : undefined;
}

/**
 * Paths of the data sets that can be read as volumes, in the order of the file. Where there are none, that of the only array of three
 * axes or more, to tell why it is none; throws `hdf5-elsewhere` where links to other files are all there is.
 */
function listVolumes(open: OpenHdf5): string[] {
  const names = call(open.library, open.path, () => open.file.paths());
  const arrays: { readonly name: string; readonly isVolume: boolean }[] = [];
  let elsewhere: unknown;
  for (const name of names) {
    try {
      const isVolume = looksLikeVolume(open, name);
      if (isVolume !== undefined) arrays.push({ name, isVolume });
    } catch (error) {
      if (!(error instanceof TomoflowError && error.code === "hdf5-elsewhere")) throw error;
      elsewhere ??= error;
    }
  }
  const volumes = arrays.filter(({ isVolume }) => isVolume);
  if (volumes.length === 0 && elsewhere !== undefined) throw elsewhere;
  return (volumes.length > 0 || arrays.length > 1 ? volumes : arrays).map(({ name }) => name);
}

/** Undefined for what is no array of numbers with three axes. */
function looksLikeVolume(open: OpenHdf5, name: string): boolean | undefined {
  const dataset = datasetAt(open, name);
  const shape = dataset && call(open.library, open.path, () => dataset.shape);
  if (!shape || shape.length < 3 || call(open.library, open.path, () => storedVoxels(dataset)) === null)
    return undefined;
  return "axes" in findAxes(shape, readAxisNames(open, dataset, shape.length));
}

function missing(path: string, name: string, others: readonly string[]): TomoflowError {
  const hint =
    others.length > 0
      ? `it holds ${others.slice(0, 8).join(", ")}${others.length > 8 ? ", …" : ""}; name one with --dataset, or behind the file as in ${basename(path)}#/${others[0]}`
      : "it holds no volume at all: a data set of numbers with the axes z, y, x";
  return new TomoflowError("hdf5-dataset-missing", `${path} has no data set \`${name}\``, { hint });
}

function describeVolume(dataset: Hdf5Dataset, open: OpenHdf5, name: string): FoundVolume {
  const { library, path } = open;
  const lengths = call(library, path, () => dataset.shape) ?? [];
  const stored = call(library, path, () => storedVoxels(dataset));
  const found = findAxes(lengths, lengths.length > 0 ? readAxisNames(open, dataset, lengths.length) : null);
  if ("refusal" in found) throw notAVolume(path, name, found.refusal);
  if (!stored) throw notAVolume(path, name, "does not hold numbers");
  const { axes, oddities } = found;
  const eman = readEmanImage(open, name);
  const told = [...oddities, ...typeOddities(stored), ...(eman?.oddities ?? [])];
  return { name, dataset, stored, axes, eman, oddities: told };
}

const typeOddities = ({ wide }: StoredVoxels): Oddity[] =>
  wide
    ? [{ code: "wide-integers", message: "the voxels are 64-bit integers; they are handed out as float64" }]
    : [];

/** HDF5's type classes. */
const integerClass = 0;
const floatClass = 1;
const enumClass = 8;

/** Null for what are no numbers. An enumeration (as h5py stores truth values) is read as its integers. */
function storedVoxels(dataset: Hdf5Dataset): StoredVoxels | null {
  const { type, size, signed } = dataset.metadata;
  if (type === floatClass && (size === 2 || size === 4 || size === 8))
    return { type: `float${size * 8}` as VoxelType, bytesPerVoxel: size };
  if (type !== integerClass && type !== enumClass) return null;
  if (size === 8) return { type: "float64", bytesPerVoxel: 8, wide: signed ? "signed" : "unsigned" };
  if (size !== 1 && size !== 2 && size !== 4) return null;
  return { type: `${signed ? "int" : "uint"}${size * 8}` as VoxelType, bytesPerVoxel: size };
}
