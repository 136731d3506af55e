/**
 * Orientations of a volume for test-time augmentation: mirrors of its axes, so that the missing wedge, which is its own
 * mirror image along x, y and z, stays in place. Two mirrors are a half turn about the third axis.
 */
import { extentOf, type Ranges3 } from "../network/restrict.ts";
import type { Shape3 } from "../volume/volume.ts";

/** Which of the axes z, y, x run backwards. */
export type Orientation = readonly [z: boolean, y: boolean, x: boolean];

/** `turns`: as it is, and half turns about x, y, z. `mirrors`: these and their mirror images. */
export type TestTimeAugmentation = "none" | "turns" | "mirrors";

const asItIs: Orientation = [false, false, false];

const turns: readonly Orientation[] = [asItIs, [true, true, false], [true, false, true], [false, true, true]];

const mirrored: readonly Orientation[] = turns.map(([z, y, x]) => [z, !y, x]);

export function orientationsOf(augmentation: TestTimeAugmentation): readonly Orientation[] {
  if (augmentation === "none") return [asItIs];
  return augmentation === "turns" ? turns : [...turns, ...mirrored];
}

/** Where a box of a volume of `shape` lies in the turned volume; and back, for turning twice is nothing. */
export const turnBox = (box: Ranges3, shape: Shape3, orientation: Orientation): Ranges3 =>
  box.map(([start, end], axis) =>
    orientation[axis] ? [shape[axis]! - end, shape[axis]! - start] : [start, end],
  ) as unknown as Ranges3;

/** Turns (channel, z, y, x) data that fill a box; the same array where nothing turns. */
export function turnData(data: Float32Array, box: Ranges3, orientation: Orientation): Float32Array {
  const [turnZ, turnY, turnX] = orientation;
  if (!turnZ && !turnY && !turnX) return data;
  const [planes, rows, width] = extentOf(box);
  const turned = new Float32Array(data.length);
  for (let plane = 0; plane < data.length / (rows * width); plane++) {
    const z = plane % planes;
    const toPlane = turnZ ? plane - z + planes - 1 - z : plane;
    for (let y = 0; y < rows; y++) {
      const row = data.subarray((plane * rows + y) * width, (plane * rows + y + 1) * width);
      const to = (toPlane * rows + (turnY ? rows - 1 - y : y)) * width;
      turned.set(row, to);
      if (turnX) turned.subarray(to, to + width).reverse();
    }
  }
  return turned;
}
