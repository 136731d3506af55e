/**
 * One-to-one assignment of rows and columns that may be paired only where they are neighbours: as many pairs as possible,
 * of these the least total distance, and of equal totals the one whose nearest pairs are nearest.
 *
 * First as many pairs as possible, by augmenting paths. They divide the graph (Dulmage and Mendelsohn 1958): where more rows
 * compete for fewer columns every such assignment pairs all of these columns, elsewhere all rows, and no pair goes between
 * the two parts. So in each part all members of one side find a partner, at the least cost.
 */
import { createCheapestMatching } from "./cheapest-matching.ts";
import { createGrowingMatching } from "./growing-matching.ts";
import type { MatchedPair, MatchGraph, MatchSide } from "./match-graph.ts";
import { createNearestFirst } from "./nearest-first.ts";

/** Costs are whole numbers, so that sums of them are exact and equal totals are equal: steps of the greatest distance. */
const costSteps = 2 ** 26;
/** Share of the greatest distance by which equal totals are told apart: enough to count in steps, too little to matter. */
const tieWeight = 1e-6;

/** Called between short pieces of work; what it throws ends the work. */
export type Pause = () => Promise<void> | undefined;

/** The pairs of the optimal assignment, by row. */
export async function assignPairs(graph: MatchGraph, pause: Pause): Promise<readonly MatchedPair[]> {
  const { rows, columns } = graph;
  const matching = createGrowingMatching(graph);
  const alone: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    await pause();
    if (!matching.grow(row)) alone.push(row);
  }
  const isContested = matching.closedTargets;
  const columnOfRow = new Int32Array(rows.count).fill(-1);
  const settledRows = listMembers(rows.count, (row) => {
    const column = matching.targetOf[row];
    return column >= 0 && isContested[column] === 0;
  });
  await matchAll(
    { graph, from: rows, to: columns, pause },
    settledRows,
    (column) => isContested[column] === 0,
    (row, column) => {
      columnOfRow[row] = column;
    },
  );
  const contested = listMembers(columns.count, (column) => isContested[column] === 1);
  const competing = new Uint8Array(rows.count);
  for (const row of alone) competing[row] = 1;
  for (const column of contested) competing[matching.sourceOf[column]] = 1;
  await matchAll(
    { graph, from: columns, to: rows, pause },
    contested,
    (row) => competing[row] === 1,
    (column, row) => {
      columnOfRow[row] = column;
    },
  );
  return pairsOf(columnOfRow, graph);
}

const listMembers = (count: number, isMember: (member: number) => boolean): readonly number[] =>
  Array.from({ length: count }, (_, member) => member).filter(isMember);

interface Part {
  readonly graph: MatchGraph;
  readonly from: MatchSide;
  readonly to: MatchSide;
  readonly pause: Pause;
}

/** Tells the partner of every source, at the least cost of all together. */
async function matchAll(
  { graph: { greatestDistance }, from, to, pause }: Part,
  sources: readonly number[],
  isOpen: (target: number) => boolean,
  tell: (source: number, target: number) => void,
): Promise<void> {
  if (sources.length === 0) return;
  const costOf = (distance: number): number => {
    const share = distance / (greatestDistance || 1);
    return Math.round(costSteps * (share + tieWeight * Math.sqrt(share)));
  };
  const edges = createNearestFirst(from, { targetCount: to.count, greatestDistance, costOf, isOpen });
  const matching = createCheapestMatching(edges, { sourceCount: from.count, targetCount: to.count });
  for (const source of sources) {
    await pause();
    matching.add(source);
  }
  for (const source of sources) tell(source, matching.targetOf[source]);
}

function pairsOf(columnOfRow: Int32Array, { rows, greatestDistance }: MatchGraph): readonly MatchedPair[] {
  const pairs: MatchedPair[] = [];
  columnOfRow.forEach((own, row) => {
    if (own < 0) return;
    rows.visitNeighbours(row, greatestDistance, (column, distance) => {
      if (column === own) pairs.push({ row, column, distance });
      return column === own;
    });
  });
  return pairs;
}
