/** From a label map to objects: by mean-shift, connected components or score maxima, each class alone or all together. */
import { TomoflowError } from "../../core/error.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { type PerClass, valueOfClass } from "../operations/filter.ts";
import type { Clusters } from "./clusters.ts";
import { findComponents } from "./components.ts";
import { meanShift } from "./mean-shift.ts";
import { findPeaks } from "./peaks.ts";
import { type PointScores, readPointScores, type ScoreVolumes } from "./scores.ts";
import { splitByLabel, type VoxelPoints } from "./voxel-points.ts";

export type ClusterMethod = "mean-shift" | "components" | "peaks";

export interface ClusterOptions {
  readonly method: ClusterMethod;
  /** Voxels, for every class alike or by label; `components` needs none. */
  readonly radius?: PerClass;
  /** Each class on its own with its own radius, or all labelled voxels together, a cluster's label being its majority. */
  readonly perClass: boolean;
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
export async function clusterObjects(points: VoxelPoints, options: ClusterOptions): Promise<ObjectList> {
  if (options.method === "peaks" && !options.scores) throw scoresMissing("the method peaks");
  if (options.threshold !== undefined && !options.scores) throw scoresMissing("a threshold");
  const groups = options.perClass ? splitByLabel(points) : new Map([[0, points]]);
  if (options.method !== "components") requireRadii([...groups.keys()], options);
  const found: TomogramObject[] = [];
  for (const [label, group] of groups) {
    options.signal?.throwIfAborted();
    found.push(...(await clusterGroup(group, label, options)));
    options.onProgress?.(label, 1);
  }
  return found.filter(
    (object) =>
      (object.clusterSize ?? 0) >= (valueOfClass(options.minSize, object.label) ?? 0) &&
      (object.score ?? 1) >= (valueOfClass(options.threshold, object.label) ?? 0),
  );
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

const scoresMissing = (what: string): TomoflowError =>
  new TomoflowError("scores-missing", `${what} needs the scores of the segmentation`, {
    hint: "let `segment` write them: with: {scores: true}",
  });
