/** In which order detections are reviewed, how far one is, and what thresholds keep. */
import type { ListedObject, ObjectId } from "../../protocol/lists.ts";

export type Ranking = "margin" | "score" | "size" | "file";

const values: Readonly<Record<Ranking, (object: ListedObject) => number | undefined>> = {
  margin: ({ margin }) => margin,
  score: ({ score }) => score,
  size: ({ clusterSize }) => clusterSize,
  file: ({ order }) => order,
};

/** What every object can be ranked by, the most telling first. */
export const rankingsOf = (objects: readonly ListedObject[]): readonly Ranking[] =>
  (["margin", "score", "size", "file"] as const).filter(
    (ranking) => objects.length > 0 && objects.every((object) => values[ranking](object) !== undefined),
  );

/** From the most doubtful to the surest, or the other way round; equal ones as in the file. */
export function rankObjects(
  objects: readonly ListedObject[],
  { by, bestFirst }: { readonly by: Ranking; readonly bestFirst: boolean },
): readonly ListedObject[] {
  const sign = bestFirst ? -1 : 1;
  return objects.toSorted(
    (a, b) => sign * ((values[by](a) ?? 0) - (values[by](b) ?? 0)) || a.order - b.order,
  );
}

export interface Progress {
  readonly accepted: number;
  readonly rejected: number;
  readonly undecided: number;
}

export function progressOf(objects: readonly ListedObject[]): Progress {
  const accepted = objects.filter(({ mark }) => mark === "accepted").length;
  const rejected = objects.filter(({ mark }) => mark === "rejected").length;
  return { accepted, rejected, undecided: objects.length - accepted - rejected };
}

/** The undecided object after this one in the ranking, from the beginning again at the end; undefined: all are decided. */
export function nextUndecided(
  ranked: readonly ListedObject[],
  after: ObjectId | null,
): ListedObject | undefined {
  const from = ranked.findIndex(({ id }) => id === after) + 1;
  return [...ranked.slice(from), ...ranked.slice(0, from)].find(({ mark }) => mark === undefined);
}

/** By label: the least value that is kept; a label without one keeps all. */
export type Thresholds = Readonly<Record<string, number>>;

/** What thresholds look at. */
export const thresholdValue = (object: ListedObject, by: "score" | "size"): number | undefined =>
  by === "score" ? object.score : object.clusterSize;

/** As the server writes the corrected list: who was accepted is kept in any case. */
export function isKept(
  object: ListedObject,
  { least, by }: { least: Thresholds; by: "score" | "size" },
): boolean {
  if (object.mark !== undefined) return object.mark === "accepted";
  const threshold = least[String(object.label)];
  const value = thresholdValue(object, by);
  return threshold === undefined || (value !== undefined && value >= threshold);
}

/** Smallest and greatest value of a class; undefined where its objects have none. */
export function rangeOf(
  objects: readonly ListedObject[],
  label: number,
  by: "score" | "size",
): readonly [number, number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const object of objects) {
    const value = object.label === label ? thresholdValue(object, by) : undefined;
    if (value === undefined) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}
