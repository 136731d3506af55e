/**
 * What an HDF5 file calls the axes of a data set: vigra's axistags, as ilastik writes them, or HDF5's dimension labels, or the
 * names of its dimension scales.
 */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5Dataset, type Hdf5Library, type OpenHdf5 } from "../../core/hdf5.ts";
import { type AxisNames, kindOf, namesFrom } from "../stored-axes.ts";
import { jsonAttribute } from "./attributes.ts";

/** Null where the file says nothing. Throws `hdf5-axes` where it says two things. */
export function readAxisNames(open: OpenHdf5, dataset: Hdf5Dataset, axes: number): AxisNames | null {
  const tags = call(open.library, open.path, () => readAxisTags(open.library, dataset, axes));
  const labels = call(open.library, open.path, () => readLabelsAndScales(open, dataset, axes));
  if (
    tags &&
    labels &&
    tags.kinds.some((kind, axis) => kind && labels.kinds[axis] && kind !== labels.kinds[axis])
  )
    throw new TomoflowError(
      "hdf5-axes",
      `${open.path}: the axes of \`${dataset.path}\` are ${tags.given.join(", ")} by its axistags, ${labels.given.join(", ")} by its dimension labels`,
      { hint: "correct one of the two, or delete it; h5dump -A shows both" },
    );
  return tags ?? labels;
}

/** `{"axes": [{"key": "z", "typeFlags": 2, "resolution": 0, "description": ""}, …]}`, one an axis of the data set, in its order. */
export interface AxisTag {
  readonly key: string;
  readonly resolution: number;
}

export function axisTags(
  library: Hdf5Library,
  dataset: Hdf5Dataset,
  axes: number,
): readonly AxisTag[] | null {
  const tags = (jsonAttribute(library, dataset, "axistags") as { axes?: unknown } | null)?.axes;
  if (!Array.isArray(tags) || tags.length !== axes) return null;
  const read = tags.map((tag: { key?: unknown; resolution?: unknown } | null) => ({
    key: tag?.key,
    resolution: Number(tag?.resolution ?? 0),
  }));
  return read.every((tag): tag is AxisTag => typeof tag.key === "string") ? read : null;
}

function readAxisTags(library: Hdf5Library, dataset: Hdf5Dataset, axes: number): AxisNames | null {
  const keys = axisTags(library, dataset, axes)?.map(({ key }) => key);
  return keys ? namesFrom(keys, "axistags") : null;
}

function readLabelsAndScales(open: OpenHdf5, dataset: Hdf5Dataset, axes: number): AxisNames | null {
  const { attrs } = dataset;
  const labels = "DIMENSION_LABELS" in attrs ? dataset.get_dimension_labels() : [];
  const hasScales = "DIMENSION_LIST" in attrs;
  const names = Array.from({ length: axes }, (_, axis) => {
    const label = labels[axis] ?? "";
    return label === "" && hasScales ? scaleName(open, dataset, axis) : label;
  });
  return namesFrom(names, hasScales ? "dimension scales" : "dimension labels");
}

/** The name that tells most of an axis's scales: their own, or that of the data set they are. */
function scaleName({ file, library }: OpenHdf5, dataset: Hdf5Dataset, axis: number): string {
  const names = dataset.get_attached_scales(axis).flatMap((path) => {
    const scale = file.get(path);
    const own = scale instanceof library.Dataset ? scale.get_scale_name() : null;
    return [own ?? "", path.split("/").at(-1) ?? ""];
  });
  return names.find((name) => kindOf(name) !== null) ?? names.find((name) => name !== "") ?? "";
}
