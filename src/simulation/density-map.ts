/**
 * Density maps made ready for a simulation: brought to the tomogram's sampling, put at the centre of the smallest cube
 * in which they turn freely, and scaled so that the mean over the particle's own voxels is 1.
 */
import { TomoflowError } from "../core/error.ts";
import { interpolateCell } from "../volume/interpolation.ts";
import type { Shape3, Volume } from "../volume/volume.ts";
import type { DensityCube } from "./shapes.ts";

export interface DensityMapOptions {
  /** Of the tomogram, Å. */
  readonly voxelSizeAngstrom: number;
  /** A voxel belongs to the particle above this fraction of the greatest density. */
  readonly threshold: number;
}

/** What is below this fraction of the greatest density does not make the cube larger. */
const negligible = 0.001;

/**
 * Resamples a map; its voxel floor(n/2) on each axis is the particle's centre. A map that does not tell its voxel size has
 * the tomogram's. Where the tomogram is coarser, its voxels average what they cover.
 * @throws TomoflowError `density-empty`
 */
export function resampleDensity(map: Volume, options: DensityMapOptions): DensityCube {
  const greatest = maximum(map.data);
  if (!(greatest > 0))
    throw new TomoflowError("density-empty", "the density map has no positive density", {
      hint: "give a map in which the particle is bright (invert it where it is dark)",
    });
  const steps = (map.voxelSizeAngstrom ?? [1, 1, 1]).map((size) =>
    map.voxelSizeAngstrom ? options.voxelSizeAngstrom / size : 1,
  );
  const centre = extent(map, steps, negligible * greatest) + 2;
  const side = 2 * centre;
  const data = sample(map, steps, side);
  const mean = meanAbove(data, options.threshold * maximum(data));
  for (let at = 0; at < data.length; at++) data[at] = Math.max(0, data[at]) / mean;
  return { side, data };
}

function maximum(data: ArrayLike<number>): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < data.length; at++) if (data[at] > greatest) greatest = data[at];
  return greatest;
}

function meanAbove(data: Float32Array, threshold: number): number {
  let sum = 0;
  let count = 0;
  for (const value of data)
    if (value > threshold) {
      sum += value;
      count++;
    }
  return sum / count;
}

/** The largest distance of a value above `threshold` from the centre, in voxels of the tomogram: room to turn in any direction. */
function extent({ data, shape }: Volume, steps: readonly number[], threshold: number): number {
  const [depth, height, width] = shape;
  let farthest = 0;
  for (let z = 0, at = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, at++) {
        if (!(data[at] > threshold)) continue;
        const distances = [z, y, x].map((index, axis) => Math.abs(index - (shape[axis] >> 1)) / steps[axis]);
        farthest = Math.max(farthest, Math.hypot(...distances));
      }
  return Math.ceil(farthest);
}

/** Each voxel of the cube is the mean of trilinear samples over what it covers of the map. */
function sample(map: Volume, steps: readonly number[], side: number): Float32Array {
  const values = withBorder(map.data, map.shape);
  const counts = steps.map((step) => Math.max(1, Math.ceil(step)));
  const weight = 1 / (counts[0] * counts[1] * counts[2]);
  const places = steps.map((step, axis) => positions(step, counts[axis], side, map.shape[axis]));
  const data = new Float32Array(side ** 3);
  for (let z = 0, at = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++, at++) {
        let sum = 0;
        for (const sz of places[0][z])
          for (const sy of places[1][y])
            for (const sx of places[2][x]) sum += valueAt(values, map.shape, sz, sy, sx);
        data[at] = sum * weight;
      }
  return data;
}

/** Where, along one axis of the map, each voxel of the cube is sampled. */
const positions = (step: number, count: number, side: number, length: number): number[][] =>
  Array.from({ length: side }, (_, index) =>
    Array.from(
      { length: count },
      (_, part) => (length >> 1) + (index - side / 2 + (part + 0.5) / count - 0.5) * step,
    ),
  );

/** The map with a border of zeros, one voxel wide. */
function withBorder(data: ArrayLike<number>, [depth, height, width]: Shape3): Float32Array {
  const values = new Float32Array((depth + 2) * (height + 2) * (width + 2));
  for (let z = 0, at = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      const row = ((z + 1) * (height + 2) + y + 1) * (width + 2) + 1;
      for (let x = 0; x < width; x++, at++) values[row + x] = data[at];
    }
  return values;
}

function valueAt(
  values: Float32Array,
  [depth, height, width]: Shape3,
  z: number,
  y: number,
  x: number,
): number {
  if (!(z > -1 && z < depth && y > -1 && y < height && x > -1 && x < width)) return 0;
  const iz = Math.floor(z);
  const iy = Math.floor(y);
  const ix = Math.floor(x);
  const rowStride = width + 2;
  const planeStride = rowStride * (height + 2);
  const corner = (iz + 1) * planeStride + (iy + 1) * rowStride + ix + 1;
  return interpolateCell(values, corner, rowStride, planeStride, z - iz, y - iy, x - ix);
}
