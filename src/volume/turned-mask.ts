/**
 * Cubic masks turned in space. A mask of side n is resampled about its centre n/2 by trilinear interpolation (zero
 * beyond the outermost voxel centres), single precision, and a voxel is kept where the value rounds to 1 (halves to even):
 * 0.5 < value < 1.5. This is what DeepFinder computes with scipy's `map_coordinates(order=1)` and `numpy.round`.
 *
 * Speed: the interpolated value lies between the least and the greatest of the eight voxels around, so a table of
 * cells answers everywhere but at the mask's surface, and only the ball that holds the mask is visited.
 */
import { TomoflowError } from "../core/error.ts";
import { interpolateCell } from "./interpolation.ts";
import type { Rotation } from "./rotation.ts";
import { formatShape, type Volume, type VoxelArray } from "./volume.ts";

/** Largest side of a mask, voxels: its index must fit the found list's 32 bits with memory to spare. */
const largestSide = 512;

const outside = 0;
const inside = 1;
const mixed = 2;

/** A mask made ready for turning; immutable, so one serves any number of objects. */
export interface TurnableMask {
  /** Voxels along each axis. */
  readonly side: number;
  /** (side+1)³, (z, y, x): the mask, with a plane of zeros after each axis. */
  readonly values: Float32Array;
  /** (side+1)³, (z, y, x): whether the cell from (z, y, x) to (z+1, y+1, x+1) is outside, inside or mixed. */
  readonly cells: Uint8Array;
  /** Radius of the ball about the centre that holds every cell not outside, voxels. */
  readonly radius: number;
}

/**
 * Prepares a cubic mask; values other than 0 and 1 are taken as they are.
 * @param name what the messages call it, e.g. `the mask of class 3`
 * @throws TomoflowError `mask-not-cubic`, `mask-too-large`, `mask-empty`
 */
export function prepareMask(mask: Pick<Volume, "data" | "shape">, name = "the mask"): TurnableMask {
  const [side, height, width] = mask.shape;
  if (side !== height || side !== width)
    throw new TomoflowError("mask-not-cubic", `${name} is ${formatShape(mask.shape)} voxels, not a cube`, {
      hint: "pad the mask with zeros to a cube around its particle",
    });
  if (side > largestSide)
    throw new TomoflowError(
      "mask-too-large",
      `${name} has a side of ${side} voxels, the limit is ${largestSide}`,
      {
        hint: "crop the mask around its particle",
      },
    );
  const values = padded(mask.data, side);
  const cells = classifyCells(values, side);
  const radius = ballRadius(cells, side);
  if (radius < 0)
    throw new TomoflowError("mask-empty", `${name} has no voxel that rounds to 1`, {
      hint: "a mask is 1 inside the particle and 0 outside",
    });
  return { side, values, cells, radius };
}

/**
 * Finds the voxels of the turned mask.
 *
 * @param found receives the index (z·side + y)·side + x of each kept voxel, ascending; needs side³ places at most
 * @returns how many voxels were found
 */
export function findTurnedVoxels(mask: TurnableMask, rotation: Rotation, found: Int32Array): number {
  const { side, values, cells, radius } = mask;
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = rotation;
  const centre = side / 2;
  const last = side - 1;
  const rowStride = side + 1;
  const planeStride = rowStride * rowStride;
  const low = Math.max(0, Math.ceil(centre - radius));
  const high = Math.min(last, Math.floor(centre + radius));
  let count = 0;
  for (let z = low; z <= high; z++) {
    const dz = z - centre;
    for (let y = low; y <= high; y++) {
      const dy = y - centre;
      const reachSquared = radius * radius - dz * dz - dy * dy;
      if (reachSquared < 0) continue;
      const reach = Math.sqrt(reachSquared);
      const from = Math.max(0, Math.ceil(centre - reach));
      const to = Math.min(last, Math.floor(centre + reach));
      // The inverse of a rotation is its transpose.
      const rowX = yx * dy + zx * dz + centre;
      const rowY = yy * dy + zy * dz + centre;
      const rowZ = yz * dy + zz * dz + centre;
      const row = (z * side + y) * side;
      for (let x = from; x <= to; x++) {
        const dx = x - centre;
        const sx = xx * dx + rowX;
        const sy = xy * dx + rowY;
        const sz = xz * dx + rowZ;
        if (!(sx >= 0 && sx <= last && sy >= 0 && sy <= last && sz >= 0 && sz <= last)) continue;
        const ix = sx | 0;
        const iy = sy | 0;
        const iz = sz | 0;
        const corner = iz * planeStride + iy * rowStride + ix;
        const cell = cells[corner];
        if (cell === outside) continue;
        if (cell === mixed) {
          const value = Math.fround(
            interpolateCell(values, corner, rowStride, planeStride, sz - iz, sy - iy, sx - ix),
          );
          if (!(value > 0.5 && value < 1.5)) continue;
        }
        found[count++] = row + x;
      }
    }
  }
  return count;
}

function padded(data: VoxelArray, side: number): Float32Array {
  const stride = side + 1;
  const values = new Float32Array(stride ** 3);
  for (let z = 0; z < side; z++)
    for (let y = 0; y < side; y++) {
      const from = (z * side + y) * side;
      values.set(data.subarray(from, from + side), (z * stride + y) * stride);
    }
  return values;
}

function classifyCells(values: Float32Array, side: number): Uint8Array {
  const stride = side + 1;
  const cells = new Uint8Array(stride ** 3);
  const corners = [0, 1, stride, stride + 1].flatMap((offset) => [offset, offset + stride * stride]);
  for (let z = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const cell = (z * stride + y) * stride + x;
        cells[cell] = classOfCell(values, cell, corners);
      }
  return cells;
}

function classOfCell(values: Float32Array, cell: number, corners: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const corner of corners) {
    const value = values[cell + corner];
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (greatest <= 0.5 || least >= 1.5) return outside;
  return least > 0.5 && greatest < 1.5 ? inside : mixed;
}

function ballRadius(cells: Uint8Array, side: number): number {
  const stride = side + 1;
  let farthestSquared = -1;
  for (let z = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        if (cells[(z * stride + y) * stride + x] === outside) continue;
        const distanceSquared = reach(z, side) ** 2 + reach(y, side) ** 2 + reach(x, side) ** 2;
        farthestSquared = Math.max(farthestSquared, distanceSquared);
      }
  return farthestSquared < 0 ? -1 : Math.sqrt(farthestSquared);
}

/** Distance from the centre to the farther end of the cell that starts at `index`, along one axis. */
const reach = (index: number, side: number): number =>
  Math.max(Math.abs(index - side / 2), Math.abs(index + 1 - side / 2));
