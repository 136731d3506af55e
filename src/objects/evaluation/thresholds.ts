/**
 * Tuned thresholds: by class the least size or score of a detection that gave the best F-beta on tomograms with known
 * objects. `evaluate` writes them for validation tomograms, `cluster` applies them to others.
 */
import { TomoflowError } from "../../core/error.ts";
import { readRegularFile } from "../../core/regular-file.ts";
import type { PerClass } from "../operations/filter.ts";
import { bestPoint, type CurvePoint } from "./curves.ts";
import type { ClassCurve, Evaluation } from "./evaluate-objects.ts";

/** `thresholds.json`. */
export interface ThresholdsDocument {
  readonly tomoflow: "thresholds";
  /** Weight of recall over precision in the F-beta that is best. */
  readonly beta: number;
  /** By label; classes without detections or without truth have none. */
  readonly classes: Readonly<Record<string, ClassThreshold>>;
}

export interface ClassThreshold {
  readonly name?: string;
  /** What is thresholded: `size` in voxels, `score` 0…1. */
  readonly rankBy: "score" | "size";
  /** The least that is kept, halfway to the best detection that is left out. */
  readonly threshold: number;
  readonly fbeta: number;
}

export function thresholdsDocument(
  { curves }: Pick<Evaluation, "curves">,
  { beta, names }: { readonly beta: number; readonly names: ReadonlyMap<number, string> },
): ThresholdsDocument {
  const classes = [...curves].flatMap(([label, curve]) => {
    const tuned = tunedThreshold(curve);
    return tuned ? [[String(label), { name: names.get(label), ...tuned }] as const] : [];
  });
  return { tomoflow: "thresholds", beta, classes: Object.fromEntries(classes) };
}

function tunedThreshold({ rankBy, points }: ClassCurve): ClassThreshold | undefined {
  const best = bestPoint(points, "fbeta");
  if (best === undefined || !best.scores.fbeta) return undefined;
  const below: CurvePoint | undefined = points[points.indexOf(best) + 1];
  const threshold = below ? (best.threshold + below.threshold) / 2 : best.threshold;
  return { rankBy, threshold: Number(threshold.toPrecision(6)), fbeta: Number(best.scores.fbeta.toFixed(6)) };
}

/** Thresholds as `cluster` and the filters of object lists take them. */
export interface LeastValues {
  readonly minSize: Exclude<PerClass, number>;
  readonly minScore: Exclude<PerClass, number>;
}

/** @throws TomoflowError `file-missing`, `thresholds-unreadable` */
export async function readThresholds(path: string): Promise<LeastValues> {
  const text = await readRegularFile(path).then(String, (error) => {
    if (error.code !== "file-missing") throw error;
    throw new TomoflowError("file-missing", `${path} cannot be read`, {
      hint: "give the thresholds.json of an `evaluate` step",
    });
  });
  const minSize: Record<string, number> = {};
  const minScore: Record<string, number> = {};
  for (const [label, { rankBy, threshold }] of Object.entries(parseThresholds(text, path).classes))
    (rankBy === "size" ? minSize : minScore)[label] = threshold;
  return { minSize, minScore };
}

function parseThresholds(text: string, path: string): ThresholdsDocument {
  const document = parseJson(text);
  if (isThresholds(document)) return document;
  throw new TomoflowError("thresholds-unreadable", `${path} holds no thresholds of \`evaluate\``, {
    hint: "give its output `thresholds`, the file thresholds.json",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isThresholds(document: unknown): document is ThresholdsDocument {
  if (!isRecord(document) || document.tomoflow !== "thresholds" || !isRecord(document.classes)) return false;
  return Object.entries(document.classes).every(
    ([label, value]) =>
      /^[1-9][0-9]*$/.test(label) &&
      isRecord(value) &&
      (value.rankBy === "size" || value.rankBy === "score") &&
      Number.isFinite(value.threshold),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
