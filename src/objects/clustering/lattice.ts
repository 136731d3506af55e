/**
 * Exact sums over balls of lattice points. A row of voxels is a row of bits; the number of points before each 32-bit
 * word and the running sum of x over the points are kept, so that count and sum of coordinates of any span of a row are
 * two look-ups, and those of a ball O(radius²). Memory: a quarter byte a voxel of the bounding box, 4 bytes a point.
 *
 * A point p is inside the ball when (dz² + dy²) + dx² ≤ r² in double precision, as scikit-learn's KD-tree decides it.
 */
import type { VoxelPoints } from "./voxel-points.ts";

export interface Lattice {
  /** (z, y, x): first voxel of the points' bounding box. */
  readonly origin: readonly [number, number, number];
  /** (z, y, x): size of the bounding box. */
  readonly size: readonly [number, number, number];
  /** 32-bit words a row. */
  readonly words: number;
  /** (z, y, word): one bit a voxel, and one word of nothing at the end. */
  readonly bits: Uint32Array;
  /** (z, y, word): points before the word. */
  readonly rank: Uint32Array;
  /** (n + 1): sum of x, from the box, over the points before; modulo 2³², which a row's difference never exceeds. */
  readonly sumX: Uint32Array;
}

/** What a ball holds: `[count, sum of z, sum of y, sum of x]`, whole numbers. */
export type BallSums = Float64Array;

/** Builds the lattice of at least one point. */
export function createLattice(points: VoxelPoints): Lattice {
  const { origin, size } = boundingBox(points);
  const words = Math.ceil(size[2] / 32);
  const length = size[0] * size[1] * words + 1;
  const lattice: Lattice = {
    origin,
    size,
    words,
    bits: new Uint32Array(length),
    rank: new Uint32Array(length),
    sumX: new Uint32Array(points.index.length + 1),
  };
  fill(lattice, points);
  return lattice;
}

function boundingBox({ index, shape }: VoxelPoints): Pick<Lattice, "origin" | "size"> {
  const [, height, width] = shape;
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [-1, -1, -1];
  for (const at of index) {
    const row = Math.floor(at / width);
    const x = at - row * width;
    const z = Math.floor(row / height);
    const y = row - z * height;
    if (z < low[0]) low[0] = z;
    if (z > high[0]) high[0] = z;
    if (y < low[1]) low[1] = y;
    if (y > high[1]) high[1] = y;
    if (x < low[2]) low[2] = x;
    if (x > high[2]) high[2] = x;
  }
  return {
    origin: [low[0], low[1], low[2]],
    size: [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1],
  };
}

function fill(lattice: Lattice, { index, shape }: VoxelPoints): void {
  const { origin, size, words, bits, rank, sumX } = lattice;
  const [, height, width] = shape;
  let sum = 0;
  for (let i = 0; i < index.length; i++) {
    const row = Math.floor(index[i] / width);
    const x = index[i] - row * width - origin[2];
    const z = Math.floor(row / height);
    const y = row - z * height - origin[1];
    const word = ((z - origin[0]) * size[1] + y) * words + (x >>> 5);
    bits[word] |= 1 << (x & 31);
    rank[word + 1]++;
    sum = (sum + x) >>> 0;
    sumX[i + 1] = sum;
  }
  for (let word = 1; word < rank.length; word++) rank[word] += rank[word - 1];
}

/**
 * Sums over the points in the ball of radius² `radiusSquared` about (z, y, x).
 * @param sums receives `[count, Σz, Σy, Σx]`
 */
export function sumBall(
  lattice: Lattice,
  [z, y, x]: readonly [number, number, number],
  { radius, sums }: { radius: number; sums: BallSums },
): void {
  const { origin, size, words, bits, rank, sumX } = lattice;
  const radiusSquared = radius * radius;
  const left = origin[2];
  const right = left + size[2] - 1;
  const firstZ = Math.max(origin[0], Math.ceil(z - radius) - 1);
  const lastZ = Math.min(origin[0] + size[0] - 1, Math.floor(z + radius) + 1);
  const firstY = Math.max(origin[1], Math.ceil(y - radius) - 1);
  const lastY = Math.min(origin[1] + size[1] - 1, Math.floor(y + radius) + 1);
  let count = 0;
  let sumZ = 0;
  let sumY = 0;
  let total = 0;
  for (let iz = firstZ; iz <= lastZ; iz++) {
    const dz = z - iz;
    const plane = (iz - origin[0]) * size[1] - origin[1];
    for (let iy = firstY; iy <= lastY; iy++) {
      const dy = y - iy;
      const squared = dz * dz + dy * dy;
      if (squared > radiusSquared) continue;
      // The root may be off by its rounding: the ends are settled by the test itself.
      const reach = Math.sqrt(radiusSquared - squared);
      let from = Math.ceil(x - reach);
      let to = Math.floor(x + reach);
      if (squared + (x - from + 1) * (x - from + 1) <= radiusSquared) from--;
      else if (squared + (x - from) * (x - from) > radiusSquared) from++;
      if (squared + (x - to - 1) * (x - to - 1) <= radiusSquared) to++;
      else if (squared + (x - to) * (x - to) > radiusSquared) to--;
      if (from < left) from = left;
      if (to > right) to = right;
      if (from > to) continue;
      const row = (plane + iy) * words;
      const start = from - left;
      const end = to - left + 1;
      const startWord = row + (start >>> 5);
      const endWord = row + (end >>> 5);
      const before = rank[startWord] + bitCount(bits[startWord] & ((1 << (start & 31)) - 1));
      const after = rank[endWord] + bitCount(bits[endWord] & ((1 << (end & 31)) - 1));
      const found = after - before;
      if (found === 0) continue;
      count += found;
      sumZ += iz * found;
      sumY += iy * found;
      total += ((sumX[after] - sumX[before]) >>> 0) + left * found;
    }
  }
  sums[0] = count;
  sums[1] = sumZ;
  sums[2] = sumY;
  sums[3] = total;
}

/** The index of the point at (z, y, x), or -1 where there is none. */
export function pointAt(lattice: Lattice, z: number, y: number, x: number): number {
  const { origin, size, words, bits, rank } = lattice;
  const [dz, dy, dx] = [z - origin[0], y - origin[1], x - origin[2]];
  if (dz < 0 || dy < 0 || dx < 0 || dz >= size[0] || dy >= size[1] || dx >= size[2]) return -1;
  const word = (dz * size[1] + dy) * words + (dx >>> 5);
  const bit = 1 << (dx & 31);
  return (bits[word] & bit) === 0 ? -1 : rank[word] + bitCount(bits[word] & (bit - 1));
}

/** Number of set bits in 32. */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
