/** Small pictures of the surroundings of objects: slices in 8 bits, many in one answer. */
import type { Shape3, VolumeReader, VoxelArray } from "../../../volume/volume.ts";
import type { GalleryRequest } from "../../protocol/list-tools.ts";
import type { Point } from "../../protocol/lists.ts";

/** Values that are shown black and white. */
export type GreyRange = readonly [black: number, white: number];

/**
 * One picture a point, one after another, each `side` × `side` bytes, rows first: the mean of `slices` planes around the point, the point
 * at index side/2. Rows are y (z in `xz` and `yz`), columns x (y in `yz`). Outside of the volume is grey 128.
 */
export async function drawGallery(
  reader: VolumeReader,
  { points, side, slices, plane }: Omit<GalleryRequest, "tomogram" | "range">,
  { range, signal }: { readonly range: GreyRange; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const pictures = new Uint8Array(points.length * side * side).fill(128);
  for (const [index, point] of points.entries()) {
    signal?.throwIfAborted();
    const picture = pictures.subarray(index * side * side, (index + 1) * side * side);
    await drawOne(reader, point, { side, slices, plane, range, picture, signal });
  }
  return pictures;
}

interface Drawing extends Pick<GalleryRequest, "side" | "slices" | "plane"> {
  readonly range: GreyRange;
  readonly picture: Uint8Array;
  readonly signal?: AbortSignal;
}

/** Axes in (z, y, x): through the slices, down, across. */
const axes = { xy: [0, 1, 2], xz: [1, 0, 2], yz: [2, 0, 1] } as const;

async function drawOne(reader: VolumeReader, point: Point, drawing: Drawing): Promise<void> {
  const { side, slices, plane, range, picture, signal } = drawing;
  const [through, down, across] = axes[plane];
  const centre = [point.z, point.y, point.x].map(Math.round);
  const wanted = [side, side, side];
  wanted[through] = slices;
  const low = centre.map((value, axis) => value - Math.floor(wanted[axis]! / 2));
  const { shape } = reader.info;
  const start = low.map((value, axis) => Math.min(Math.max(0, value), shape[axis]!));
  const end = low.map((value, axis) => Math.min(shape[axis]!, Math.max(0, value + wanted[axis]!)));
  const size = end.map((value, axis) => value - start[axis]!) as unknown as Shape3;
  if (size.some((length) => length <= 0)) return;
  const voxels = await reader.readBox(start as unknown as Shape3, size, signal);
  const strides = [size[1] * size[2], size[2], 1];
  const [black, white] = range;
  const scale = white === black ? 0 : 255 / (white - black);
  for (let row = 0; row < size[down]; row++)
    for (let column = 0; column < size[across]; column++) {
      const first = row * strides[down]! + column * strides[across]!;
      const value = meanAlong(voxels, first, { stride: strides[through]!, count: size[through] });
      const place = (row + start[down]! - low[down]!) * side + column + start[across]! - low[across]!;
      picture[place] = Number.isFinite(value)
        ? Math.max(0, Math.min(255, Math.round((value - black) * scale)))
        : 128;
    }
}

function meanAlong(
  voxels: VoxelArray,
  first: number,
  { stride, count }: { readonly stride: number; readonly count: number },
): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += voxels[first + index * stride]!;
  return sum / count;
}

/** Shares of the voxels below black and above white. */
const tails = 0.005;
const mostLookedAt = 1 << 20;

/** Black and white for a volume, by the middle plane. */
export async function findGreyRange(reader: VolumeReader, signal?: AbortSignal): Promise<GreyRange> {
  const [depth, height, width] = reader.info.shape;
  const plane = await reader.readBox([Math.floor(depth / 2), 0, 0], [1, height, width], signal);
  const step = Math.max(1, Math.floor(plane.length / mostLookedAt));
  const values = Float64Array.from(
    { length: Math.ceil(plane.length / step) },
    (_, index) => plane[index * step]!,
  )
    .filter(Number.isFinite)
    .sort();
  if (values.length === 0) return [0, 1];
  const at = (share: number) => values[Math.round(share * (values.length - 1))]!;
  const [black, white] = [at(tails), at(1 - tails)];
  return black < white
    ? [black, white]
    : [values[0]!, values.at(-1)! > values[0]! ? values.at(-1)! : values[0]! + 1];
}
