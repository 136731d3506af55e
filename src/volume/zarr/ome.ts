/**
 * What OME-Zarr says of an image: its levels, its axes, and where a voxel lies in space. Sources: the OME-NGFF specifications 0.1 to 0.5,
 * of which 0.4 (Zarr 2) and 0.5 (Zarr 3) are in use.
 */
import { angstromOfUnit } from "../length-units.ts";
import type { Oddity, Triple } from "../volume.ts";
import { isMap, type JsonMap, shownJson } from "./json-fields.ts";

export interface OmeAxis {
  readonly name: string;
  readonly type?: string;
  readonly unit?: string;
}

export interface OmeLevel {
  /** From the group of the image. */
  readonly path: string;
  /** A value an axis, in the unit of the axis; absent where the file says none. */
  readonly scale?: readonly number[];
  readonly translation?: readonly number[];
}

export interface OmeImage {
  /** Of OME-Zarr. */
  readonly version: string;
  readonly name?: string;
  /** Absent before 0.3. */
  readonly axes?: readonly OmeAxis[];
  /** The finest first. */
  readonly levels: readonly OmeLevel[];
  readonly oddities: readonly Oddity[];
}

/** Null for a group that is no image. What is not as it should be is left out, so that a voxel size is never made up. */
export function readOmeImage(attributes: JsonMap): OmeImage | null {
  const ome = isMap(attributes.ome) ? attributes.ome : attributes;
  const images = ome.multiscales;
  const first: unknown = Array.isArray(images) ? images[0] : undefined;
  if (!isMap(first) || !Array.isArray(first.datasets)) return null;
  const levels = first.datasets.filter(isMap).flatMap((dataset) => {
    const { path } = dataset;
    if (typeof path !== "string") return [];
    const tidy = path.replace(/^(\.?\/)+|\/+$/g, "");
    return [{ path: tidy, ...composed(dataset.coordinateTransformations, first.coordinateTransformations) }];
  });
  if (levels.length === 0) return null;
  const version = ome.version ?? first.version;
  const axes = axesOf(first.axes);
  const several = (images as readonly unknown[]).length > 1;
  return {
    version: typeof version === "string" ? version : "of no version",
    ...(typeof first.name === "string" && first.name !== "" && { name: first.name }),
    ...(axes && { axes }),
    levels,
    oddities: several
      ? [
          {
            code: "dataset-unnamed",
            message: `the group describes ${(images as readonly unknown[]).length} images; read the first`,
          },
        ]
      : [],
  };
}

function axesOf(value: unknown): readonly OmeAxis[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.map((axis: unknown): OmeAxis => {
    if (typeof axis === "string") return { name: axis };
    const { name, type, unit } = isMap(axis) ? axis : ({} as JsonMap);
    return {
      name: typeof name === "string" ? name : "",
      ...(typeof type === "string" && { type }),
      ...(typeof unit === "string" && { unit }),
    };
  });
}

/** First the transformations of the level, then those of all levels: x' = scale · x + translation. */
function composed(ofLevel: unknown, ofImage: unknown): Pick<OmeLevel, "scale" | "translation"> {
  const steps = [ofLevel, ofImage].flatMap((list) => (Array.isArray(list) ? list.filter(isMap) : []));
  let scale: readonly number[] | undefined;
  let translation: readonly number[] | undefined;
  for (const step of steps) {
    if (step.type === "identity") continue;
    const values = numbersIn(step[String(step.type)]);
    if (!values || (step.type !== "scale" && step.type !== "translation")) return {};
    if (step.type === "translation")
      translation = values.map((value, axis) => value + (translation?.[axis] ?? 0));
    else {
      scale = values.map((value, axis) => value * (scale?.[axis] ?? 1));
      translation = translation?.map((value, axis) => value * (values[axis] ?? 1));
    }
  }
  return { ...(scale && { scale }), ...(translation && { translation }) };
}

function numbersIn(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) &&
    value.every((number) => typeof number === "number" && Number.isFinite(number))
    ? value
    : undefined;
}

export interface OmeSampling {
  readonly voxelSizeAngstrom: Triple | null;
  readonly originAngstrom: Triple;
  readonly oddities: readonly Oddity[];
}

/** A length in the digits that a float32 keeps: 1.0079999 nm are 10.08 Å. */
const rounded = (length: number): number => Number(length.toPrecision(7));

/**
 * Voxel size and origin of a level. `toTriple` picks z, y and x of a value an axis; `filler` for those that the array lacks. A scale
 * without a unit is taken for Å, as programs of the field mean it, and reported.
 */
export function omeSampling(
  { axes = [] }: OmeImage,
  { scale, translation }: OmeLevel,
  toTriple: (values: readonly number[], filler: number) => Triple,
): OmeSampling {
  const unknown = (code: string, message: string): OmeSampling => ({
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
    oddities: [{ code, message: `${message}; set one with tomoflow volume convert --voxel-size` }],
  });
  if (!scale) return unknown("voxel-size-missing", "the image has no scale that tells the voxel size");
  const units = axes.map(({ unit }) => (unit === undefined ? undefined : angstromOfUnit(unit)));
  const factors = toTriple(
    scale.map((_, axis) => units[axis] ?? (axes[axis]?.unit === undefined ? 1 : Number.NaN)),
    1,
  );
  if (factors.some(Number.isNaN)) {
    const given = axes.flatMap(({ unit }) => (unit === undefined ? [] : [unit]));
    return unknown(
      "voxel-size-wrong",
      `the axes have the units ${shownJson(given)}, of which one is no length that is known`,
    );
  }
  const inAngstrom = (values: readonly number[], filler: number): Triple => {
    const [z, y, x] = toTriple(values, filler);
    return [rounded(z * factors[0]), rounded(y * factors[1]), rounded(x * factors[2])];
  };
  const size = inAngstrom(scale, Number.NaN);
  const present = size.filter((length) => !Number.isNaN(length));
  if (present.some((length) => !(length > 0)))
    return unknown("voxel-size-wrong", `the scale is ${scale.join(" × ")}, which is no size`);
  const [z, y, x] = size.map((length) => (Number.isNaN(length) ? Math.min(...present) : length)) as [
    number,
    number,
    number,
  ];
  const unitless = toTriple(
    scale.map((_, axis) => Number(axes[axis]?.unit === undefined)),
    0,
  );
  if (unitless.every((flag) => flag === 1) && [z, y, x].every((length) => length === 1))
    return unknown(
      "voxel-size-missing",
      "the scale is 1 without a unit, which programs write that know no voxel size",
    );
  return {
    voxelSizeAngstrom: [z, y, x],
    originAngstrom: translation ? inAngstrom(translation, 0) : [0, 0, 0],
    oddities: oddSampling([z, y, x], unitless),
  };
}

function oddSampling(size: Triple, unitless: Triple): Oddity[] {
  const oddities: Oddity[] = [];
  if (unitless.some((flag) => flag === 1))
    oddities.push({
      code: "voxel-size-unit-missing",
      message: `the scale ${size.join(" × ")} (z, y, x) has no unit; taken for Å`,
    });
  if (Math.max(...size) > 1.001 * Math.min(...size))
    oddities.push({
      code: "voxel-size-uneven",
      message: `the voxel is not a cube: ${size.join(" × ")} Å (z, y, x)`,
    });
  return oddities;
}
