/** Creates HDF5 files whose data sets are still to be filled: chunks, packing, voxel size, origin and labels. */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5Dataset, type Hdf5File, type Hdf5Library } from "../../core/hdf5.ts";
import { checkSpec } from "../planes.ts";
import type { Shape3, VolumeSpec, VoxelType } from "../volume.ts";
import { bytesPerVoxel, isFloatType } from "../voxel-type.ts";
import { turnIntoFloat16 } from "./half-float.ts";

/** What a chunk holds at most. */
const chunkSide = 64;
const chunkDepth = 16;

/** Memory for planes that wait until a layer of chunks is full. */
const layerBytes = 64 << 20;

/** Fastest: densities hardly pack better at higher levels. */
const compressionLevel = 1;

const gzipFilter = 1;

interface NewFile {
  readonly spec: VolumeSpec;
  /** Of the data sets. */
  readonly names: readonly string[];
}

/** Chunks of 16×64×64 voxels; flatter where sixteen planes would take too much memory. */
export function chunkShape({ shape, type }: VolumeSpec): Shape3 {
  const planes = Math.floor(layerBytes / (shape[1] * shape[2] * bytesPerVoxel(type)));
  return [
    Math.max(1, Math.min(chunkDepth, planes, shape[0])),
    Math.min(chunkSide, shape[1]),
    Math.min(chunkSide, shape[2]),
  ];
}

/** Creates the file, of the earliest format, which every program reads. Throws `hdf5-dataset-name` and those of `checkSpec`. */
export function createFile(library: Hdf5Library, path: string, { spec, names }: NewFile): Hdf5File {
  checkSpec(spec);
  names.forEach((name) => void checkName(name, path));
  return call(library, path, () => {
    const created = new library.File(path, "w", { libver: ["earliest", "latest"] });
    for (const name of names) createDataset(library, created, { spec, name });
    const file = spec.type === "float16" ? reopenAsFloat16(library, created, { spec, names }) : created;
    const { module } = library;
    for (const name of names) {
      module.resize_dataset(file.file_id, name, spec.shape.map(BigInt));
      describe(file.get(name) as Hdf5Dataset, spec);
    }
    return file;
  });
}

function checkName(name: string, path: string): void {
  if (/^[^/\s][^/]*$/.test(name) && name !== ".") return;
  throw new TomoflowError("hdf5-dataset-name", `${path}: \`${name}\` cannot be the name of a data set`, {
    hint: "use a name without slashes, which does not start with a blank",
  });
}

/** Creates a data set without any planes yet, which can grow to the shape of the volume. */
function createDataset(
  library: Hdf5Library,
  file: Hdf5File,
  { spec, name }: { spec: VolumeSpec; name: string },
): void {
  const { shape } = spec;
  const metadata = {
    ...storedType(spec.type),
    littleEndian: true,
    vlen: false,
    total_size: 0,
    shape: [0, shape[1], shape[2]].map(BigInt),
    maxshape: shape.map(BigInt),
    chunks: chunkShape(spec).map(BigInt),
    compression: gzipFilter,
    compression_opts: [compressionLevel],
    track_order: false,
  };
  library.module.create_dataset(file.file_id, name, 0n, metadata);
}

/** HDF5's class (0 integers, 1 floats) and size; float16 is created as float32, see half-float.ts. */
const storedType = (type: VoxelType) => ({
  type: isFloatType(type) ? 1 : 0,
  size: type === "float16" ? 4 : bytesPerVoxel(type),
  signed: type.startsWith("int"),
});

function reopenAsFloat16(library: Hdf5Library, file: Hdf5File, { spec, names }: NewFile): Hdf5File {
  const { filename } = file;
  file.close();
  turnIntoFloat16(filename, chunkShape(spec), names.length);
  return new library.File(filename, "a", { libver: ["earliest", "latest"] });
}

/** Lengths as (z, y, x) in Å, and in µm as Fiji and ilastik know it. */
function describe(
  dataset: Hdf5Dataset,
  { voxelSizeAngstrom, originAngstrom, labels = [] }: VolumeSpec,
): void {
  if (voxelSizeAngstrom) {
    dataset.create_attribute("voxel_size_angstrom", Float64Array.from(voxelSizeAngstrom));
    dataset.create_attribute(
      "element_size_um",
      Float64Array.from(voxelSizeAngstrom, (length) => length / 1e4),
    );
  }
  dataset.create_attribute("origin_angstrom", Float64Array.from(originAngstrom));
  dataset.create_attribute("software", "tomoflow", [], "S");
  if (labels.length > 0) dataset.create_attribute("labels", [...labels], [labels.length], "S");
}
