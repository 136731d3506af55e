/**
 * Where things are, for server and browser alike. A position is (x, y, z) in voxels; 0 is the centre of the first voxel, so that
 * voxel i reaches from i - 0.5 to i + 0.5. In Å it is the position times the voxel size.
 */
export type Position = readonly [x: number, y: number, z: number];

export type Plane = "xy" | "xz" | "yz";

/** 0 x, 1 y, 2 z. */
export type Axis = 0 | 1 | 2;

/** Which axis of a slice goes to the right (columns), which downwards (rows), and which through it. */
export const planeAxes: Readonly<
  Record<Plane, { readonly across: Axis; readonly down: Axis; readonly through: Axis }>
> = {
  xy: { across: 0, down: 1, through: 2 },
  xz: { across: 0, down: 2, through: 1 },
  // z to the right, so that y is level with the XY pane beside it
  yz: { across: 2, down: 1, through: 0 },
};
