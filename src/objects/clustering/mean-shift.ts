/**
 * Mean-shift of lattice points with a flat kernel: exactly scikit-learn's `MeanShift(bandwidth=radius,
 * bin_seeding=True)` on the (z, y, x) coordinates of voxels, as DeepFinder uses it (Comaniciu and Meer 2002).
 *
 * Seeds are unique round(point/radius)·radius (halves to even, single precision as there); each moves to the mean of the
 * points within the radius until it moves by no more than 0.001·radius, 300 times at most. Centres are ranked by the
 * number of points within, larger coordinates first on ties; a centre within the radius of a better one is dropped;
 * each point goes to its nearest centre. The means are exact, by `lattice.ts`, so no neighbour is ever searched.
 */
import { addCentre, assignToNearest, createCentreGrid, hasCentreWithin } from "./centre-grid.ts";
import type { Clusters } from "./clusters.ts";
import { type BallSums, createLattice, type Lattice, sumBall } from "./lattice.ts";
import type { VoxelPoints } from "./voxel-points.ts";

export interface MeanShiftOptions {
  /** Voxels, more than 0. */
  readonly radius: number;
  readonly signal?: AbortSignal;
  /** Told now and then how many of the seeds have arrived. */
  readonly onProgress?: (done: number, total: number) => void;
}

const largestIterationCount = 300;

/** Clusters the points of a label map regardless of their labels. */
export async function meanShift(points: VoxelPoints, options: MeanShiftOptions): Promise<Clusters> {
  options.signal?.throwIfAborted();
  if (points.index.length === 0)
    return { centres: new Float64Array(0), assigned: new Int32Array(0), sizes: new Uint32Array(0) };
  const modes = await climb(findSeeds(points, options.radius), createLattice(points), options);
  const centres = selectCentres(modes, options.radius);
  const [, height, width] = points.shape;
  const grid = createCentreGrid(centres, options.radius);
  for (let centre = 0; centre < centres.length / 3; centre++) addCentre(grid, centre);
  const assigned = assignToNearest(points.index, { height, width }, grid);
  const sizes = new Uint32Array(centres.length / 3);
  for (const cluster of assigned) sizes[cluster]++;
  return { centres, assigned, sizes };
}

type Position = readonly [z: number, y: number, x: number];

/** The occupied bins in the order of their first point; the points themselves when every one has a bin of its own. */
export function findSeeds({ index, shape }: VoxelPoints, radius: number): readonly Position[] {
  const [binOfZ, binOfY, binOfX] = shape.map((length) =>
    Int32Array.from({ length }, (_, voxel) => roundHalfToEven(voxel / radius)),
  );
  const [, height, width] = shape;
  const bins = new Map<number, Position>();
  let lastKey = -1;
  for (const at of index) {
    const row = Math.floor(at / width);
    const plane = Math.floor(row / height);
    const [z, y, x] = [binOfZ[plane], binOfY[row - plane * height], binOfX[at - row * width]];
    const key = (z * (binOfY[height - 1] + 1) + y) * (binOfX[width - 1] + 1) + x;
    if (key === lastKey) continue;
    lastKey = key;
    if (!bins.has(key)) bins.set(key, [z, y, x]);
  }
  if (bins.size === index.length) return [...index].map((at) => positionOf(at, height, width));
  const size = Math.fround(radius);
  return [...bins.values()].map(([z, y, x]) => [
    Math.fround(z * size),
    Math.fround(y * size),
    Math.fround(x * size),
  ]);
}

function positionOf(at: number, height: number, width: number): Position {
  const row = Math.floor(at / width);
  const z = Math.floor(row / height);
  return [z, row - z * height, at - row * width];
}

/** As numpy.round: 0.5 → 0, 1.5 → 2, 2.5 → 2. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return rest < 0.5 ? floor : floor + 1;
}

/** Where a seed arrived, and the number of points within the radius there. */
interface Mode {
  readonly position: Position;
  readonly count: number;
}

/** How long to compute before others get their turn, ms. */
const turnMilliseconds = 50;

async function climb(
  seeds: readonly Position[],
  lattice: Lattice,
  { radius, signal, onProgress }: MeanShiftOptions,
): Promise<readonly Mode[]> {
  const sums = new Float64Array(4);
  // Seeds that arrive at the same place are one mode; the last one's count stands, as in a Python dictionary.
  const modes = new Map<string, Mode>();
  let turnStart = performance.now();
  for (let i = 0; i < seeds.length; i++) {
    const mode = climbFrom(seeds[i], lattice, { radius, sums });
    if (mode.count > 0) modes.set(mode.position.join(" "), mode);
    if (performance.now() - turnStart < turnMilliseconds) continue;
    onProgress?.(i + 1, seeds.length);
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    turnStart = performance.now();
  }
  return [...modes.values()];
}

function climbFrom(seed: Position, lattice: Lattice, ball: { radius: number; sums: BallSums }): Mode {
  const stop = 1e-3 * ball.radius;
  let position = seed;
  for (let iteration = 0; ; iteration++) {
    sumBall(lattice, position, ball);
    const count = ball.sums[0];
    if (count === 0) return { position, count };
    const mean: Position = [ball.sums[1] / count, ball.sums[2] / count, ball.sums[3] / count];
    const [dz, dy, dx] = [mean[0] - position[0], mean[1] - position[1], mean[2] - position[2]];
    position = mean;
    if (Math.sqrt(dz * dz + dy * dy + dx * dx) <= stop || iteration === largestIterationCount)
      return { position, count };
  }
}

/** The best of modes that lie within the radius of one another, in rank order. */
function selectCentres(modes: readonly Mode[], radius: number): Float64Array {
  const ranked = modes.toSorted((a, b) => b.count - a.count || comparePositions(b.position, a.position));
  const centres = new Float64Array(ranked.length * 3);
  const grid = createCentreGrid(centres, radius);
  let kept = 0;
  for (const { position } of ranked) {
    if (hasCentreWithin(grid, position, radius)) continue;
    centres.set(position, kept * 3);
    addCentre(grid, kept++);
  }
  return centres.slice(0, kept * 3);
}

const comparePositions = (a: Position, b: Position): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
