/**
 * Precision and recall over a threshold on the detections' score or size. At each threshold the matching is as large
 * as it can be among the detections that reach it: detections enter from the best down and the matching grows along
 * augmenting paths, which never lose a truth object once matched.
 */
import type { Pause } from "./assignment.ts";
import { createGrowingMatching } from "./growing-matching.ts";
import type { MatchGraph } from "./match-graph.ts";
import { type Scores, scoresOf } from "./scores.ts";

export interface CurvePoint {
  /** Detections of this score or size and above are kept. */
  readonly threshold: number;
  readonly scores: Scores;
}

/** A class in one tomogram. */
export interface CurveData {
  readonly graph: MatchGraph;
  /** Score or size by detection (column). */
  readonly values: readonly number[];
}

/** One point for each distinct value, from the highest threshold down, over all tomograms together. */
export async function thresholdCurve(
  tomograms: readonly CurveData[],
  beta: number,
  pause: Pause,
): Promise<readonly CurvePoint[]> {
  const truthCount = tomograms.reduce((sum, { graph }) => sum + graph.rows.count, 0);
  const detections = tomograms.flatMap(({ graph, values }) => {
    const matching = createGrowingMatching(graph, "columns");
    return values.map((value, column) => ({ value, grow: () => matching.grow(column) }));
  });
  // the sort is stable: of equal values the first of the list enters first
  detections.sort((a, b) => b.value - a.value);
  const points: CurvePoint[] = [];
  let tp = 0;
  for (const [position, { value, grow }] of detections.entries()) {
    await pause();
    if (grow()) tp++;
    if (detections[position + 1]?.value === value) continue;
    const counts = { tp, fp: position + 1 - tp, fn: truthCount - tp };
    points.push({ threshold: value, scores: scoresOf(counts, beta) });
  }
  return points;
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
