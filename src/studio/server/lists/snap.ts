/**
 * Moves places to the darkest or brightest spot near them. The volume is smoothed first by a Gaussian of a third of the radius, so that
 * it is a particle that is found and not a voxel of noise; the spot is then placed between voxels by a parabola along each axis.
 */
import type { Shape3, VolumeReader, VoxelArray } from "../../../volume/volume.ts";
import type { SnapRequest } from "../../protocol/list-tools.ts";
import type { Point } from "../../protocol/lists.ts";

export async function snapPoints(
  reader: VolumeReader,
  { points, radius, to }: Omit<SnapRequest, "tomogram">,
  signal?: AbortSignal,
): Promise<Point[]> {
  const snapped: Point[] = [];
  for (const point of points) {
    signal?.throwIfAborted();
    snapped.push(await snapOne(reader, point, { radius, to, signal }));
  }
  return snapped;
}

interface Snap extends Pick<SnapRequest, "radius" | "to"> {
  readonly signal?: AbortSignal;
}

async function snapOne(reader: VolumeReader, point: Point, { radius, to, signal }: Snap): Promise<Point> {
  const sigma = Math.max(0.7, radius / 3);
  const reach = Math.ceil(radius + 3 * sigma);
  const centre = [point.z, point.y, point.x];
  const { shape } = reader.info;
  const start = centre.map((value, axis) =>
    Math.max(0, Math.min(shape[axis]! - 1, Math.round(value)) - reach),
  );
  const end = centre.map((value, axis) => Math.min(shape[axis]!, Math.max(0, Math.round(value)) + reach + 1));
  const size = end.map((value, axis) => value - start[axis]!) as unknown as Shape3;
  if (size.some((length) => length <= 0)) return point;
  const sign = to === "maximum" ? 1 : -1;
  const box = smooth(await reader.readBox(start as unknown as Shape3, size, signal), size, { sigma, sign });
  const local = centre.map((value, axis) => value - start[axis]!);
  const best = findGreatest(box, size, { local, radius });
  if (!best) return point;
  const [z, y, x] = best.map((index, axis) => start[axis]! + index + vertex(box, size, { best, axis }));
  return { x: rounded(x!), y: rounded(y!), z: rounded(z!) };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** (z, y, x) of the greatest value within the radius. */
function findGreatest(
  box: Float64Array,
  [depth, height, width]: Shape3,
  { local, radius }: { readonly local: readonly number[]; readonly radius: number },
): readonly number[] | undefined {
  let greatest = -Infinity;
  let best: readonly number[] | undefined;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const value = box[(z * height + y) * width + x]!;
        const far = Math.hypot(z - local[0]!, y - local[1]!, x - local[2]!);
        if (far > radius || !(value > greatest)) continue;
        greatest = value;
        best = [z, y, x];
      }
  return best;
}

/** Where between its neighbours the top lies, −0.5 to 0.5. */
function vertex(
  box: Float64Array,
  size: Shape3,
  { best, axis }: { readonly best: readonly number[]; readonly axis: number },
): number {
  const stride = [size[1] * size[2], size[2], 1][axis]!;
  const place = (best[0]! * size[1] + best[1]!) * size[2] + best[2]!;
  if (best[axis] === 0 || best[axis] === size[axis]! - 1) return 0;
  const [before, here, after] = [box[place - stride]!, box[place]!, box[place + stride]!];
  const bend = before - 2 * here + after;
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0;
}

/** A Gaussian along each axis; at the rims its weights are those inside. Voxels without a value count as 0 of the mean. */
function smooth(
  voxels: VoxelArray,
  size: Shape3,
  { sigma, sign }: { readonly sigma: number; readonly sign: number },
): Float64Array {
  let values: Float64Array = Float64Array.from(voxels, (value) =>
    Number.isFinite(value) ? sign * value : 0,
  );
  const reach = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * sigma * sigma)),
  );
  const strides = [size[1] * size[2], size[2], 1];
  for (const axis of [0, 1, 2])
    values = smoothAlong(values, { length: size[axis]!, stride: strides[axis]!, weights });
  return values;
}

function smoothAlong(
  values: Float64Array,
  {
    length,
    stride,
    weights,
  }: { readonly length: number; readonly stride: number; readonly weights: Float64Array },
): Float64Array {
  const smoothed = new Float64Array(values.length);
  const reach = (weights.length - 1) / 2;
  for (let place = 0; place < values.length; place++) {
    const index = Math.floor(place / stride) % length;
    let [sum, total] = [0, 0];
    for (let step = Math.max(-reach, -index); step <= Math.min(reach, length - 1 - index); step++) {
      const weight = weights[step + reach]!;
      sum += weight * values[place + step * stride]!;
      total += weight;
    }
    smoothed[place] = sum / total;
  }
  return smoothed;
}
