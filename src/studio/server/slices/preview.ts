/**
 * A whole volume, coarsely and at once: of every block of planes the middle one, its rows and columns averaged. All slices can be cut
 * from it before there is a cache.
 */
import { type Shape3, type VolumeReader, type VoxelArray, voxelCount } from "../../../volume/volume.ts";
import type { TileAddress } from "../../protocol/slices.ts";
import { type CodingWay, encodeVoxels } from "./coding.ts";
import { levelShape, levelsOf } from "./cubes.ts";
import { type TileArea, type TileCodes, tileArea } from "./pyramid.ts";
import { halveVolume, shrinkPlane } from "./shrink.ts";

export interface Preview {
  /** The finest that it has; all coarser ones too. */
  readonly level: number;
  /** Undefined for finer levels, and outside of the volume. */
  readTile(address: TileAddress): TileCodes | undefined;
}

/** Most planes that are read, and voxels that are kept: 16 MiB. */
const [mostPlanes, mostVoxels] = [64, 8 << 20];

/** The first level that is small enough, or the coarsest. */
export function previewLevel(shape: Shape3): number {
  for (let level = 0; level < levelsOf(shape); level++) {
    const coarse = levelShape(shape, level);
    if (coarse[0] <= mostPlanes && voxelCount(coarse) <= mostVoxels) return level;
  }
  return levelsOf(shape) - 1;
}

export interface PreviewOptions extends CodingWay {
  readonly signal: AbortSignal;
}

/** Throws what the codec throws. */
export async function makePreview(reader: VolumeReader, options: PreviewOptions): Promise<Preview> {
  const { shape } = reader.info;
  const level = previewLevel(shape);
  const levels = [await middlePlanes(reader, level, options)];
  for (let next = level + 1; next < levelsOf(shape); next++)
    levels.push(halveVolume(levels.at(-1)!, levelShape(shape, next - 1), options.isLabels));
  return {
    level,
    readTile(address) {
      const area = tileArea(address, shape);
      const voxels = levels[address.level - level];
      return area && voxels && cutTile(voxels, area);
    },
  };
}

/** (z, y, x) codes of the level. */
async function middlePlanes(
  reader: VolumeReader,
  level: number,
  { signal, ...way }: PreviewOptions,
): Promise<Uint16Array> {
  const { shape } = reader.info;
  const [depth, height, width] = levelShape(shape, level);
  const factor = 2 ** level;
  // of blocks of 4 × 4 and more some voxels say enough; a label among them must not be missed
  const step = way.isLabels ? 1 : Math.max(1, factor >> 1);
  const size = {
    height: Math.ceil(shape[1] / step),
    width: Math.ceil(shape[2] / step),
    factor: factor / step,
  };
  const voxels = new Uint16Array(depth * height * width);
  for (let z = 0; z < depth; z++) {
    const plane = Math.min(shape[0] - 1, z * factor + (factor >> 1));
    const whole = await reader.readBox([plane, 0, 0], [1, shape[1], shape[2]], signal);
    const some = step === 1 ? whole : everyOther(whole, shape[2], step);
    voxels.set(shrinkPlane(encodeVoxels(some, way), size, way.isLabels), z * height * width);
  }
  return voxels;
}

/** Of every `step` rows and columns of a plane the first. */
function everyOther(plane: VoxelArray, width: number, step: number): VoxelArray {
  const [rows, columns] = [Math.ceil(plane.length / width / step), Math.ceil(width / step)];
  const some = new (plane.constructor as Float64ArrayConstructor)(rows * columns) as VoxelArray;
  for (let row = 0, to = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) some[to++] = plane[row * step * width + column * step]!;
  return some;
}

function cutTile(voxels: Uint16Array, area: TileArea): TileCodes {
  const { rows, columns, top, left, slice, plane } = area;
  const [, height, width] = area.voxels;
  const strides = {
    xy: { slice: height * width, row: width, column: 1 },
    xz: { slice: width, row: height * width, column: 1 },
    yz: { slice: 1, row: width, column: height * width },
  }[plane];
  const codes = new Uint16Array(rows * columns);
  for (let row = 0, to = 0; row < rows; row++) {
    const from = slice * strides.slice + (top + row) * strides.row + left * strides.column;
    for (let column = 0; column < columns; column++) codes[to++] = voxels[from + column * strides.column]!;
  }
  return { rows, columns, codes };
}
