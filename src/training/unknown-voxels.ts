/**
 * Tomograms of which only some objects are listed. What is labelled is known, and so is background near a listed object, where
 * whoever listed it would have seen others; elsewhere background may be an object that is not listed: its voxels get the label of
 * unknown ones, which losses weigh little and scores leave out.
 */
import { unknownLabel } from "../network/losses/loss.ts";
import type { ObjectList } from "../objects/object-list.ts";
import type { Triple } from "../volume/volume.ts";

export interface KnownPart {
  /** First voxel (z, y, x) of the cube in its tomogram. */
  readonly start: Triple;
  /** Of the cube, voxels. */
  readonly side: number;
  readonly objects: ObjectList;
  /** Distance from an object's centre up to which background is known, by label, voxels. */
  readonly within: Readonly<Record<number, number>>;
}

/** Gives background voxels of a cube (z, y, x), beyond the distance from every object, the label of unknown ones; in place. */
export function markUnknown(labels: Uint8Array, { start, side, objects, within }: KnownPart): void {
  for (let i = 0; i < labels.length; i++) if (labels[i] === 0) labels[i] = unknownLabel;
  for (const { label, x, y, z } of objects) {
    const distance = within[label];
    if (distance === undefined) continue;
    const centre = [z - start[0], y - start[1], x - start[2]] as const;
    const first = centre.map((at) => Math.max(0, Math.ceil(at - distance)));
    const last = centre.map((at) => Math.min(side - 1, Math.floor(at + distance)));
    for (let i = first[0]!; i <= last[0]!; i++)
      for (let j = first[1]!; j <= last[1]!; j++)
        for (let k = first[2]!; k <= last[2]!; k++) {
          const at = (i * side + j) * side + k;
          if (labels[at] !== unknownLabel) continue;
          const squared = (i - centre[0]) ** 2 + (j - centre[1]) ** 2 + (k - centre[2]) ** 2;
          if (squared <= distance ** 2) labels[at] = 0;
        }
  }
}

export function countUnknown(labels: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === unknownLabel) count++;
  return count;
}
