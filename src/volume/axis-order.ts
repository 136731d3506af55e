/** Files whose axes lie in another order than (z, y, x), and the way there and back. */
import type { Shape3, Triple, VoxelArray } from "./volume.ts";
import { allocateVoxels, typeOfArray } from "./voxel-type.ts";

/** Index in (z, y, x) of the file's sections, rows and columns: [0, 1, 2] when they are z, y, x already. */
export type AxisOrder = readonly [sections: 0 | 1 | 2, rows: 0 | 1 | 2, columns: 0 | 1 | 2];

export const usualOrder: AxisOrder = [0, 1, 2];

export const isUsual = (order: AxisOrder): boolean => order.every((axis, index) => axis === index);

/** From (z, y, x) to (sections, rows, columns). */
export const toFileOrder = (triple: Triple | Shape3, order: AxisOrder): Triple => [
  triple[order[0]],
  triple[order[1]],
  triple[order[2]],
];

/** From (sections, rows, columns) to (z, y, x). */
export function toVolumeOrder(triple: Triple, order: AxisOrder): Triple {
  const volume: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < 3; i++) volume[order[i]] = triple[i];
  return volume;
}

/** Turns voxels of `fileShape` (sections, rows, columns) into (z, y, x) order; not copied where they are in it. */
export function turnVoxels(voxels: VoxelArray, fileShape: Triple, order: AxisOrder): VoxelArray {
  if (isUsual(order)) return voxels;
  const [depth, height, width] = toVolumeOrder(fileShape, order);
  const strides = toVolumeOrder([fileShape[1] * fileShape[2], fileShape[2], 1], order);
  const turned = allocateVoxels(typeOfArray(voxels), voxels.length);
  let to = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      let from = z * strides[0] + y * strides[1];
      for (let x = 0; x < width; x++, from += strides[2]) turned[to++] = voxels[from];
    }
  return turned;
}
