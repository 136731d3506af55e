/**
 * Precision and recall over a threshold on the detections' score or size. At each threshold the matching is as large
 * as it can be among the detections that reach it: detections enter from the best down and the matching grows along
 * augmenting paths, which never lose a truth object once matched.
 */
import type { CandidatePair } from "./assignment.ts";
import { type Scores, scoresOf } from "./scores.ts";

export interface CurvePoint {
  /** Detections of this score or size and above are kept. */
  readonly threshold: number;
  readonly scores: Scores;
}

export interface CurveData {
  readonly truthCount: number;
  /** Score or size by detection (column). */
  readonly values: readonly number[];
  /** Truth is the row, detection the column. */
  readonly pairs: readonly CandidatePair[];
}

/** One point for each distinct value, from the highest threshold down. */
export function thresholdCurve(
  { truthCount, values, pairs }: CurveData,
  beta: number,
): readonly CurvePoint[] {
  const graph: PairGraph = {
    rowsOfColumn: values.map(() => []),
    columnOfRow: new Map(),
    rowOfColumn: new Map(),
  };
  for (const { row, column } of pairs) graph.rowsOfColumn[column].push(row);
  const order = values.map((_, column) => column).sort((a, b) => values[b] - values[a] || a - b);
  const points: CurvePoint[] = [];
  order.forEach((column, position) => {
    growMatching(column, graph);
    if (position + 1 < order.length && values[order[position + 1]] === values[column]) return;
    const tp = graph.columnOfRow.size;
    const counts = { tp, fp: position + 1 - tp, fn: truthCount - tp };
    points.push({ threshold: values[column], scores: scoresOf(counts, beta) });
  });
  return points;
}

interface PairGraph {
  readonly rowsOfColumn: readonly number[][];
  /** The matching so far, both ways. */
  readonly columnOfRow: Map<number, number>;
  readonly rowOfColumn: Map<number, number>;
}

/** Matches one more detection if any rearrangement of the matched ones allows it. */
function growMatching(start: number, graph: PairGraph): void {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const column of queue)
    for (const row of graph.rowsOfColumn[column]) {
      if (cameFrom.has(row)) continue;
      cameFrom.set(row, column);
      const holder = graph.columnOfRow.get(row);
      if (holder === undefined) {
        rearrange(row, cameFrom, graph);
        return;
      }
      queue.push(holder);
    }
}

/** Gives `freeRow` to the column that reached it, the row that column held to the one before, and so on. */
function rearrange(freeRow: number, cameFrom: ReadonlyMap<number, number>, graph: PairGraph): void {
  let row: number | undefined = freeRow;
  while (row !== undefined) {
    const column = cameFrom.get(row);
    if (column === undefined) return;
    const previous = graph.rowOfColumn.get(column);
    graph.columnOfRow.set(row, column);
    graph.rowOfColumn.set(column, row);
    row = previous;
  }
}

/** The point with the best of a score, the highest threshold on ties; undefined without points. */
export const bestPoint = (points: readonly CurvePoint[], key: "f1" | "fbeta"): CurvePoint | undefined =>
  points.reduce<CurvePoint | undefined>(
    (best, point) => (best && (best.scores[key] ?? 0) >= (point.scores[key] ?? 0) ? best : point),
    undefined,
  );

/** Area under the curve of the best precision at each recall or above (all-point average precision); null without truth. */
export function averagePrecision(points: readonly CurvePoint[]): number | null {
  if (points.length === 0 || points[0].scores.tp + points[0].scores.fn === 0) return null;
  let area = 0;
  let best = 0;
  for (let index = points.length - 1; index >= 0; index--) {
    best = Math.max(best, points[index].scores.precision ?? 0);
    area += best * ((points[index].scores.recall ?? 0) - (points[index - 1]?.scores.recall ?? 0));
  }
  return area;
}
