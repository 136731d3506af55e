/**
 * How a volume lies in its cache: a file a level, cubes of 64 × 64 × 64 codes one after the other in the order (z, y, x), the codes of a
 * cube in the same order, little endian; beyond the edges of the volume they are 0. Each level halves all three axes, rounded up.
 */
import type { Shape3 } from "../../../volume/volume.ts";

export const cubeEdge = 64;
export const cubeVoxels = cubeEdge ** 3;
export const cubeBytes = cubeVoxels * 2;

/** Levels until one cube holds everything. */
export const levelsOf = (shape: Shape3): number =>
  1 + Math.max(0, Math.ceil(Math.log2(Math.max(...shape) / cubeEdge)));

/** Voxels of a level (z, y, x). */
export function levelShape([z, y, x]: Shape3, level: number): Shape3 {
  const halved = (length: number) => Math.ceil(length / 2 ** level);
  return [halved(z), halved(y), halved(x)];
}

/** Cubes of a level (z, y, x). */
export function cubeCounts(shape: Shape3, level: number): Shape3 {
  const [z, y, x] = levelShape(shape, level);
  return [Math.ceil(z / cubeEdge), Math.ceil(y / cubeEdge), Math.ceil(x / cubeEdge)];
}

export const levelFile = (level: number): string => `level-${level}.cubes`;

/** The labels of a label map, in order, as JSON. */
export const labelsFile = "labels.json";
