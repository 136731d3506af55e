/** Objects that cannot be what they are found as, since they lie in one another: of several classes, or pieces of one. */
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { type PerClass, valueOfClass } from "./filter.ts";
import { isWithin, keepBest, ObjectGrid } from "./object-grid.ts";

export interface SuppressOptions {
  /** Voxels. */
  readonly radius: PerClass;
  /** Of the smaller radius: two objects of different classes that are closer than this cannot both be. */
  readonly share: number;
  /**
   * What decides: the score, or the number of voxels over that of a ball of the class's radius. Ties go to the other of the two, then
   * to the earlier in the list.
   */
  readonly by: "score" | "size";
}

/**
 * Of objects of different classes that overlap keeps the better one. What is kept keeps the list's order. Objects of one class do
 * not suppress one another.
 */
export function suppressOverlap(list: ObjectList, { radius, share, by }: SuppressOptions): ObjectList {
  const radiusOf = ({ label }: TomogramObject) => valueOfClass(radius, label) ?? 0;
  const filling = (object: TomogramObject) => (object.clusterSize ?? 0) / radiusOf(object) ** 3 || 0;
  const score = ({ score: own }: TomogramObject) => own ?? 0;
  const [first, second] = by === "score" ? [score, filling] : [filling, score];
  return keepBest(list, {
    compare: (a, b) => first(b) - first(a) || second(b) - second(a),
    reach: share * Math.max(0, ...new Set(list.map(radiusOf))),
    givesWay: (object, better) =>
      better.label !== object.label &&
      isWithin(object, better, share * Math.min(radiusOf(object), radiusOf(better))),
  });
}

export interface MergeOptions {
  /** Voxels. */
  readonly radius: PerClass;
  /** Of the radius: objects of one class that are closer than this are pieces of one. */
  readonly share: number;
}

/**
 * Joins the pieces of one object: from the largest down, each takes the smaller ones of its class within reach. The whole lies at their
 * centre of mass, has all their voxels, and the mean of their scores and margins, weighted by voxels; it stands where the
 * largest piece stood. A piece is taken by the first that reaches it, from where that was found.
 */
export function mergeFragments(list: ObjectList, { radius, share }: MergeOptions): ObjectList {
  const reachOf = (label: number) => share * (valueOfClass(radius, label) ?? 0);
  const size = (object: TomogramObject) => object.clusterSize ?? 1;
  const ranked = list
    .map((object, index) => ({ ...object, index, pieces: [object] }))
    .sort((a, b) => size(b) - size(a) || a.index - b.index)
    .map((piece, rank) => ({ ...piece, rank }));
  const grid = new ObjectGrid<(typeof ranked)[number]>(
    Math.max(0, ...list.map(({ label }) => reachOf(label))),
  );
  const wholes: (typeof ranked)[number][] = [];
  for (const piece of ranked) {
    const reach = reachOf(piece.label);
    const [whole] = [...grid.around(piece)]
      .filter((one) => one.label === piece.label && isWithin(piece, one, reach))
      .sort((a, b) => a.rank - b.rank);
    if (whole) whole.pieces.push(list[piece.index]!);
    else {
      wholes.push(piece);
      grid.add(piece);
    }
  }
  return wholes.sort((a, b) => a.index - b.index).map(({ pieces }) => joined(pieces));
}

function joined(pieces: readonly TomogramObject[]): TomogramObject {
  const [largest] = pieces;
  if (pieces.length === 1) return largest!;
  const sizes = pieces.map(({ clusterSize }) => clusterSize ?? 1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const mean = (of: (piece: TomogramObject) => number) =>
    pieces.reduce((sum, piece, index) => sum + sizes[index]! * of(piece), 0) / total;
  return {
    ...largest!,
    x: mean(({ x }) => x),
    y: mean(({ y }) => y),
    z: mean(({ z }) => z),
    clusterSize: total,
    ...(largest!.score !== undefined && { score: mean(({ score }) => score ?? 0) }),
    ...(largest!.margin !== undefined && { margin: mean(({ margin }) => margin ?? 0) }),
  };
}
