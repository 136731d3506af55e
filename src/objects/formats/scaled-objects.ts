/** Objects of files that count in voxels or Å from the first voxel: told with the tomogram, to which they are scaled. */
import { success } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import type { KnownTomogram, ObjectsByTomogram } from "./object-format.ts";

/** In pixels of the file, 0 the first one's centre; these are the tomogram's voxels unless a binning is given. */
export const objectsInPixels = (list: ObjectList): ObjectsByTomogram =>
  Object.assign(
    ({ binning }: KnownTomogram) =>
      success(
        binning === undefined || binning === 1
          ? list
          : list.map((object) => scaled(object, [binning, binning, binning])),
      ),
    { requires: [], isScaled: true },
  );

/** In Å, 0 the centre of the first voxel. */
export const objectsInAngstrom = (list: ObjectList): ObjectsByTomogram =>
  Object.assign(
    ({ voxelSizeAngstrom }: KnownTomogram) => {
      const [z, y, x] = voxelSizeAngstrom!;
      return success(list.map((object) => scaled(object, [x, y, z])));
    },
    { requires: ["voxelSizeAngstrom"] as const, isScaled: true },
  );

const scaled = (object: TomogramObject, [x, y, z]: readonly [number, number, number]): TomogramObject => ({
  ...object,
  x: object.x / x,
  y: object.y / y,
  z: object.z / z,
});
