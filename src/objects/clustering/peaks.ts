/**
 * Score maxima: plateaus of the class's probability with no higher neighbour (26), among the voxels labelled with the
 * class, kept greedily from the highest down unless a kept one lies within the radius (non-maximum suppression). A
 * peak sits at the centroid of its plateau: half-precision scores saturate at 1, so plateaus are large.
 */
import { keepFarApart } from "./far-apart.ts";
import { createLattice, type Lattice, pointAt, sumBall } from "./lattice.ts";
import type { PointScores } from "./scores.ts";
import type { VoxelPoints } from "./voxel-points.ts";

export interface Peak {
  /** (z, y, x), voxels. */
  readonly position: readonly [number, number, number];
  /** Probability there, 0…1. */
  readonly score: number;
  /** Difference to the next best class there. */
  readonly margin: number;
  /** The class of the plateau's first voxel. */
  readonly label: number;
  /** Labelled voxels within the radius. */
  readonly size: number;
}

export interface PeakOptions {
  /** Voxels. */
  readonly radius: number;
  /** Lowest probability of a peak. */
  readonly threshold: number;
}

/** The peaks of one class, highest first. */
export function findPeaks(points: VoxelPoints, scores: PointScores, options: PeakOptions): readonly Peak[] {
  if (points.index.length === 0) return [];
  const lattice = createLattice(points);
  const plateaus = findPlateaus(points, scores, lattice).filter(({ score }) => score >= options.threshold);
  plateaus.sort((a, b) => b.score - a.score || b.voxels - a.voxels || a.first - b.first);
  const kept = keepFarApart(plateaus, options.radius);
  const sums = new Float64Array(4);
  return kept.map(({ position, score, margin, first }) => {
    sumBall(lattice, position, { radius: options.radius, sums });
    return { position, label: points.label[first], score, margin, size: sums[0] };
  });
}

interface Plateau {
  readonly position: readonly [number, number, number];
  readonly score: number;
  readonly margin: number;
  readonly voxels: number;
  /** Its first point. */
  readonly first: number;
}

function findPlateaus(points: VoxelPoints, scores: PointScores, lattice: Lattice): Plateau[] {
  const visited = new Uint8Array(points.index.length);
  const plateaus: Plateau[] = [];
  for (let point = 0; point < visited.length; point++) {
    if (visited[point]) continue;
    const plateau = growPlateau(point, { points, scores, lattice, visited });
    if (plateau) plateaus.push(plateau);
  }
  return plateaus;
}

interface Growth {
  readonly points: VoxelPoints;
  readonly scores: PointScores;
  readonly lattice: Lattice;
  readonly visited: Uint8Array;
}

/** Visits the points of equal score that touch; undefined when one of their neighbours is higher. */
function growPlateau(first: number, { points, scores, lattice, visited }: Growth): Plateau | undefined {
  const [, height, width] = points.shape;
  const score = scores.own[first];
  const members = [first];
  visited[first] = 1;
  let highest = true;
  const sum = [0, 0, 0, 0];
  for (let next = 0; next < members.length; next++) {
    const row = Math.floor(points.index[members[next]] / width);
    const x = points.index[members[next]] - row * width;
    const z = Math.floor(row / height);
    const y = row - z * height;
    sum[0] += z;
    sum[1] += y;
    sum[2] += x;
    sum[3] += scores.own[members[next]] - scores.next[members[next]];
    for (const [dz, dy, dx] of neighbors) {
      const other = pointAt(lattice, z + dz, y + dy, x + dx);
      if (other < 0) continue;
      if (scores.own[other] > score) highest = false;
      if (scores.own[other] !== score || visited[other]) continue;
      visited[other] = 1;
      members.push(other);
    }
  }
  if (!highest) return undefined;
  const [z, y, x, margin] = sum.map((total) => total / members.length);
  return { position: [z, y, x], score, margin, voxels: members.length, first };
}

const steps = [-1, 0, 1];
const neighbors = steps
  .flatMap((dz) => steps.flatMap((dy) => steps.map((dx) => [dz, dy, dx] as const)))
  .filter(([dz, dy, dx]) => dz !== 0 || dy !== 0 || dx !== 0);
