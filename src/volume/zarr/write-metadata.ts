/** The descriptions of an image and its levels, as OME-Zarr 0.4 and 0.5 want them. The same volume gives the same bytes. */
import { mkdir, writeFile } from "node:fs/promises";
import type { OmeZarrVersion, Shape3, Triple, VolumeSpec, VoxelType } from "../volume.ts";
import { bytesPerVoxel, isFloatType } from "../voxel-type.ts";
import { chunkShape, packedTypeBytes, packing } from "./level-writer.ts";

export interface PlannedLevel {
  readonly shape: Shape3;
  /** (z, y, x), Å; of 1 voxel of the finest level where the voxel size is not known. */
  readonly scale: Triple;
  /** (z, y, x), Å: the centre of the first voxel. */
  readonly translation: Triple;
}

/** The coarsest level is no larger than this on any axis. */
const coarsest = 128;

/** Levels, each half as fine, until the volume is small, or too flat to be halved once more. */
export function levelsOf({
  shape,
  type,
  voxelSizeAngstrom,
  originAngstrom,
}: VolumeSpec): readonly PlannedLevel[] {
  const levels: PlannedLevel[] = [
    { shape, scale: voxelSizeAngstrom ?? [1, 1, 1], translation: originAngstrom },
  ];
  for (;;) {
    const { shape: finer, scale, translation } = levels.at(-1)!;
    if (Math.max(...finer) <= coarsest || Math.min(...finer) < 2) return levels;
    // a mean lies in the middle of its voxels, of labels the first is taken
    const shift = isFloatType(type) ? 0.5 : 0;
    const each = (value: (axis: 0 | 1 | 2) => number): Triple => [value(0), value(1), value(2)];
    levels.push({
      shape: each((axis) => Math.floor(finer[axis] / 2)),
      scale: each((axis) => 2 * scale[axis]),
      translation: each((axis) => translation[axis] + shift * scale[axis]),
    });
  }
}

interface Image {
  readonly spec: VolumeSpec;
  readonly levels: readonly PlannedLevel[];
  readonly version: OmeZarrVersion;
}

/** Writes all but the chunks. */
export async function describeImage(path: string, image: Image): Promise<void> {
  const { spec, levels, version } = image;
  const extra = spec.labels?.length ? { tomoflow: { labels: spec.labels } } : {};
  if (version === "0.5") {
    const attributes = { ome: { version, multiscales: [multiscale(image)] }, ...extra };
    await writeJson(`${path}/zarr.json`, { zarr_format: 3, node_type: "group", attributes });
  } else {
    await writeJson(`${path}/.zgroup`, { zarr_format: 2 });
    await writeJson(`${path}/.zattrs`, { multiscales: [{ version, ...multiscale(image) }], ...extra });
  }
  for (const [index, { shape }] of levels.entries()) {
    await mkdir(`${path}/${index}`);
    if (version === "0.5") await writeJson(`${path}/${index}/zarr.json`, array3(shape, spec.type));
    else await writeJson(`${path}/${index}/.zarray`, array2(shape, spec.type));
  }
}

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`, { flag: "wx" });

const multiscale = ({ spec, levels }: Image) => ({
  name: "/",
  axes: ["z", "y", "x"].map((name) => ({
    name,
    type: "space",
    ...(spec.voxelSizeAngstrom && { unit: "angstrom" }),
  })),
  datasets: levels.map(({ scale, translation }, index) => ({
    path: String(index),
    coordinateTransformations: [
      { type: "scale", scale },
      { type: "translation", translation },
    ],
  })),
  ...(levels.length > 1 && { type: isFloatType(spec.type) ? "mean" : "nearest" }),
});

const array3 = (shape: Shape3, type: VoxelType) => {
  const { cname, clevel, shuffle, blocksize } = packing(type);
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: type,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape(shape) } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [
      { name: "bytes", configuration: { endian: "little" } },
      {
        name: "blosc",
        configuration: {
          typesize: packedTypeBytes,
          cname,
          clevel,
          shuffle: shuffle === 1 ? "shuffle" : "noshuffle",
          blocksize,
        },
      },
    ],
    dimension_names: ["z", "y", "x"],
    attributes: {},
  };
};

const array2 = (shape: Shape3, type: VoxelType) => {
  const each = bytesPerVoxel(type);
  const letter = isFloatType(type) ? "f" : type.startsWith("u") ? "u" : "i";
  return {
    zarr_format: 2,
    shape,
    chunks: chunkShape(shape),
    dtype: `${each === 1 ? "|" : "<"}${letter}${each}`,
    compressor: { id: "blosc", ...packing(type) },
    fill_value: 0,
    order: "C",
    filters: null,
    dimension_separator: "/",
  };
};
