/** `metrics.json`: the scores of an evaluation as plain data, rounded to six decimals. */
import { averagePrecision, bestPoint, type CurvePoint } from "./curves.ts";
import type { ClassCurve, Evaluation, ScoreTable } from "./evaluate-objects.ts";
import type { Scores } from "./scores.ts";

export interface MetricsOptions {
  /** Class names by label. */
  readonly names: ReadonlyMap<number, string>;
  /** Weight of recall in F-beta. */
  readonly beta: number;
  /** How matches were found. */
  readonly match: "distance" | "shapes";
}

/**
 * The document: `macro`, `micro`, `localization`, `classes.<label>` and the same under `tomograms.<id>`, each with f1,
 * precision, recall, fbeta (null where there is neither truth nor detection), tp, fp, fn; classes also with `name`,
 * `averagePrecision` and the thresholds of the best F1 and F-beta.
 */
export function metricsDocument(
  evaluation: Evaluation,
  options: MetricsOptions,
): Readonly<Record<string, unknown>> {
  const { overall, tomograms, curves } = evaluation;
  return {
    ...tableDocument(overall, options, curves),
    tomograms: Object.fromEntries([...tomograms].map(([id, table]) => [id, tableDocument(table, options)])),
    match: options.match,
    beta: options.beta,
  };
}

function tableDocument(
  { macro, micro, localization, classes }: ScoreTable,
  { names }: MetricsOptions,
  curves?: ReadonlyMap<number, ClassCurve>,
): Record<string, unknown> {
  return {
    macro: rounded(macro),
    micro: rounded(micro),
    localization: rounded(localization),
    classes: Object.fromEntries(
      [...classes].map(([label, scores]) => [
        label,
        { name: names.get(label), ...rounded(scores), ...curveSummary(curves?.get(label)) },
      ]),
    ),
  };
}

function curveSummary(curve: ClassCurve | undefined): Record<string, unknown> {
  if (!curve || curve.points.length === 0) return {};
  return {
    averagePrecision: round(averagePrecision(curve.points)),
    bestF1: operatingPoint(curve, bestPoint(curve.points, "f1")),
    bestFbeta: operatingPoint(curve, bestPoint(curve.points, "fbeta")),
  };
}

function operatingPoint(
  { rankBy }: ClassCurve,
  point: CurvePoint | undefined,
): Record<string, unknown> | undefined {
  if (!point) return undefined;
  const { f1, precision, recall, fbeta } = rounded(point.scores);
  return { rankBy, threshold: round(point.threshold), f1, precision, recall, fbeta };
}

const rounded = (scores: Scores): Scores => ({
  f1: round(scores.f1),
  precision: round(scores.precision),
  recall: round(scores.recall),
  fbeta: round(scores.fbeta),
  tp: scores.tp,
  fp: scores.fp,
  fn: scores.fn,
  meanDistanceVoxels: round(scores.meanDistanceVoxels),
});

const round = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(6)));
