/**
 * Where voxels are on the screen. A position is (x, y, z) in voxels, 0 the centre of the first voxel, so that voxel i reaches
 * from i - 0.5 to i + 0.5. A point of a pane is in CSS pixels from its upper left corner.
 */
import { type Axis, type Plane, type Position, planeAxes } from "../../protocol/coordinates.ts";

export type { Axis, Plane, Position } from "../../protocol/coordinates.ts";
export { planeAxes } from "../../protocol/coordinates.ts";

export const planes: readonly Plane[] = ["xy", "xz", "yz"];

export const axisNames = ["x", "y", "z"] as const;

/** What all panes share: the point in the middle of each, and how large a voxel is drawn. */
export interface View {
  readonly centre: Position;
  /** CSS pixels for one voxel of the finest axis. */
  readonly zoom: number;
  /** Length of a voxel of each axis in voxels of the finest axis: (1, 1, 1) for cubes. */
  readonly aspect: Position;
  /** IMOD's Y: y grows upwards. */
  readonly yUp: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly left: number;
  readonly top: number;
}

/** CSS pixels a voxel, to the right and downwards; the second is negative where the axis grows upwards. */
export function pixelsPerVoxel(plane: Plane, { zoom, aspect, yUp }: View): { across: number; down: number } {
  const { across, down } = planeAxes[plane];
  return { across: zoom * aspect[across], down: zoom * aspect[down] * (yUp && down === 1 ? -1 : 1) };
}

/** Where a position is seen in a pane of this size; how deep it lies is left out. */
export function pointOf(position: Position, plane: Plane, view: View, size: Size): Point {
  const { across, down } = planeAxes[plane];
  const scale = pixelsPerVoxel(plane, view);
  return {
    left: size.width / 2 + (position[across] - view.centre[across]) * scale.across,
    top: size.height / 2 + (position[down] - view.centre[down]) * scale.down,
  };
}

/** The position under a point of a pane, in the slice of `position`. */
export function positionAt(
  point: Point,
  plane: Plane,
  view: View,
  { size, position }: { size: Size; position: Position },
): Position {
  const { across, down } = planeAxes[plane];
  const scale = pixelsPerVoxel(plane, view);
  const found: [number, number, number] = [...position];
  found[across] = view.centre[across] + (point.left - size.width / 2) / scale.across;
  found[down] = view.centre[down] + (point.top - size.height / 2) / scale.down;
  return found;
}

export const leastZoom = 1 / 64;
export const largestZoom = 64;

/** Zooms by a factor so that what is under the point stays there. */
export function zoomAt(
  view: View,
  factor: number,
  { plane, point, size }: { plane: Plane; point: Point; size: Size },
): View {
  const zoom = Math.min(largestZoom, Math.max(leastZoom, view.zoom * factor));
  const { across, down } = planeAxes[plane];
  const before = pixelsPerVoxel(plane, view);
  const after = pixelsPerVoxel(plane, { ...view, zoom });
  const centre: [number, number, number] = [...view.centre];
  centre[across] += (point.left - size.width / 2) * (1 / before.across - 1 / after.across);
  centre[down] += (point.top - size.height / 2) * (1 / before.down - 1 / after.down);
  return { ...view, zoom, centre };
}

/** Moves the view by a drag of so many CSS pixels: what was under the pointer follows it. */
export function panBy(view: View, plane: Plane, { left, top }: Point): View {
  const { across, down } = planeAxes[plane];
  const scale = pixelsPerVoxel(plane, view);
  const centre: [number, number, number] = [...view.centre];
  centre[across] -= left / scale.across;
  centre[down] -= top / scale.down;
  return { ...view, centre };
}

/** The middle of a volume of (x, y, z) voxels. */
export function middleOf(shape: Position): Position {
  return [(shape[0] - 1) / 2, (shape[1] - 1) / 2, (shape[2] - 1) / 2];
}

/** The nearest position within a volume. */
export function within(position: Position, shape: Position): Position {
  const clamp = (axis: Axis): number => Math.min(shape[axis] - 1, Math.max(0, position[axis]));
  return [clamp(0), clamp(1), clamp(2)];
}

/** The zoom at which the volume fits the panes, each with a margin of 4 %. */
export function zoomToFit(
  shape: Position,
  aspect: Position,
  panes: readonly { plane: Plane; size: Size }[],
): number {
  const fits = panes.flatMap(({ plane, size }) => {
    const { across, down } = planeAxes[plane];
    return [size.width / (shape[across] * aspect[across]), size.height / (shape[down] * aspect[down])];
  });
  return Math.min(largestZoom, Math.max(leastZoom, 0.96 * Math.min(...fits)));
}

/** Length of a voxel of each axis in voxels of the finest; (1, 1, 1) where the file says nothing. */
export function aspectOf(voxelSizeAngstrom: Position | null): Position {
  if (voxelSizeAngstrom === null || voxelSizeAngstrom.some((length) => !(length > 0))) return [1, 1, 1];
  const finest = Math.min(...voxelSizeAngstrom);
  return [voxelSizeAngstrom[0] / finest, voxelSizeAngstrom[1] / finest, voxelSizeAngstrom[2] / finest];
}
