/** Where the 3-D view looks from, as a matrix. */
import type { Position } from "../planes.ts";

export interface Orbit {
  /** Around the vertical, radians. */
  readonly turn: number;
  /** Up (positive) or down, radians, within ±π/2. */
  readonly tilt: number;
  /** 1: the box fills the pane. */
  readonly nearness: number;
}

export const firstOrbit: Orbit = { turn: -0.6, tilt: 0.5, nearness: 1 };

/** Turns by a drag of CSS pixels. */
export function turnBy({ turn, tilt, nearness }: Orbit, across: number, down: number): Orbit {
  const limit = Math.PI / 2;
  return {
    nearness,
    turn: turn + across * 0.008,
    tilt: Math.min(limit, Math.max(-limit, tilt + down * 0.008)),
  };
}

/**
 * The matrix (columns first, 4 × 4) that takes positions to clip space: parallel, so that distances can be compared.
 * @param extent length of the volume along x, y, z in voxels of the finest axis
 */
export function orbitMatrix(
  { turn, tilt, nearness }: Orbit,
  {
    shape,
    aspect,
    width,
    height,
    yUp,
  }: {
    shape: Position;
    aspect: Position;
    width: number;
    height: number;
    yUp: boolean;
  },
): Float32Array {
  const extent = shape.map((voxels, axis) => voxels * aspect[axis]!);
  const diagonal = Math.hypot(...extent);
  const scale = (1.9 * nearness) / diagonal;
  const least = Math.min(width, height);
  const toClip = [(scale * least) / width, (scale * least) / height, 0.5 / diagonal];
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  const [up, level] = [Math.sin(tilt), Math.cos(tilt)];
  // x to the right, y into the screen, z upwards before turning: the specimen lies flat
  const deep = yUp ? 1 : -1;
  const rows = [
    [cos, -sin * deep, 0],
    [up * sin, up * cos * deep, level],
    [level * sin, level * cos * deep, -up],
  ];
  const matrix = new Float32Array(16);
  rows.forEach((row, line) => {
    let shift = 0;
    row.forEach((part, axis) => {
      const factor = part * aspect[axis]! * toClip[line]!;
      matrix[axis * 4 + line] = factor;
      shift -= (factor * (shape[axis]! - 1)) / 2;
    });
    matrix[12 + line] = shift;
  });
  matrix[15] = 1;
  return matrix;
}

/** The 12 edges of the volume's box and the 3 outlines of the slices through a position, as pairs of points. */
export function boxLines(shape: Position, position: Position): { box: Float32Array; slices: Float32Array } {
  const low = -0.5;
  const [x, y, z] = shape.map((voxels) => voxels - 0.5) as [number, number, number];
  const corners = (fixed: 0 | 1 | 2, at: number): Position[] => {
    const far: Position = [x, y, z];
    const [one, other] = ([0, 1, 2] as const).filter((axis) => axis !== fixed) as [0 | 1 | 2, 0 | 1 | 2];
    return [
      [low, low],
      [far[one], low],
      [far[one], far[other]],
      [low, far[other]],
    ].map(([first, second]) => {
      const corner: [number, number, number] = [0, 0, 0];
      corner[fixed] = at;
      corner[one] = first!;
      corner[other] = second!;
      return corner;
    });
  };
  const loop = (points: readonly Position[]): number[] =>
    points.flatMap((point, index) => [...point, ...points[(index + 1) % points.length]!]);
  const uprights = corners(2, low).flatMap(([a, b]) => [a, b, low, a, b, z]);
  return {
    box: new Float32Array([...loop(corners(2, low)), ...loop(corners(2, z)), ...uprights]),
    slices: new Float32Array(([0, 1, 2] as const).flatMap((axis) => loop(corners(axis, position[axis])))),
  };
}
