/** A list that is open against a true one: who matches whom, and the curves for thresholds, as the step `evaluate` scores. */
import { type Evaluation, evaluateObjects } from "../../../objects/evaluation/evaluate-objects.ts";
import type { Scores } from "../../../objects/evaluation/scores.ts";
import type { ObjectList, TomogramObject } from "../../../objects/object-list.ts";
import type { Comparison, ListScores } from "../../protocol/list-tools.ts";
import type { ListedObject } from "../../protocol/lists.ts";
import { toTomogramObject } from "./listed-objects.ts";

export interface CompareOptions {
  /** Voxels, for all or by label. */
  readonly distance: number | Readonly<Record<string, number>>;
  readonly rankBy: "score" | "size";
  readonly signal?: AbortSignal;
}

/** @throws TomoflowError `distance-missing` */
export async function compareLists(
  detections: readonly ListedObject[],
  truth: ObjectList,
  { distance, rankBy, signal }: CompareOptions,
): Promise<Comparison> {
  const found = detections.map(toTomogramObject);
  const ids = new Map(found.map((object, index) => [object, detections[index]!.id]));
  const places = new Map(truth.map((object, index) => [object, index]));
  const evaluation = await evaluateObjects([{ id: "", truth, detections: found }], {
    rule: { type: "distance", distance },
    beta: 1,
    rankBy,
    signal,
  });
  return {
    ...sortMatches(evaluation, { ids, places }),
    truth: truth.map(({ label, x, y, z }) => ({ label, x, y, z })),
    overall: scoresFor(evaluation.overall.micro),
    classes: [...evaluation.overall.classes].map(([label, scores]) => ({ label, ...scoresFor(scores) })),
    curves: [...evaluation.curves].map(([label, { points }]) => ({
      label,
      steps: points.map(({ threshold, scores }) => ({ threshold, ...scoresFor(scores) })),
    })),
  };
}

function sortMatches(
  { matches }: Evaluation,
  {
    ids,
    places,
  }: {
    readonly ids: ReadonlyMap<TomogramObject, string>;
    readonly places: ReadonlyMap<TomogramObject, number>;
  },
): Pick<Comparison, "matches" | "spurious" | "missed"> {
  const both: Comparison["matches"][number][] = [];
  const spurious: Comparison["spurious"][number][] = [];
  const missed: number[] = [];
  for (const { truth, detection, distance, confusedWith } of matches)
    if (truth && detection)
      both.push({ id: ids.get(detection)!, truth: places.get(truth)!, distance: distance! });
    else if (detection) spurious.push({ id: ids.get(detection)!, ...(confusedWith && { confusedWith }) });
    else if (truth) missed.push(places.get(truth)!);
  return { matches: both, spurious, missed };
}

const scoresFor = ({ tp, fp, fn, precision, recall, f1 }: Scores): ListScores => ({
  tp,
  fp,
  fn,
  precision,
  recall,
  f1,
});
