import { TomoflowError } from "../../core/error.ts";
import { formatShape, type Shape3, type Volume } from "../../volume/volume.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";

/** True when the object's nearest voxel lies in a volume of `shape`, (z, y, x), and `margin` voxels from its border. */
export const isInside = ({ x, y, z }: TomogramObject, shape: Shape3, margin = 0): boolean =>
  [z, y, x].every((value, axis) => {
    const voxel = Math.round(value);
    return voxel >= margin && voxel <= shape[axis] - 1 - margin;
  });

/** The objects inside a volume of `shape`, (z, y, x), at least `margin` voxels from its border. */
export const clipObjects = (list: ObjectList, shape: Shape3, margin = 0): ObjectList =>
  list.filter((object) => isInside(object, shape, margin));

/**
 * The objects whose nearest voxel is not zero in the mask; objects outside the mask's volume are dropped.
 * @throws TomoflowError `mask-size` when the mask's array and shape disagree
 */
export function keepInsideMask(list: ObjectList, mask: Pick<Volume, "data" | "shape">): ObjectList {
  const [depth, height, width] = mask.shape;
  if (mask.data.length !== depth * height * width)
    throw new TomoflowError(
      "mask-size",
      `the mask holds ${mask.data.length} voxels, not ${formatShape(mask.shape)}`,
    );
  return list.filter((object) => {
    if (!isInside(object, mask.shape)) return false;
    const [z, y, x] = [object.z, object.y, object.x].map(Math.round);
    return mask.data[(z * height + y) * width + x] !== 0;
  });
}
