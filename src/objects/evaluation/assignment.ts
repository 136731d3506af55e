/**
 * One-to-one assignment of rows and columns that may be paired only where a pair is listed: as many pairs as possible,
 * of these the least total distance, and of equal totals the one whose nearest pairs are nearest.
 *
 * Pairs fall into connected components, nearly always of a few members; each is solved by shortest augmenting paths
 * with potentials (Jonker and Volgenant 1987; sparse, with a heap). A row may stay unpaired at a cost that exceeds
 * every total of distances, which puts the number of pairs before their distance.
 */
import { createHeap } from "./heap.ts";

export interface CandidatePair {
  readonly row: number;
  readonly column: number;
  /** 0 or more. */
  readonly distance: number;
}

/** Costs are whole numbers, so that sums of them are exact and equal totals are equal: steps of the greatest distance. */
const costSteps = 2 ** 26;
/** Share of the greatest distance by which equal totals are told apart: enough to count in steps, too little to matter. */
const tieWeight = 1e-6;

/** The pairs of the optimal assignment, in the order they are listed. */
export function assignPairs<P extends CandidatePair>(pairs: readonly P[]): readonly P[] {
  return connectedComponents(pairs)
    .flatMap((component) => (component.length === 1 ? component : solve(pairs, component)))
    .sort((a, b) => a - b)
    .map((index) => pairs[index]);
}

/** Indices of pairs that hang together by a row or a column. */
function connectedComponents(pairs: readonly CandidatePair[]): readonly number[][] {
  const parent = pairs.map((_, index) => index);
  const rootOf = (index: number): number => {
    let at = index;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  const firstOfRow = new Map<number, number>();
  const firstOfColumn = new Map<number, number>();
  pairs.forEach(({ row, column }, index) => {
    for (const [known, key] of [
      [firstOfRow, row],
      [firstOfColumn, column],
    ] as const) {
      const first = known.get(key);
      if (first === undefined) known.set(key, index);
      else parent[rootOf(index)] = rootOf(first);
    }
  });
  const components = new Map<number, number[]>();
  for (let index = 0; index < pairs.length; index++) {
    const root = rootOf(index);
    const component = components.get(root);
    if (component) component.push(index);
    else components.set(root, [index]);
  }
  return [...components.values()];
}

interface Edge {
  readonly column: number;
  readonly cost: number;
  /** Index of the pair; -1 for staying unpaired. */
  readonly pair: number;
}

/** Indices of the chosen pairs of one component. */
function solve(pairs: readonly CandidatePair[], component: readonly number[]): readonly number[] {
  const { edges, columnCount } = buildEdges(pairs, component);
  const state: AssignmentState = {
    edges,
    rowPotential: new Float64Array(edges.length),
    columnPotential: new Float64Array(columnCount),
    rowOfColumn: new Int32Array(columnCount).fill(-1),
    edgeOfRow: edges.map(() => undefined),
  };
  for (let row = 0; row < edges.length; row++) augment(row, state);
  return state.edgeOfRow.flatMap((edge) => (edge && edge.pair >= 0 ? [edge.pair] : []));
}

/** The edges of each row; each row has a column of its own that stands for staying unpaired. */
function buildEdges(pairs: readonly CandidatePair[], component: readonly number[]) {
  const rows = new Map<number, number>();
  const columns = new Map<number, number>();
  const numberOf = (known: Map<number, number>, key: number): number => {
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    return number;
  };
  const greatest = component.reduce((most, index) => Math.max(most, pairs[index].distance), 0) || 1;
  const costOf = (distance: number) => {
    const share = distance / greatest;
    return Math.round(costSteps * (share + tieWeight * Math.sqrt(share)));
  };
  const edges: Edge[][] = [];
  for (const index of component) {
    const { row, column, distance } = pairs[index];
    const own = numberOf(rows, row);
    edges[own] ??= [];
    edges[own].push({ column: numberOf(columns, column), cost: costOf(distance), pair: index });
  }
  const unpaired = (Math.min(rows.size, columns.size) + 1) * (costOf(greatest) + 1);
  edges.forEach((list, row) => {
    // Numbered backwards: of equal choices the later row stays unpaired.
    list.push({ column: columns.size + rows.size - 1 - row, cost: unpaired, pair: -1 });
  });
  return { edges, columnCount: columns.size + rows.size };
}

interface AssignmentState {
  readonly edges: readonly (readonly Edge[])[];
  readonly rowPotential: Float64Array;
  readonly columnPotential: Float64Array;
  readonly rowOfColumn: Int32Array;
  readonly edgeOfRow: (Edge | undefined)[];
}

/** Gives `start` a column along the shortest augmenting path by reduced costs. */
function augment(start: number, state: AssignmentState): void {
  const { edges, rowPotential, columnPotential, rowOfColumn, edgeOfRow } = state;
  const shortest = new Map<number, number>();
  const cameBy = new Map<number, { row: number; edge: Edge }>();
  const settled = new Set<number>();
  const heap = createHeap();
  let row = start;
  let length = 0;
  let sink = -1;
  while (sink < 0) {
    for (const edge of edges[row]) {
      if (settled.has(edge.column)) continue;
      const reached = length + edge.cost - rowPotential[row] - columnPotential[edge.column];
      if (reached >= (shortest.get(edge.column) ?? Number.POSITIVE_INFINITY)) continue;
      shortest.set(edge.column, reached);
      cameBy.set(edge.column, { row, edge });
      heap.push(reached, edge.column);
    }
    let nearest = heap.pop();
    while (settled.has(nearest.value)) nearest = heap.pop();
    length = nearest.key;
    settled.add(nearest.value);
    if (rowOfColumn[nearest.value] < 0) sink = nearest.value;
    else row = rowOfColumn[nearest.value];
  }
  rowPotential[start] += length;
  for (const column of settled) {
    const slack = length - (shortest.get(column) ?? 0);
    columnPotential[column] -= slack;
    if (column !== sink) rowPotential[rowOfColumn[column]] += slack;
  }
  for (let column = sink; ; ) {
    const step = cameBy.get(column);
    if (!step) return;
    const previous = edgeOfRow[step.row]?.column;
    edgeOfRow[step.row] = step.edge;
    rowOfColumn[column] = step.row;
    if (step.row === start || previous === undefined) return;
    column = previous;
  }
}
