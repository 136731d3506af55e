/** Which detections may be matched with which truth objects: near enough, or inside the truth's mask. */
import { TomoflowError } from "../../core/error.ts";
import { interpolateCell } from "../../volume/interpolation.ts";
import { type EulerAngles, type Rotation, rotationOf } from "../../volume/rotation.ts";
import type { TurnableMask } from "../../volume/turned-mask.ts";
import { hasAngles, type ObjectList, type TomogramObject } from "../object-list.ts";
import { type PerClass, valueOfClass } from "../operations/filter.ts";
import type { MatchGraph } from "./match-graph.ts";
import { createPlaceGrid } from "./place-grid.ts";

/** When a detection counts as at a truth object's place. */
export type MatchRule =
  | {
      readonly type: "distance";
      /** Voxels, included; for every class alike or by the truth's label. */
      readonly distance: PerClass;
    }
  | {
      readonly type: "shapes";
      /** Label -> mask of the class, turned by the truth's angles. */
      readonly masks: ReadonlyMap<number, TurnableMask>;
    };

/**
 * The truth objects (rows) and detections (columns) of a tomogram with who is at whose place, whatever their classes.
 * @throws TomoflowError `distance-missing`, `mask-missing`, `angles-missing`
 */
export function createMatchGraph(truth: ObjectList, detections: ObjectList, rule: MatchRule): MatchGraph {
  const reaches = truth.map((object) => reachOf(object, rule));
  const accepts = truth.map((object, row) => acceptance(object, reaches[row], rule));
  const greatest = reaches.reduce((most, reach) => Math.max(most, reach), 0);
  const rows = createPlaceGrid(truth);
  const columns = createPlaceGrid(detections);
  return {
    greatestDistance: greatest,
    rows: {
      count: truth.length,
      visitNeighbours: (row, within, visit) => {
        const isAccepted = accepts[row];
        columns.visitWithin(truth[row], Math.min(within, reaches[row]), (column, distance) =>
          isAccepted(detections[column], distance) ? visit(column, distance) : false,
        );
      },
    },
    columns: {
      count: detections.length,
      visitNeighbours: (column, within, visit) => {
        const detection = detections[column];
        rows.visitWithin(detection, Math.min(within, greatest), (row, distance) =>
          accepts[row](detection, distance) ? visit(row, distance) : false,
        );
      },
    },
  };
}

/** Voxels beyond which no detection is at the object's place. */
function reachOf(object: TomogramObject, rule: MatchRule): number {
  if (rule.type === "shapes") return Math.sqrt(3) * (maskOf(object.label, rule.masks).side / 2 + 1);
  const distance = valueOfClass(rule.distance, object.label);
  if (distance !== undefined) return distance;
  throw new TomoflowError("distance-missing", `class ${object.label} has neither a distance nor a radius`, {
    hint: "give the radius in `classes`, or `distance` as a number or by label",
  });
}

function maskOf(label: number, masks: ReadonlyMap<number, TurnableMask>): TurnableMask {
  const mask = masks.get(label);
  if (mask) return mask;
  throw new TomoflowError("mask-missing", `class ${label} has no mask`, {
    hint: "give the mask in `classes`, or match by distance",
  });
}

function acceptance(
  object: TomogramObject,
  reach: number,
  rule: MatchRule,
): (detection: TomogramObject, distance: number) => boolean {
  if (rule.type === "distance") return (_, distance) => distance <= reach;
  if (!hasAngles(object))
    throw new TomoflowError(
      "angles-missing",
      `a truth object of class ${object.label} has no angles phi, psi, the`,
      {
        hint: "matching by shape turns the mask by the angles; match by distance instead",
      },
    );
  const mask = maskOf(object.label, rule.masks);
  const rotation = rotationOf(object satisfies EulerAngles);
  return (detection) => maskHolds(mask, rotation, voxelsBetween(object, detection));
}

/** (z, y, x) from the nearest voxel of `from` to that of `to`. */
const voxelsBetween = (from: TomogramObject, to: TomogramObject): readonly [number, number, number] => [
  Math.round(to.z) - Math.round(from.z),
  Math.round(to.y) - Math.round(from.y),
  Math.round(to.x) - Math.round(from.x),
];

/**
 * True when the turned mask, placed as the shape targets are (its index floor(n/2) on the object's voxel, resampled
 * about n/2 by trilinear interpolation), covers the voxel at this offset, (z, y, x), from the object's voxel.
 */
export function maskHolds(
  { side, values }: TurnableMask,
  [xx, xy, xz, yx, yy, yz, zx, zy, zz]: Rotation,
  offset: readonly [number, number, number],
): boolean {
  const centre = side / 2;
  const index = offset.map((value) => value + Math.floor(centre));
  if (index.some((value) => value < 0 || value >= side)) return false;
  const [dz, dy, dx] = index.map((value) => value - centre);
  const source = [
    xz * dx + yz * dy + zz * dz + centre,
    xy * dx + yy * dy + zy * dz + centre,
    xx * dx + yx * dy + zx * dz + centre,
  ];
  if (source.some((value) => !(value >= 0 && value <= side - 1))) return false;
  const [iz, iy, ix] = source.map(Math.floor);
  const stride = side + 1;
  const corner = (iz * stride + iy) * stride + ix;
  const [tz, ty, tx] = [source[0] - iz, source[1] - iy, source[2] - ix];
  const value = Math.fround(interpolateCell(values, corner, stride, stride * stride, tz, ty, tx));
  return value > 0.5 && value < 1.5;
}
