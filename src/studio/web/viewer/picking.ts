import { sliceVoxel } from "./demand.ts";
import { nearObjects, type ObjectColumns } from "./near-objects.ts";
import { type Plane, type Point, type Position, planeAxes, pointOf, type Size } from "./planes.ts";
import type { ShownObject } from "./viewer-props.ts";
import type { ViewerState } from "./viewer-store.ts";

/** How far beside its ring a click still takes an object, CSS pixels. */
const slack = 3;

/** The object drawn under a point of a pane: of several, the one whose middle is nearest; null: none. */
export function objectUnder(
  point: Point,
  plane: Plane,
  { columns, state, size }: { columns: ObjectColumns; state: ViewerState; size: Size },
): ShownObject | null {
  if (!state.objects.shown) return null;
  const { view } = state;
  const { through } = planeAxes[plane];
  let best: { object: ShownObject; far: number } | null = null;
  for (const { index, away } of nearObjects(columns, plane, {
    at: sliceVoxel(state, plane),
    aspect: view.aspect,
    thickness: state.averaged,
    hidden: state.objects.hidden,
  })) {
    const { places, radii, objects } = columns;
    const place: Position = [places[index * 3]!, places[index * 3 + 1]!, places[index * 3 + 2]!];
    const { left, top } = pointOf(place, plane, view, size);
    const beside = Math.hypot(left - point.left, top - point.top);
    if (beside > Math.max(radii[index]! * view.zoom, 4) + slack) continue;
    const far = Math.hypot(beside, away * view.aspect[through] * view.zoom);
    if (best === null || far < best.far) best = { object: objects[index]!, far };
  }
  return best?.object ?? null;
}
