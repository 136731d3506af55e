/** Finds the volume in an HDF5 file and says what it is. */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5Dataset, type Hdf5File, type Hdf5Library } from "../../core/hdf5.ts";
import type { Oddity, Sampling, Shape3, Triple, VoxelType } from "../volume.ts";

/** The data set's name where nobody says another, as in DeepFinder's files. */
export const defaultDataset = "dataset";

/** How voxels lie in the file. */
export interface StoredVoxels {
  /** As handed out; 64-bit integers come as float64. */
  readonly type: VoxelType;
  readonly bytesPerVoxel: number;
  /** Set for 64-bit integers. */
  readonly wide?: "signed" | "unsigned";
}

export interface FoundVolume {
  /** Path inside the file. */
  readonly name: string;
  readonly dataset: Hdf5Dataset;
  readonly shape: Shape3;
  /** Number of axes of length 1 before z. */
  readonly leadingAxes: number;
  /** Number of axes, z included, that the file leaves out because they have length 1. */
  readonly missingAxes: number;
  readonly stored: StoredVoxels;
  readonly oddities: readonly Oddity[];
}

interface OpenFile {
  readonly library: Hdf5Library;
  readonly file: Hdf5File;
  readonly path: string;
}

/**
 * The data set asked for, or `dataset`, or the only volume there is. Throws `hdf5-dataset-missing` (which lists what there
 * is) or `hdf5-not-volume`.
 */
export function findVolume(open: OpenFile, asked: string | undefined): FoundVolume {
  const name = (asked ?? defaultDataset).replace(/^\/+/, "");
  const dataset = datasetAt(open, name);
  if (dataset) return describeVolume(dataset, { ...open, name, oddities: [] });
  const others = listVolumes(open);
  if (asked !== undefined || others.length !== 1) throw missing(open.path, name, others);
  const [only] = others;
  const message = `there is no data set \`${defaultDataset}\`; read the only volume of the file, \`${only}\``;
  const found = datasetAt(open, only) as Hdf5Dataset;
  return describeVolume(found, { ...open, name: only, oddities: [{ code: "dataset-unnamed", message }] });
}

/** Where the data set's object header lies in the file: a reference to an object is its address. */
export const headerAddress = ({ module }: Hdf5Library, file: Hdf5File, name: string): number =>
  Number(Buffer.from(module.create_object_reference(file.file_id, name)).readBigUInt64LE(0));

function datasetAt({ library, file, path }: OpenFile, name: string): Hdf5Dataset | undefined {
  const entity = call(library, path, () => (file.paths().includes(name) ? file.get(name) : null));
  return entity instanceof library.Dataset ? entity : undefined;
}

/** Paths of the data sets that can be read as volumes, in the order of the file. */
function listVolumes(open: OpenFile): string[] {
  const names = call(open.library, open.path, () => open.file.paths());
  return names.filter((name) => {
    const dataset = datasetAt(open, name);
    const shape = dataset && call(open.library, open.path, () => dataset.shape);
    return shape ? volumeShape(shape) !== null && shape.length >= 3 && storedVoxels(dataset) !== null : false;
  });
}

function missing(path: string, name: string, others: readonly string[]): TomoflowError {
  const hint =
    others.length > 0
      ? `it holds ${others.slice(0, 8).join(", ")}${others.length > 8 ? ", …" : ""}; name one with --dataset`
      : "it holds no volume at all: a data set of numbers with the axes z, y, x";
  return new TomoflowError("hdf5-dataset-missing", `${path} has no data set \`${name}\``, { hint });
}

interface Described extends OpenFile {
  readonly name: string;
  readonly oddities: readonly Oddity[];
}

function describeVolume(dataset: Hdf5Dataset, { library, path, name, oddities }: Described): FoundVolume {
  const axes = call(library, path, () => dataset.shape) ?? [];
  const stored = storedVoxels(dataset);
  const place = volumeShape(axes);
  if (!place || !stored)
    throw new TomoflowError(
      "hdf5-not-volume",
      `${path}: the data set \`${name}\` ${place ? "does not hold numbers" : `has the shape ${axes.join("×") || "()"}, which is no volume`}`,
      { hint: "a volume has three axes z, y, x, of integers or floating-point numbers" },
    );
  return {
    name,
    dataset,
    stored,
    ...place,
    oddities: [...oddities, ...shapeOddities(axes), ...typeOddities(stored)],
  };
}

function volumeShape(
  axes: readonly number[],
): Pick<FoundVolume, "shape" | "leadingAxes" | "missingAxes"> | null {
  if (axes.length < 2 || axes.some((length) => length < 1)) return null;
  const leadingAxes = Math.max(0, axes.length - 3);
  if (axes.slice(0, leadingAxes).some((length) => length !== 1)) return null;
  const padded = axes.length === 2 ? [1, ...axes] : axes.slice(leadingAxes);
  return { shape: [padded[0], padded[1], padded[2]], leadingAxes, missingAxes: axes.length === 2 ? 1 : 0 };
}

function shapeOddities(axes: readonly number[]): Oddity[] {
  if (axes.length === 3) return [];
  const message = `the data set has ${axes.length} axes (${axes.join("×")}); read as one volume`;
  return [{ code: "axes-unusual", message }];
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

/** Our own attributes first, then Fiji's and ilastik's `element_size_um`; (z, y, x). */
export function readSampling(dataset: Hdf5Dataset): Sampling {
  const voxelSize = tripleAttribute(dataset, "voxel_size_angstrom");
  const micrometres = tripleAttribute(dataset, "element_size_um");
  const converted = micrometres?.map((length) => Number((length * 1e4).toPrecision(7)));
  const size = voxelSize ?? (converted as Triple | undefined) ?? null;
  return {
    voxelSizeAngstrom: size?.every((length) => length > 0) ? size : null,
    originAngstrom: tripleAttribute(dataset, "origin_angstrom") ?? [0, 0, 0],
  };
}

function tripleAttribute(dataset: Hdf5Dataset, name: string): Triple | null {
  const value = dataset.attrs[name]?.json_value;
  if (!Array.isArray(value) || value.length !== 3) return null;
  const numbers = value.map(Number);
  return numbers.every(Number.isFinite) ? [numbers[0], numbers[1], numbers[2]] : null;
}

/** Free texts that travel with the volume. */
export function readLabels(dataset: Hdf5Dataset): string[] {
  const value = dataset.attrs.labels?.json_value;
  return Array.isArray(value) ? value.filter((label) => typeof label === "string") : [];
}
