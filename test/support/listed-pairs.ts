/** Match graphs from lists of pairs, and lists of pairs from match graphs. */
import type { MatchedPair, MatchGraph, MatchSide } from "../../src/objects/evaluation/match-graph.ts";

/** The graph in which exactly these may be paired. */
export function graphOfPairs(pairs: readonly MatchedPair[]): MatchGraph {
  const side = (own: "row" | "column", other: "row" | "column"): MatchSide => {
    const neighbours: (readonly [number, number])[][] = [];
    for (const pair of pairs) {
      neighbours[pair[own]] ??= [];
      neighbours[pair[own]]!.push([pair[other], pair.distance]);
    }
    return {
      count: neighbours.length,
      visitNeighbours: (member, within, visit) => {
        for (const [neighbour, distance] of neighbours[member] ?? [])
          if (distance <= within && visit(neighbour, distance)) return;
      },
    };
  };
  return {
    rows: side("row", "column"),
    columns: side("column", "row"),
    greatestDistance: pairs.reduce((most, { distance }) => Math.max(most, distance), 0),
  };
}

/** Every pair, by row and column, as the rows tell them or as the columns do. */
export function pairsOfGraph(graph: MatchGraph, by: "rows" | "columns" = "rows"): readonly MatchedPair[] {
  const pairs: MatchedPair[] = [];
  const side = graph[by];
  for (let member = 0; member < side.count; member++)
    side.visitNeighbours(member, graph.greatestDistance, (other, distance) => {
      const [row, column] = by === "rows" ? [member, other] : [other, member];
      pairs.push({ row, column, distance });
      return false;
    });
  return pairs.sort((a, b) => a.row - b.row || a.column - b.column);
}

export const noPause = (): undefined => undefined;
