/** Precision, recall and their means from counts, and what they are where there is nothing to count. */

/** True positives, false positives, false negatives. */
export interface Counts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

/**
 * Scores of some matches. Without truth objects and without detections there is nothing to score: all are null. With
 * truth but no detections, or detections but no truth, precision, recall, F1 and F-beta are 0.
 */
export interface Scores extends Counts {
  readonly f1: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** (1 + β²)·P·R / (β²·P + R). */
  readonly fbeta: number | null;
  /** Mean distance of the matched pairs, voxels; null without a match. */
  readonly meanDistanceVoxels: number | null;
}

/** Scores of counts, with the distances of the matched pairs in voxels. */
export function scoresOf(counts: Counts, beta: number, distances: readonly number[] = []): Scores {
  const { tp, fp, fn } = counts;
  const meanDistanceVoxels = distances.length === 0 ? null : mean(distances);
  if (tp + fp + fn === 0)
    return { f1: null, precision: null, recall: null, fbeta: null, tp, fp, fn, meanDistanceVoxels };
  const weighted = (factor: number) => ((1 + factor) * tp) / ((1 + factor) * tp + factor * fn + fp);
  return {
    f1: weighted(1),
    precision: tp + fp === 0 ? 0 : tp / (tp + fp),
    recall: tp + fn === 0 ? 0 : tp / (tp + fn),
    fbeta: weighted(beta * beta),
    tp,
    fp,
    fn,
    meanDistanceVoxels,
  };
}

/** Means over the classes that have something to score; counts are summed. */
export function macroScores(classes: readonly Scores[]): Scores {
  const scored = classes.filter(({ f1 }) => f1 !== null);
  const average = (key: "f1" | "precision" | "recall" | "fbeta"): number | null =>
    scored.length === 0 ? null : mean(scored.map((scores) => scores[key] ?? 0));
  const located = scored.flatMap(({ meanDistanceVoxels }) =>
    meanDistanceVoxels === null ? [] : [meanDistanceVoxels],
  );
  return {
    f1: average("f1"),
    precision: average("precision"),
    recall: average("recall"),
    fbeta: average("fbeta"),
    ...sumCounts(classes),
    meanDistanceVoxels: located.length === 0 ? null : mean(located),
  };
}

export const sumCounts = (counts: readonly Counts[]): Counts => ({
  tp: counts.reduce((sum, { tp }) => sum + tp, 0),
  fp: counts.reduce((sum, { fp }) => sum + fp, 0),
  fn: counts.reduce((sum, { fn }) => sum + fn, 0),
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
