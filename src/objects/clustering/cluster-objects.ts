/** From a label map to objects: by mean-shift, connected components or score maxima, each class alone or all together. */
import { TomoflowError } from "../../core/error.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { type PerClass, valueOfClass } from "../operations/filter.ts";
import { mergeFragments, suppressOverlap } from "../operations/overlap.ts";
import type { Clusters } from "./clusters.ts";
import { findComponents } from "./components.ts";
import { createLattice, sumBall } from "./lattice.ts";
import { meanShift } from "./mean-shift.ts";
import { findPeaks } from "./peaks.ts";
import { checkShapes, classMissing, type PointScores, readPointScores, type ScoreVolumes } from "./scores.ts";
import { findSmoothedPeaks, nextBest } from "./smoothed-peaks.ts";
import { splitByLabel, type VoxelPoints, withoutLabels } from "./voxel-points.ts";

export type ClusterMethod = "mean-shift" | "components" | "peaks";

export interface ClusterOptions {
  readonly method: ClusterMethod;
  /** Voxels, for every class alike or by label; `components` needs none. */
  readonly radius?: PerClass;
  /** Each class on its own with its own radius, or all labelled voxels together, a cluster's label being its majority. */
  readonly perClass: boolean;
  /** Classes that are no objects: their voxels are left out. */
  readonly regions?: readonly number[];
  /**
   * For `peaks`, each class on its own: scores are smoothed by a Gaussian of this share of the radius, and all voxels are looked at,
   * not only the labelled ones.
   */
  readonly smoothing?: number;
  /** Objects of one class that are closer than this share of its radius are joined. */
  readonly mergeFragments?: number;
  /** Of objects of different classes that are closer than this share of the smaller radius the better one is kept. */
  readonly suppressOverlap?: number;
  /** Least number of voxels of an object. */
  readonly minSize?: PerClass;
  /** Lowest score of an object, 0…1; needs `scores`. */
  readonly threshold?: PerClass;
  readonly scores?: ScoreVolumes;
  readonly signal?: AbortSignal;
  /** Told which class is at work and how much of it is done, 0…1; label 0 stands for all together. */
  readonly onProgress?: (label: number, fraction: number) => void;
}

/**
 * Finds the objects of a label map: position, label, number of voxels, and with scores the mean probability of the
 * class and its mean difference to the next best. Classes ascending, each in the order of its method.
 * @throws TomoflowError `radius-missing`, `scores-missing`
 */
export async function clusterObjects(labelled: VoxelPoints, options: ClusterOptions): Promise<ObjectList> {
  if (options.method === "peaks" && !options.scores) throw scoresMissing("the method peaks");
  if (options.threshold !== undefined && !options.scores) throw scoresMissing("a threshold");
  const points = withoutLabels(labelled, options.regions ?? []);
  const groups = options.perClass ? splitByLabel(points) : new Map([[0, points]]);
  const smoothed = options.method === "peaks" && options.smoothing !== undefined;
  const labels = smoothed ? searchedLabels(groups, options) : [...groups.keys()];
  if (options.method !== "components" || options.mergeFragments || options.suppressOverlap)
    requireRadii(options.perClass ? labels : [0], options);
  const found: TomogramObject[] = [];
  for (const label of labels) {
    options.signal?.throwIfAborted();
    const group = groups.get(label) ?? {
      shape: points.shape,
      index: new Uint32Array(),
      label: new Uint16Array(),
    };
    const cluster = smoothed ? smoothedPeakObjects : clusterGroup;
    found.push(...(await cluster(group, label, options)));
    options.onProgress?.(label, 1);
  }
  return untangled(found, options);
}

/** Classes whose scores are searched: those that may have objects without a labelled voxel too. */
function searchedLabels(
  groups: ReadonlyMap<number, VoxelPoints>,
  { scores, regions = [], minSize }: ClusterOptions,
): readonly number[] {
  const labels = new Set([...scores!.keys(), ...groups.keys()]);
  return [...labels]
    .filter((label) => label !== 0 && !regions.includes(label))
    .filter((label) => groups.has(label) || (valueOfClass(minSize, label) ?? 0) === 0)
    .sort((a, b) => a - b);
}

/** The radius of a class; label 0 stands for all classes together. */
const radiusOf = (label: number, { radius }: ClusterOptions): number => valueOfClass(radius, label) ?? 0;

/** Looks before any class is clustered, which may take long. */
function requireRadii(labels: readonly number[], options: ClusterOptions): void {
  const lacking = labels.filter((label) => radiusOf(label, options) <= 0).sort((a, b) => a - b);
  if (lacking.length === 0) return;
  const classes = lacking.length === 1 ? `class ${lacking[0]} has` : `classes ${lacking.join(", ")} have`;
  throw new TomoflowError(
    "radius-missing",
    lacking[0] === 0
      ? "clustering all classes together needs one radius for all of them"
      : `${classes} no radius, and the label map holds voxels of ${lacking.length === 1 ? "it" : "them"}`,
    {
      hint: lacking[0] === 0 ? "give `radius` as a number" : "give it in `classes`, or by label as `radius`",
    },
  );
}

async function clusterGroup(group: VoxelPoints, label: number, options: ClusterOptions): Promise<ObjectList> {
  if (group.index.length === 0) return [];
  const { scores, signal } = options;
  if (options.method === "peaks" && scores) return peakObjects(group, label, { ...options, scores });
  const clusters =
    options.method === "components"
      ? findComponents(group)
      : await meanShift(group, {
          radius: radiusOf(label, options),
          signal,
          onProgress: (done, total) => options.onProgress?.(label, done / total),
        });
  const labels =
    label === 0 ? majorityLabels(group, clusters) : new Uint16Array(clusters.sizes.length).fill(label);
  const pointScores =
    scores &&
    (await readPointScores(group, scores, { labelOf: (point) => labels[clusters.assigned[point]], signal }));
  return objectsOf(clusters, labels, pointScores);
}

/** The most frequent label of each cluster, the lower one on ties. */
export function majorityLabels({ label }: VoxelPoints, { assigned, sizes }: Clusters): Uint16Array {
  const labels = [...new Set(label)].sort((a, b) => a - b);
  const column = new Map(labels.map((value, index) => [value, index]));
  const counts = new Uint32Array(sizes.length * labels.length);
  for (let i = 0; i < label.length; i++) counts[assigned[i] * labels.length + (column.get(label[i]) ?? 0)]++;
  return Uint16Array.from(sizes, (_, cluster) => {
    const own = counts.subarray(cluster * labels.length, (cluster + 1) * labels.length);
    return labels[own.indexOf(Math.max(...own))];
  });
}

/** Clusters that hold no point (another centre was nearer to all of theirs) are no objects. */
function objectsOf(
  { centres, assigned, sizes }: Clusters,
  labels: Uint16Array,
  scores?: PointScores,
): ObjectList {
  const score = new Float64Array(sizes.length);
  const margin = new Float64Array(sizes.length);
  if (scores)
    for (let i = 0; i < assigned.length; i++) {
      score[assigned[i]] += scores.own[i];
      margin[assigned[i]] += scores.own[i] - scores.next[i];
    }
  return [...sizes].flatMap((clusterSize, cluster) => {
    if (clusterSize === 0) return [];
    const [z, y, x] = centres.subarray(cluster * 3, cluster * 3 + 3);
    const object: TomogramObject = { label: labels[cluster], x, y, z, clusterSize };
    if (!scores) return [object];
    return [{ ...object, score: score[cluster] / clusterSize, margin: margin[cluster] / clusterSize }];
  });
}

async function peakObjects(
  group: VoxelPoints,
  label: number,
  options: ClusterOptions & { readonly scores: ScoreVolumes },
): Promise<ObjectList> {
  const { scores, signal } = options;
  const own = await readPointScores(group, scores, { labelOf: (point) => group.label[point], signal });
  const threshold = valueOfClass(options.threshold, label) ?? 0;
  const peaks = findPeaks(group, own, { radius: radiusOf(label, options), threshold });
  return peaks.map(({ position: [z, y, x], size, score, margin, label: peakLabel }) => ({
    label: peakLabel,
    x,
    y,
    z,
    clusterSize: size,
    score,
    margin,
  }));
}

async function smoothedPeakObjects(
  group: VoxelPoints,
  label: number,
  options: ClusterOptions,
): Promise<ObjectList> {
  const scores = options.scores!;
  const { signal, onProgress } = options;
  if (!scores.has(label)) throw classMissing(label, scores);
  checkShapes(group.shape, scores);
  const radius = radiusOf(label, options);
  const sigma = options.smoothing! * radius;
  const peaks = await findSmoothedPeaks(label, scores, {
    radius,
    sigma,
    threshold: valueOfClass(options.threshold, label) ?? 0,
    signal,
    // the rest is the look at the other classes
    onProgress: (fraction) => onProgress?.(label, 0.9 * fraction),
  });
  const lattice = group.index.length > 0 ? createLattice(group) : undefined;
  const sums = new Float64Array(4);
  const sized = peaks.map((peak) => {
    if (lattice) sumBall(lattice, peak.position, { radius, sums });
    return { peak, clusterSize: sums[0]! };
  });
  // what has no voxel of the class is left out before the look at the others, which takes time
  const least = Math.min(1, valueOfClass(options.minSize, label) ?? 0);
  const kept = sized.filter(({ clusterSize }) => clusterSize >= least);
  const next = await nextBest(
    kept.map(({ peak }) => peak),
    scores,
    { label, sigma, signal },
  );
  return kept.map(({ peak: { position, score }, clusterSize }, index) => {
    const [z, y, x] = position;
    return { label, x, y, z, clusterSize, score, margin: score - next[index]! };
  });
}

/** One object where pieces of it, or several classes, were found: pieces count together, and what is too small or low suppresses nothing. */
function untangled(
  found: ObjectList,
  {
    method,
    radius = 0,
    minSize,
    threshold,
    mergeFragments: merge,
    suppressOverlap: suppress,
  }: ClusterOptions,
): ObjectList {
  const whole = merge ? mergeFragments(found, { radius, share: merge }) : found;
  const good = whole.filter(
    (object) =>
      (object.clusterSize ?? 0) >= (valueOfClass(minSize, object.label) ?? 0) &&
      (object.score ?? 1) >= (valueOfClass(threshold, object.label) ?? 0),
  );
  if (!suppress) return good;
  return suppressOverlap(good, { radius, share: suppress, by: method === "peaks" ? "score" : "size" });
}

const scoresMissing = (what: string): TomoflowError =>
  new TomoflowError("scores-missing", `${what} needs the scores of the segmentation`, {
    hint: "let `segment` write them: with: {scores: true}",
  });
