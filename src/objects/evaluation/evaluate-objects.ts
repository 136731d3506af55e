/** Detections against truth: matches, scores by class and tomogram, confusion, precision-recall curves. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { assignPairs, type Pause } from "./assignment.ts";
import { createMatchGraph, type MatchRule } from "./candidates.ts";
import { type CurveData, type CurvePoint, thresholdCurve } from "./curves.ts";
import type { MatchedPair, MatchGraph } from "./match-graph.ts";
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
  readonly signal?: AbortSignal;
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
export async function evaluateObjects(
  tomograms: readonly EvaluatedTomogram[],
  options: EvaluationOptions,
): Promise<Evaluation> {
  const pause = createPause(options.signal);
  const labels = allLabels(tomograms, options.labels ?? []);
  const matched: MatchedTomogram[] = [];
  for (const tomogram of tomograms) matched.push(await matchTomogram(tomogram, options.rule, pause));
  const tableOf = (some: readonly MatchedTomogram[]) => scoreTable(some, labels, options.beta);
  return {
    labels,
    overall: tableOf(matched),
    tomograms: new Map(matched.map((one) => [one.tomogram.id, tableOf([one])])),
    matches: matched.flatMap(listMatches),
    confusion: confusionMatrix(matched, labels),
    curves: await classCurves(matched, labels, { ...options, pause }),
  };
}

/** Milliseconds of work between looks at what else is to be done: a stop asked for among it. */
const longestWork = 50;

function createPause(signal: AbortSignal | undefined): Pause {
  let last = performance.now();
  return () => {
    if (performance.now() - last < longestWork) return undefined;
    return nextTurn().then(() => {
      signal?.throwIfAborted();
      last = performance.now();
    });
  };
}

/** The objects of one class in a tomogram. */
interface ClassPart {
  readonly graph: MatchGraph;
  /** Their numbers in the whole lists. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

interface MatchedTomogram {
  readonly tomogram: EvaluatedTomogram;
  readonly classes: ReadonlyMap<number, ClassPart>;
  /** The assignment within the classes. */
  readonly classPairs: readonly MatchedPair[];
  /** The assignment among all, whatever the class. */
  readonly placePairs: readonly MatchedPair[];
}

async function matchTomogram(
  tomogram: EvaluatedTomogram,
  rule: MatchRule,
  pause: Pause,
): Promise<MatchedTomogram> {
  const { truth, detections } = tomogram;
  const placePairs = await assignPairs(createMatchGraph(truth, detections, rule), pause);
  const classes = new Map<number, ClassPart>();
  const classPairs: MatchedPair[] = [];
  const labels = allLabels([tomogram], []);
  for (const label of labels) {
    const [rows, columns] = [truth, detections].map((list) => membersOf(list, label)) as [number[], number[]];
    const part: ClassPart = {
      rows,
      columns,
      graph: createMatchGraph(
        rows.map((row) => truth[row]),
        columns.map((column) => detections[column]),
        rule,
      ),
    };
    classes.set(label, part);
    // of one class alone the assignment is known already
    const pairs = labels.length === 1 ? placePairs : await assignPairs(part.graph, pause);
    for (const { row, column, distance } of pairs)
      classPairs.push({ row: rows[row], column: columns[column], distance });
  }
  return { tomogram, classes, classPairs: classPairs.sort((a, b) => a.row - b.row), placePairs };
}

const membersOf = (list: ObjectList, label: number): number[] =>
  list.flatMap((object, index) => (object.label === label ? [index] : []));

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

async function classCurves(
  matched: readonly MatchedTomogram[],
  labels: readonly number[],
  { beta, rankBy = "auto", pause }: EvaluationOptions & { readonly pause: Pause },
): Promise<ReadonlyMap<number, ClassCurve>> {
  const detections = matched.flatMap(({ tomogram }) => tomogram.detections);
  const ranking = chooseRanking(detections, rankBy);
  const curves = new Map<number, ClassCurve>();
  if (!ranking) return curves;
  for (const label of labels) {
    const data = matched.flatMap((one) => curveData(one, label, ranking));
    curves.set(label, { rankBy: ranking, points: await thresholdCurve(data, beta, pause) });
  }
  return curves;
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

function curveData(
  { tomogram: { detections }, classes }: MatchedTomogram,
  label: number,
  rankBy: "score" | "size",
): CurveData[] {
  const part = classes.get(label);
  if (!part) return [];
  const values = part.columns.map((column) => {
    const { score, clusterSize } = detections[column];
    return (rankBy === "score" ? score : clusterSize) ?? 0;
  });
  return [{ graph: part.graph, values }];
}
