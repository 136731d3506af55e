/**
 * Paints objects into label maps. Objects are painted in list order, later over earlier, clipped at the border; what
 * they do not cover keeps its label. Coordinates are voxels, 0 = centre of the first voxel.
 */
import { TomoflowError } from "../core/error.ts";
import { rotationOf } from "./rotation.ts";
import { findTurnedVoxels, type TurnableMask } from "./turned-mask.ts";
import type { Shape3, Triple, VoxelType } from "./volume.ts";

/** What painting needs to know of an object; angles in degrees (see rotation.ts), needed for shapes only. */
export interface PaintableObject {
  /** 1…255. */
  readonly label: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly phi?: number;
  readonly psi?: number;
  readonly the?: number;
}

/** A whole label map or a part of one: a slab is painted exactly as the whole would be there. */
export interface LabelBox {
  /** (z, y, x), one label a voxel. */
  readonly data: Uint8Array;
  readonly shape: Shape3;
  /** (z, y, x) of the box's first voxel in the whole map. */
  readonly start: Triple;
}

/** The voxel type for a label map: 8 bits with sign as long as they suffice, since every program reads them. */
export const labelType = (greatestLabel: number): VoxelType => (greatestLabel <= 127 ? "int8" : "uint8");

/** How coordinates become voxels: to the nearest, or towards zero as DeepFinder does. */
export type CoordinateRounding = "nearest" | "truncate";

/** The voxel (z, y, x) that an object's coordinates stand for. */
export function objectVoxel(object: PaintableObject, rounding: CoordinateRounding): Triple {
  const round = rounding === "nearest" ? Math.round : Math.trunc;
  return [round(object.z), round(object.y), round(object.x)];
}

/**
 * Paints a ball for each object: the voxels with distance² ≤ radius² from the object's voxel.
 *
 * @param radii voxels, by label
 * @throws TomoflowError `radius-missing`
 */
export function paintSpheres(
  box: LabelBox,
  objects: readonly PaintableObject[],
  { radii, rounding }: { readonly radii: ReadonlyMap<number, number>; readonly rounding: CoordinateRounding },
): void {
  for (const object of objects) {
    const radius = radii.get(object.label);
    if (radius === undefined)
      throw new TomoflowError("radius-missing", `class ${object.label} has no radius`, {
        hint: `give classes.${object.label}.radius, or radii: {${object.label}: …}`,
      });
    paintBall(box, objectVoxel(object, rounding), radius, object.label);
  }
}

/**
 * Paints the mask of its class for each object, turned by the object's angles; mask index floor(side/2) falls on the
 * object's voxel.
 *
 * @param masks by label
 * @throws TomoflowError `mask-missing`, `angles-missing`
 */
export function paintShapes(
  box: LabelBox,
  objects: readonly PaintableObject[],
  {
    masks,
    rounding,
  }: { readonly masks: ReadonlyMap<number, TurnableMask>; readonly rounding: CoordinateRounding },
): void {
  const found = new Int32Array(Math.max(0, ...[...masks.values()].map(({ side }) => side ** 3)));
  for (const object of objects) {
    const mask = masks.get(object.label);
    if (!mask)
      throw new TomoflowError("mask-missing", `class ${object.label} has no mask`, {
        hint: `give classes.${object.label}.mask, or masks: {${object.label}: …}`,
      });
    const [z, y, x] = objectVoxel(object, rounding);
    const half = Math.floor(mask.side / 2);
    const corner: Triple = [z - half - box.start[0], y - half - box.start[1], x - half - box.start[2]];
    if (misses(box, corner, mask.side)) continue;
    const count = findTurnedVoxels(mask, rotationOf(anglesOf(object)), found);
    paintVoxels(box, { corner, side: mask.side, found, count }, object.label);
  }
}

function anglesOf({ label, x, y, z, phi, psi, the }: PaintableObject) {
  if (phi === undefined || psi === undefined || the === undefined)
    throw new TomoflowError(
      "angles-missing",
      `the object of class ${label} at x ${x}, y ${y}, z ${z} has no angles, which shape targets need`,
      { hint: "give phi, psi and the of every object, or use strategy: spheres" },
    );
  return { phi, psi, the };
}

/** True when a cube of `side` at `corner`, relative to the box, lies wholly outside. */
const misses = ({ shape }: LabelBox, corner: Triple, side: number): boolean =>
  corner.some((first, axis) => first >= shape[axis] || first + side <= 0);

function paintBall({ data, shape, start }: LabelBox, voxel: Triple, radius: number, label: number): void {
  const [depth, height, width] = shape;
  const [cz, cy, cx] = voxel.map((coordinate, axis) => coordinate - start[axis]);
  const squared = radius * radius;
  const reach = Math.floor(radius);
  for (let z = Math.max(0, cz - reach); z <= Math.min(depth - 1, cz + reach); z++)
    for (let y = Math.max(0, cy - reach); y <= Math.min(height - 1, cy + reach); y++) {
      const left = squared - (z - cz) ** 2 - (y - cy) ** 2;
      if (left < 0) continue;
      const half = Math.floor(Math.sqrt(left));
      const from = Math.max(0, cx - half);
      const to = Math.min(width - 1, cx + half);
      const row = (z * height + y) * width;
      if (from <= to) data.fill(label, row + from, row + to + 1);
    }
}

/** Voxels of a cube by their index in it. */
interface CubeVoxels {
  /** (z, y, x) of the cube's first voxel in the box; may be negative. */
  readonly corner: Triple;
  readonly side: number;
  readonly found: Int32Array;
  readonly count: number;
}

function paintVoxels(
  { data, shape }: LabelBox,
  { corner, side, found, count }: CubeVoxels,
  label: number,
): void {
  const [depth, height, width] = shape;
  for (let place = 0; place < count; place++) {
    const index = found[place];
    const row = Math.floor(index / side);
    const plane = Math.floor(row / side);
    const z = plane + corner[0];
    const y = row - plane * side + corner[1];
    const x = index - row * side + corner[2];
    if (z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width) continue;
    data[(z * height + y) * width + x] = label;
  }
}
