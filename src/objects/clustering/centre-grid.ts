/**
 * Nearest centre of a point, and centres near a centre: centres are kept in cubic cells of the radius' size, so that
 * what lies within the radius is in the 27 cells around. Distances are (dz² + dy²) + dx² in double precision.
 */
export interface CentreGrid {
  readonly cellSize: number;
  /** Cell -> indices of its centres, ascending. */
  readonly cells: Map<number, number[]>;
  /** (k, 3), (z, y, x). */
  readonly centres: Float64Array;
}

/** Cells are numbered in base 2¹⁷: coordinates from −65536 to 65535 cells. */
const base = 131072;

export const createCentreGrid = (centres: Float64Array, cellSize: number): CentreGrid => ({
  cellSize,
  cells: new Map(),
  centres,
});

/** Puts centre `index` into its cell. */
export function addCentre(grid: CentreGrid, index: number): void {
  const { centres, cellSize, cells } = grid;
  const at = index * 3;
  const cell = cellAt(
    Math.floor(centres[at] / cellSize),
    Math.floor(centres[at + 1] / cellSize),
    Math.floor(centres[at + 2] / cellSize),
  );
  const list = cells.get(cell);
  if (list) list.push(index);
  else cells.set(cell, [index]);
}

const cellAt = (z: number, y: number, x: number): number =>
  ((z + base / 2) * base + (y + base / 2)) * base + (x + base / 2);

/** The centres in cell (z, y, x) and those up to `reach` cells away along each axis, ascending. */
function centresAround(
  { cells }: CentreGrid,
  [z, y, x]: readonly [number, number, number],
  reach: number,
): readonly number[] {
  const found: number[] = [];
  for (let dz = -reach; dz <= reach; dz++)
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) {
        const list = cells.get(cellAt(z + dz, y + dy, x + dx));
        if (list) found.push(...list);
      }
  return found.sort((a, b) => a - b);
}

/** True when a centre of the grid lies within `radius` (no more than the cell size) of (z, y, x). */
export function hasCentreWithin(
  grid: CentreGrid,
  [z, y, x]: readonly [number, number, number],
  radius: number,
): boolean {
  const { centres, cellSize } = grid;
  const cell = [Math.floor(z / cellSize), Math.floor(y / cellSize), Math.floor(x / cellSize)] as const;
  const around = centresAround(grid, cell, 1);
  return around.some((index) => squaredDistance(centres, index, [z, y, x]) <= radius * radius);
}

const squaredDistance = (
  centres: Float64Array,
  index: number,
  [z, y, x]: readonly [number, number, number],
): number => {
  const dz = z - centres[index * 3];
  const dy = y - centres[index * 3 + 1];
  const dx = x - centres[index * 3 + 2];
  return dz * dz + dy * dy + dx * dx;
};

/**
 * The nearest centre of each point; of two equally near the one of lower index.
 * @param index (n), ascending: (z·height + y)·width + x
 * @returns (n), indices of centres
 */
export function assignToNearest(
  index: Uint32Array,
  { height, width }: { height: number; width: number },
  grid: CentreGrid,
): Int32Array {
  const { centres, cellSize } = grid;
  const candidatesAt = cacheCandidates(grid);
  const assigned = new Int32Array(index.length);
  const cellOf = (length: number) => Int32Array.from({ length }, (_, voxel) => Math.floor(voxel / cellSize));
  const cellX = cellOf(width);
  const cellY = cellOf(height);
  for (let i = 0; i < index.length; i++) {
    const row = Math.floor(index[i] / width);
    const x = index[i] - row * width;
    const z = Math.floor(row / height);
    const y = row - z * height;
    const cz = Math.floor(z / cellSize);
    for (const reach of reaches) {
      const nearest = nearestOf(centres, candidatesAt(reach, cz, cellY[y], cellX[x]), z, y, x);
      assigned[i] = nearest;
      // A centre in a farther cell is farther away than `reach` cells.
      if (nearest >= 0 && squaredDistance(centres, nearest, [z, y, x]) <= (reach * cellSize) ** 2) break;
    }
  }
  return assigned;
}

/** How many cells to look around, one after the other; most points have their centre within one. */
const reaches = [1, 2, 5, Number.POSITIVE_INFINITY];

/** Finds the candidates of a cell once for all its points. */
function cacheCandidates(
  grid: CentreGrid,
): (reach: number, z: number, y: number, x: number) => readonly number[] {
  const everyone = Array.from({ length: grid.centres.length / 3 }, (_, centre) => centre);
  const known = new Map(reaches.map((reach) => [reach, new Map<number, readonly number[]>()]));
  return (reach, z, y, x) => {
    const cells = known.get(reach);
    if (!cells || reach === Number.POSITIVE_INFINITY) return everyone;
    const cell = cellAt(z, y, x);
    let found = cells.get(cell);
    if (!found) {
      found = centresAround(grid, [z, y, x], reach);
      cells.set(cell, found);
    }
    return found;
  };
}

function nearestOf(
  centres: Float64Array,
  candidates: readonly number[],
  z: number,
  y: number,
  x: number,
): number {
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < candidates.length; i++) {
    const at = candidates[i] * 3;
    const dz = z - centres[at];
    const dy = y - centres[at + 1];
    const dx = x - centres[at + 2];
    const squared = dz * dz + dy * dy + dx * dx;
    if (squared < least) {
      least = squared;
      nearest = candidates[i];
    }
  }
  return nearest;
}
