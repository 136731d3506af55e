import type { ObjectList } from "../object-list.ts";

/**
 * Which point of the grids stays in place. `first-voxel`: the centre of the first voxel (x → factor·x, as DeepFinder).
 * `corner`: the outer corner of the first voxel (x → factor·(x + ½) − ½), right between a volume and the same volume
 * binned by averaging blocks of voxels.
 */
export type ScaleAnchor = "first-voxel" | "corner";

/**
 * Scales coordinates by `factor` (2 from a volume binned by 2 to the full one, 0.5 back) and sizes by its cube.
 * Angles, scores and the rest stay.
 */
export function scaleObjects(
  list: ObjectList,
  factor: number,
  anchor: ScaleAnchor = "first-voxel",
): ObjectList {
  const shift = anchor === "corner" ? 0.5 : 0;
  const scale = (value: number) => (value + shift) * factor - shift;
  return list.map((object) => {
    const { clusterSize, x, y, z } = object;
    const scaled = { ...object, x: scale(x), y: scale(y), z: scale(z) };
    return clusterSize === undefined
      ? scaled
      : { ...scaled, clusterSize: Math.max(1, Math.round(clusterSize * factor ** 3)) };
  });
}
