/**
 * Images of EMAN2's .hdf files: `MDF/images/N/image`, with attributes of the group around it. Values may be stored as integers of
 * few bits, which stand for equal steps of a range. Source: EMAN2, libEM/hdfio2.cpp (read_data) and libEM/renderer.h.
 */
import type { Hdf5Dataset, OpenHdf5 } from "../../core/hdf5.ts";
import { call } from "../../core/hdf5.ts";
import type { Oddity, Sampling, Triple, VoxelArray } from "../volume.ts";
import { allocateVoxels } from "../voxel-type.ts";
import { numberAttribute } from "./attributes.ts";

/** What stored integers stand for. */
export interface StoredRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly bits: number;
}

export interface EmanImage extends Partial<Sampling> {
  readonly range?: StoredRange;
  readonly oddities: readonly Oddity[];
}

const imagePath = /^(MDF\/images\/\d+)\/image$/;

/** What EMAN2 says of the data set, if it is one of its images. */
export function readEmanImage({ library, file, path }: OpenHdf5, name: string): EmanImage | null {
  const groupName = imagePath.exec(name)?.[1];
  if (groupName === undefined) return null;
  return call(library, path, () => {
    const group = file.get(groupName);
    if (!group || !("attrs" in group)) return null;
    const number = (attribute: string) => numberAttribute(group as Hdf5Dataset, `EMAN.${attribute}`);
    const triple = (attribute: string) =>
      tripleOf([number(`${attribute}_z`), number(`${attribute}_y`), number(`${attribute}_x`)]);
    const voxelSize = triple("apix");
    const range = rangeOf(
      [number("stored_rendermin"), number("stored_rendermax")],
      number("stored_renderbits"),
    );
    return {
      ...(voxelSize?.every((length) => length > 0) && { voxelSizeAngstrom: rounded(voxelSize) }),
      originAngstrom: rounded(triple("origin") ?? [0, 0, 0]),
      ...(range && { range }),
      oddities: range ? [rangeOddity(range)] : [],
    };
  });
}

function tripleOf([z, y, x]: readonly (number | null)[]): Triple | null {
  return z === null || y === null || x === null ? null : [z, y, x];
}

/** EMAN2 keeps lengths as float32: 3.4000000953674316 is 3.4. */
const rounded = ([z, y, x]: Triple): Triple => {
  const round = (length: number) => Number(length.toPrecision(7));
  return [round(z), round(y), round(x)];
};

const mostBits = 24;

/** Without bits, or with a range of no width, EMAN2 takes values as they are. */
function rangeOf(
  [minimum, maximum]: readonly (number | null)[],
  bits: number | null,
): StoredRange | undefined {
  if (bits === null || bits <= 0 || bits > mostBits || !Number.isInteger(bits)) return undefined;
  if ((maximum ?? 0) === (minimum ?? 0)) return undefined;
  return { minimum: minimum ?? 0, maximum: maximum ?? 0, bits };
}

export const formatRange = ({ minimum, maximum, bits }: StoredRange): string =>
  `${bits} bits for ${Number(minimum.toPrecision(7))} to ${Number(maximum.toPrecision(7))}`;

const rangeOddity = (range: StoredRange): Oddity => ({
  code: "stored-range",
  message: `EMAN2 stored the values in steps of a range (${formatRange(range)}); they are handed out as float32 in that range`,
});

/** What the stored integers stand for, as float32; whole numbers come out whole where the steps meet them. */
export function spreadOverRange(stored: VoxelArray, { minimum, maximum, bits }: StoredRange): VoxelArray {
  const voxels = allocateVoxels("float32", stored.length);
  const steps = 2 ** bits - 1;
  const width = maximum - minimum;
  for (let i = 0; i < stored.length; i++) voxels[i] = (stored[i] * width) / steps + minimum;
  return voxels;
}
