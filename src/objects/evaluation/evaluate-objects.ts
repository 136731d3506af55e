/** Detections against truth: matches, scores by class and tomogram, confusion, precision-recall curves. */
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { assignPairs, type CandidatePair } from "./assignment.ts";
import { findCandidates, type MatchRule } from "./candidates.ts";
import { type CurveData, type CurvePoint, thresholdCurve } from "./curves.ts";
import { type Counts, macroScores, type Scores, scoresOf, sumCounts } from "./scores.ts";

/** What was found in a tomogram and what is there. */
export interface EvaluatedTomogram {
  readonly id: string;
  readonly truth: ObjectList;
  readonly detections: ObjectList;
}

export interface EvaluationOptions {
  readonly rule: MatchRule;
  /** Weight of recall in F-beta. */
  readonly beta: number;
  /** Labels that are scored even when nothing has them. */
  readonly labels?: readonly number[];
  /** What the detections are ranked by for the curves; `auto`: the score if all have one, else the size. */
  readonly rankBy?: "auto" | "score" | "size";
}

/** A match, or an object of one side that has none. */
export interface Match {
  readonly tomogram: string;
  readonly truth?: TomogramObject;
  readonly detection?: TomogramObject;
  /** Voxels, of a match. */
  readonly distance?: number;
  /** Of a spurious detection at the place of a truth object of another class: that class. */
  readonly confusedWith?: number;
}

export interface ScoreTable {
  /** Means over the classes with truth or detections. */
  readonly macro: Scores;
  /** Of all objects together. */
  readonly micro: Scores;
  /** Of the positions alone, whatever the classes. */
  readonly localization: Scores;
  /** By label, ascending. */
  readonly classes: ReadonlyMap<number, Scores>;
}

export interface ClassCurve {
  readonly rankBy: "score" | "size";
  readonly points: readonly CurvePoint[];
}

export interface Evaluation {
  readonly labels: readonly number[];
  readonly overall: ScoreTable;
  readonly tomograms: ReadonlyMap<string, ScoreTable>;
  readonly matches: readonly Match[];
  /**
   * (labels + 1)², rows truth, columns detections, matched by place whatever the class; the last column counts truth
   * objects that were missed, the last row detections where nothing is.
   */
  readonly confusion: readonly (readonly number[])[];
  /** By label; none when the detections have neither scores nor sizes. */
  readonly curves: ReadonlyMap<number, ClassCurve>;
}

/**
 * Scores the detections of some tomograms. A detection matches a truth object of its class, one to one, by the
 * assignment with the most matches and of these the least total distance. Objects of all tomograms are pooled for the
 * overall scores.
 * @throws TomoflowError `distance-missing`, `mask-missing`, `angles-missing`
 */
export function evaluateObjects(
  tomograms: readonly EvaluatedTomogram[],
  options: EvaluationOptions,
): Evaluation {
  const labels = allLabels(tomograms, options.labels ?? []);
  const matched = tomograms.map((tomogram) => matchTomogram(tomogram, options.rule));
  const tableOf = (some: readonly MatchedTomogram[]) => scoreTable(some, labels, options.beta);
  return {
    labels,
    overall: tableOf(matched),
    tomograms: new Map(matched.map((one) => [one.tomogram.id, tableOf([one])])),
    matches: matched.flatMap(listMatches),
    confusion: confusionMatrix(matched, labels),
    curves: classCurves(matched, labels, options),
  };
}

interface MatchedTomogram {
  readonly tomogram: EvaluatedTomogram;
  /** Candidates of equal class, and the assignment among them. */
  readonly classCandidates: readonly CandidatePair[];
  readonly classPairs: readonly CandidatePair[];
  /** The assignment among all candidates, whatever the class. */
  readonly placePairs: readonly CandidatePair[];
}

function matchTomogram(tomogram: EvaluatedTomogram, rule: MatchRule): MatchedTomogram {
  const { truth, detections } = tomogram;
  const candidates = findCandidates(truth, detections, rule);
  const classCandidates = candidates.filter(
    ({ row, column }) => truth[row].label === detections[column].label,
  );
  return {
    tomogram,
    classCandidates,
    classPairs: assignPairs(classCandidates),
    placePairs: assignPairs(candidates),
  };
}

function allLabels(tomograms: readonly EvaluatedTomogram[], given: readonly number[]): readonly number[] {
  const found = tomograms.flatMap(({ truth, detections }) =>
    [...truth, ...detections].map(({ label }) => label),
  );
  return [...new Set([...given, ...found])].sort((a, b) => a - b);
}

function scoreTable(
  matched: readonly MatchedTomogram[],
  labels: readonly number[],
  beta: number,
): ScoreTable {
  const classes = new Map(labels.map((label) => [label, classScores(matched, label, beta)]));
  const placeCounts = sumCounts(
    matched.map(({ tomogram, placePairs }) =>
      countsOf(placePairs.length, tomogram.truth, tomogram.detections),
    ),
  );
  const placeDistances = matched.flatMap(({ placePairs }) => placePairs.map(({ distance }) => distance));
  const distances = matched.flatMap(({ classPairs }) => classPairs.map(({ distance }) => distance));
  return {
    macro: macroScores([...classes.values()]),
    micro: scoresOf(sumCounts([...classes.values()]), beta, distances),
    localization: scoresOf(placeCounts, beta, placeDistances),
    classes,
  };
}

function classScores(matched: readonly MatchedTomogram[], label: number, beta: number): Scores {
  const distances: number[] = [];
  const counts = matched.map(({ tomogram: { truth, detections }, classPairs }) => {
    const pairs = classPairs.filter(({ row }) => truth[row].label === label);
    distances.push(...pairs.map(({ distance }) => distance));
    const isOfClass = (object: TomogramObject) => object.label === label;
    return countsOf(pairs.length, truth.filter(isOfClass), detections.filter(isOfClass));
  });
  return scoresOf(sumCounts(counts), beta, distances);
}

const countsOf = (tp: number, truth: ObjectList, detections: ObjectList): Counts => ({
  tp,
  fp: detections.length - tp,
  fn: truth.length - tp,
});

function listMatches({
  tomogram: { id, truth, detections },
  classPairs,
  placePairs,
}: MatchedTomogram): Match[] {
  const pairOfRow = new Map(classPairs.map((pair) => [pair.row, pair]));
  const matchedColumns = new Set(classPairs.map(({ column }) => column));
  const truthAtPlace = new Map(placePairs.map(({ row, column }) => [column, truth[row].label]));
  const ofTruth = truth.map((object, row): Match => {
    const pair = pairOfRow.get(row);
    return pair
      ? { tomogram: id, truth: object, detection: detections[pair.column], distance: pair.distance }
      : { tomogram: id, truth: object };
  });
  const spurious = detections.flatMap((detection, column): Match[] => {
    if (matchedColumns.has(column)) return [];
    const there = truthAtPlace.get(column);
    return [{ tomogram: id, detection, confusedWith: there === detection.label ? undefined : there }];
  });
  return [...ofTruth, ...spurious];
}

function confusionMatrix(
  matched: readonly MatchedTomogram[],
  labels: readonly number[],
): readonly number[][] {
  const none = labels.length;
  const matrix = Array.from({ length: none + 1 }, () => new Array<number>(none + 1).fill(0));
  for (const { tomogram, placePairs } of matched) {
    const { truth, detections } = tomogram;
    const rows = new Set(placePairs.map(({ row }) => row));
    const columns = new Set(placePairs.map(({ column }) => column));
    for (const { row, column } of placePairs)
      matrix[labels.indexOf(truth[row].label)][labels.indexOf(detections[column].label)]++;
    truth.forEach(({ label }, row) => {
      if (!rows.has(row)) matrix[labels.indexOf(label)][none]++;
    });
    detections.forEach(({ label }, column) => {
      if (!columns.has(column)) matrix[none][labels.indexOf(label)]++;
    });
  }
  return matrix;
}

function classCurves(
  matched: readonly MatchedTomogram[],
  labels: readonly number[],
  { beta, rankBy = "auto" }: EvaluationOptions,
): ReadonlyMap<number, ClassCurve> {
  const detections = matched.flatMap(({ tomogram }) => tomogram.detections);
  const ranking = chooseRanking(detections, rankBy);
  if (!ranking) return new Map();
  return new Map(
    labels.map((label) => [
      label,
      { rankBy: ranking, points: thresholdCurve(curveData(matched, label, ranking), beta) },
    ]),
  );
}

function chooseRanking(
  detections: ObjectList,
  rankBy: "auto" | "score" | "size",
): "score" | "size" | undefined {
  const hasAll = {
    score: (o: TomogramObject) => o.score !== undefined,
    size: (o: TomogramObject) => o.clusterSize !== undefined,
  };
  const wanted = rankBy === "auto" ? (["score", "size"] as const) : [rankBy];
  return wanted.find((name) => detections.every(hasAll[name]));
}

/** The pairs of one class over all tomograms, rows and columns numbered through. */
function curveData(matched: readonly MatchedTomogram[], label: number, rankBy: "score" | "size"): CurveData {
  const values: number[] = [];
  const pairs: CandidatePair[] = [];
  let truthCount = 0;
  for (const { tomogram, classCandidates } of matched) {
    const { truth, detections } = tomogram;
    const rows = new Map<number, number>();
    const columns = new Map<number, number>();
    truth.forEach((object, row) => {
      if (object.label === label) rows.set(row, truthCount++);
    });
    detections.forEach((object, column) => {
      if (object.label !== label) return;
      const value = rankBy === "score" ? object.score : object.clusterSize;
      columns.set(column, values.push(value ?? 0) - 1);
    });
    for (const { row, column, distance } of classCandidates) {
      const [ownRow, ownColumn] = [rows.get(row), columns.get(column)];
      if (ownRow !== undefined && ownColumn !== undefined)
        pairs.push({ row: ownRow, column: ownColumn, distance });
    }
  }
  return { truthCount, values, pairs };
}
