import { element, fitText, shorten } from "../../../core/svg.ts";
import { averagePrecision, bestPoint, type CurvePoint } from "../curves.ts";
import type { Evaluation } from "../evaluate-objects.ts";
import { classColors, picture, text } from "./picture.ts";

export interface ClassLook {
  readonly name: string;
  readonly color?: string;
}

const plot = { left: 72, top: 84, size: 420 };
const legend = { left: 530, width: 330, rowHeight: 26 };
const muted = "fill:#66727f";

/**
 * Precision over recall for each class as SVG, with lines of equal F1, the point of the best F1, and a legend with the
 * average precision and the threshold of that point.
 */
export function curvesPicture({ labels, curves }: Evaluation, looks: ReadonlyMap<number, ClassLook>): string {
  const drawn = labels.flatMap((label, index) => {
    const points = curves.get(label)?.points ?? [];
    const look = looks.get(label);
    const color = look?.color ?? classColors[index % classColors.length];
    const dash = !look?.color && index >= classColors.length ? "6 4" : undefined;
    return hasTruth(points) ? [{ name: look?.name ?? `class ${label}`, color, dash, points }] : [];
  });
  const [first] = curves.values();
  const height = Math.max(plot.top + plot.size + 64, plot.top + 40 + drawn.length * legend.rowHeight);
  const marks = [
    text(24, 40, "Precision and recall", { "font-size": 18, "font-weight": 600 }),
    text(24, 60, subtitle(drawn.length, first?.rankBy), { "font-size": 12, style: muted }),
    ...equalF1Lines(),
    ...axes(),
    ...drawn.map(curveLine),
    ...drawn.map(({ points, color }) => bestMark(points, color)),
    ...(drawn.length > 0 ? legendHead(first?.rankBy ?? "score") : []),
    ...drawn.flatMap((curve, row) => legendRow(curve, row)),
  ];
  return picture({ width: legend.left + legend.width, height }, "Precision and recall", marks);
}

const hasTruth = (points: readonly CurvePoint[]): boolean =>
  points.length > 0 && points[0].scores.tp + points[0].scores.fn > 0;

const subtitle = (curveCount: number, rankBy: string | undefined): string =>
  curveCount === 0
    ? "no class has both truth and detections with a score or size"
    : `as the threshold on the ${rankBy === "size" ? "cluster size" : "score"} falls; ● best F1; grey: equal F1`;

const xOf = (recall: number): number => plot.left + recall * plot.size;
const yOf = (precision: number): number => plot.top + (1 - precision) * plot.size;

function axes(): string[] {
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const frame = element("rect", {
    x: plot.left,
    y: plot.top,
    width: plot.size,
    height: plot.size,
    fill: "none",
    stroke: "#9aa5b1",
  });
  return [
    frame,
    ...ticks.flatMap((tick) => [
      element("line", { x1: plot.left, x2: plot.left - 5, y1: yOf(tick), y2: yOf(tick), stroke: "#9aa5b1" }),
      element("line", { x1: xOf(tick), x2: xOf(tick), y1: yOf(0), y2: yOf(0) + 5, stroke: "#9aa5b1" }),
      text(plot.left - 10, yOf(tick) + 4, tick.toFixed(1), {
        "font-size": 12,
        "text-anchor": "end",
        style: muted,
      }),
      text(xOf(tick), yOf(0) + 20, tick.toFixed(1), {
        "font-size": 12,
        "text-anchor": "middle",
        style: muted,
      }),
    ]),
    text(xOf(0.5), yOf(0) + 44, "recall", { "font-size": 13, "text-anchor": "middle" }),
    text(0, 0, "precision", {
      "font-size": 13,
      "text-anchor": "middle",
      transform: `translate(${plot.left - 46} ${yOf(0.5)}) rotate(-90)`,
    }),
  ];
}

/** Precision as a function of recall at equal F1: P = F·R / (2R − F). */
function equalF1Lines(): string[] {
  return [0.2, 0.4, 0.6, 0.8].flatMap((f1) => {
    const from = f1 / (2 - f1);
    const points = Array.from({ length: 41 }, (_, step) => {
      const recall = from + (1 - from) * (step / 40) ** 2;
      return `${shorten(xOf(recall))},${shorten(yOf((f1 * recall) / (2 * recall - f1)))}`;
    });
    return [
      element("polyline", { points: points.join(" "), fill: "none", stroke: "#e4e7eb" }),
      text(xOf(1) - 4, yOf(from) - 5, `F1 ${f1}`, {
        "font-size": 10,
        "text-anchor": "end",
        style: "fill:#b8c2cc",
      }),
    ];
  });
}

interface DrawnCurve {
  readonly name: string;
  readonly color: string;
  /** Dashes tell classes apart once the colours begin again. */
  readonly dash: string | undefined;
  readonly points: readonly CurvePoint[];
}

function curveLine({ points, color, dash }: DrawnCurve): string {
  const path = points.map(
    ({ scores }) => `${shorten(xOf(scores.recall ?? 0))},${shorten(yOf(scores.precision ?? 0))}`,
  );
  return element("polyline", {
    points: path.join(" "),
    fill: "none",
    stroke: color,
    "stroke-width": 2,
    "stroke-dasharray": dash,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
  });
}

function bestMark(points: readonly CurvePoint[], color: string): string {
  const best = bestPoint(points, "f1");
  if (!best) return "";
  const [cx, cy] = [xOf(best.scores.recall ?? 0), yOf(best.scores.precision ?? 0)];
  return element("circle", { cx, cy, r: 5, fill: color, stroke: "#ffffff", "stroke-width": 1.5 });
}

const columns = {
  name: legend.left + 24,
  average: legend.left + 186,
  f1: legend.left + 236,
  threshold: legend.left + 306,
};

function legendHead(rankBy: "score" | "size"): string[] {
  const y = plot.top + 8;
  const head = { "font-size": 11, "text-anchor": "end", style: muted };
  return [
    text(columns.average, y, "AP", head),
    text(columns.f1, y, "best F1", head),
    text(columns.threshold, y, `at ${rankBy} ≥`, head),
  ];
}

function legendRow({ name, color, dash, points }: DrawnCurve, row: number): string[] {
  const y = plot.top + 34 + row * legend.rowHeight;
  const best = bestPoint(points, "f1");
  const cell = { "font-size": 13, "text-anchor": "end" };
  return [
    element("line", {
      x1: legend.left,
      x2: legend.left + 16,
      y1: y - 4,
      y2: y - 4,
      stroke: color,
      "stroke-width": 3,
      "stroke-dasharray": dash,
    }),
    text(columns.name, y, fitText(name, 130, 13), { "font-size": 13 }),
    text(columns.average, y, (averagePrecision(points) ?? 0).toFixed(2), cell),
    text(columns.f1, y, (best?.scores.f1 ?? 0).toFixed(2), cell),
    text(columns.threshold, y, formatThreshold(best?.threshold ?? 0), cell),
  ];
}

const formatThreshold = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(3);
