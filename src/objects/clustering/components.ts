/**
 * Connected components of lattice points, 26 neighbours (faces, edges, corners). Runs of neighbouring voxels of a row
 * are joined with the runs they touch in the rows before, by union-find; the root of a component is its first run.
 * A component's centre is the mean of its points; components come larger first, then in the order of their first voxel.
 */
import type { Clusters } from "./clusters.ts";
import type { VoxelPoints } from "./voxel-points.ts";

interface Runs {
  /** (m): index of the first point. */
  readonly first: Uint32Array;
  /** (m): row of the volume, z·height + y. */
  readonly row: Uint32Array;
  /** (m): first and last x. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** Joins points that touch, regardless of their labels. */
export function findComponents(points: VoxelPoints): Clusters {
  const runs = findRuns(points);
  const parent = joinRuns(runs, points.shape[1]);
  return describe(points, runs, parent);
}

function findRuns({ index, shape }: VoxelPoints): Runs {
  const width = shape[2];
  const first: number[] = [];
  for (let i = 0; i < index.length; i++)
    if (i === 0 || index[i] !== index[i - 1] + 1 || index[i] % width === 0) first.push(i);
  const lengthOf = (run: number) => (first[run + 1] ?? index.length) - first[run];
  return {
    first: Uint32Array.from(first),
    row: Uint32Array.from(first, (at) => Math.floor(index[at] / width)),
    from: Uint32Array.from(first, (at) => index[at] % width),
    to: Uint32Array.from(first, (at, run) => (index[at] % width) + lengthOf(run) - 1),
  };
}

/** (m): a run of the same component with a lower index, or itself. */
function joinRuns(runs: Runs, height: number): Uint32Array {
  const parent = Uint32Array.from(runs.row, (_, run) => run);
  // One pointer a neighbouring row: the rows above move on together with the row at hand.
  for (const [dz, dy] of [
    [0, -1],
    [-1, -1],
    [-1, 0],
    [-1, 1],
  ]) {
    let other = 0;
    for (let run = 0; run < runs.row.length; run++) {
      const y = (runs.row[run] % height) + dy;
      if (y < 0 || y >= height) continue;
      const row = runs.row[run] + dz * height + dy;
      while (
        other < run &&
        (runs.row[other] < row || (runs.row[other] === row && runs.to[other] + 1 < runs.from[run]))
      )
        other++;
      for (let next = other; runs.row[next] === row && runs.from[next] <= runs.to[run] + 1; next++)
        unite(parent, run, next);
    }
  }
  return parent;
}

function unite(parent: Uint32Array, a: number, b: number): void {
  const [first, second] = [rootOf(parent, a), rootOf(parent, b)];
  if (first < second) parent[second] = first;
  else parent[first] = second;
}

function rootOf(parent: Uint32Array, run: number): number {
  let at = run;
  while (parent[at] !== at) {
    parent[at] = parent[parent[at]];
    at = parent[at];
  }
  return at;
}

/** `[count, Σz, Σy, Σx]` of a component. */
type Sums = [count: number, z: number, y: number, x: number];

function describe({ index, shape }: VoxelPoints, runs: Runs, parent: Uint32Array): Clusters {
  const height = shape[1];
  const sums: Sums[] = [];
  const component = new Int32Array(runs.row.length);
  for (let run = 0; run < runs.row.length; run++) {
    const root = rootOf(parent, run);
    if (root === run) component[run] = sums.push([0, 0, 0, 0]) - 1;
    else component[run] = component[root];
    const sum = sums[component[run]];
    const count = runs.to[run] - runs.from[run] + 1;
    const z = Math.floor(runs.row[run] / height);
    sum[0] += count;
    sum[1] += count * z;
    sum[2] += count * (runs.row[run] - z * height);
    sum[3] += (count * (runs.from[run] + runs.to[run])) / 2;
  }
  return rank(sums, { component, runs, pointCount: index.length });
}

function rank(
  sums: readonly Sums[],
  { component, runs, pointCount }: { component: Int32Array; runs: Runs; pointCount: number },
): Clusters {
  const order = sums.map((_, index) => index).sort((a, b) => sums[b][0] - sums[a][0] || a - b);
  const place = new Int32Array(order.length);
  order.forEach((index, position) => {
    place[index] = position;
  });
  const assigned = new Int32Array(pointCount);
  for (let run = 0; run < component.length; run++)
    assigned.fill(place[component[run]], runs.first[run], runs.first[run + 1] ?? pointCount);
  return {
    centres: Float64Array.from(
      order.flatMap((index) => sums[index].slice(1).map((sum) => sum / sums[index][0])),
    ),
    assigned,
    sizes: Uint32Array.from(order, (index) => sums[index][0]),
  };
}
