/** Voxel size and origin of a data set, from the attributes that programs give it. */
import type { Hdf5Dataset, Hdf5Library } from "../../core/hdf5.ts";
import { toVolumeOrder } from "../axis-order.ts";
import { angstromOfUnit } from "../length-units.ts";
import { fromDatasetAxes, type StoredAxes } from "../stored-axes.ts";
import type { Sampling, Triple } from "../volume.ts";
import { jsonAttribute, numbersAttribute, tripleAttribute } from "./attributes.ts";
import { axisTags } from "./axis-names.ts";
import type { FoundVolume } from "./dataset.ts";

/**
 * Our own attributes first, which are (z, y, x) whatever the axes of the data set, then Fiji's `element_size_um` and ilastik's
 * resolutions, which follow its axes, then EMAN2's.
 */
export function readSampling(library: Hdf5Library, { dataset, axes, eman }: FoundVolume): Sampling {
  const size =
    tripleAttribute(dataset, "voxel_size_angstrom") ??
    fromElementSize(dataset, axes) ??
    fromAxisTags(library, dataset, axes) ??
    eman?.voxelSizeAngstrom ??
    null;
  return {
    voxelSizeAngstrom: size?.every((length) => length > 0) ? size : null,
    originAngstrom: tripleAttribute(dataset, "origin_angstrom") ?? eman?.originAngstrom ?? [0, 0, 0],
  };
}

const toAngstrom = (length: number, factor: number): number => Number((length * factor).toPrecision(7));

/** One value an axis, or one an axis of space. */
function fromElementSize(dataset: Hdf5Dataset, axes: StoredAxes): Triple | null {
  const micrometres = numbersAttribute(dataset, "element_size_um")?.map((length) => toAngstrom(length, 1e4));
  if (micrometres?.length === axes.rank && axes.kept.length === 3)
    return fromDatasetAxes(axes, micrometres, 1);
  if (micrometres?.length !== 3) return null;
  return toVolumeOrder([micrometres[0], micrometres[1], micrometres[2]], axes.order);
}

/** Ilastik from 1.4.1 on: resolutions in the axistags, their units by axis in `axis_units`, both JSON. */
function fromAxisTags(library: Hdf5Library, dataset: Hdf5Dataset, axes: StoredAxes): Triple | null {
  const units = jsonAttribute(library, dataset, "axis_units") as Readonly<Record<string, unknown>> | null;
  const tags = axisTags(library, dataset, axes.rank);
  if (!units || !tags || axes.kept.length !== 3) return null;
  const lengths = tags.map(({ key, resolution }) => {
    return toAngstrom(resolution, angstromOfUnit(String(units[key] ?? "")) ?? Number.NaN);
  });
  const size = fromDatasetAxes(axes, lengths, 1);
  return size.every(Number.isFinite) ? size : null;
}
