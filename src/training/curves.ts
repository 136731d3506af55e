/** The progress of a training as one picture: loss and accuracy, and the scores of every class. */
import { element, escapeText, fitText } from "../core/svg.ts";
import { classColors, picture, text } from "../objects/evaluation/pictures/picture.ts";
import { type Curve, drawPanel, formatValue, type Panel } from "./curves/panel.ts";
import { epochScale, type Scale, scaleOf, unitScale } from "./curves/scale.ts";
import type { EpochRecord, History } from "./history.ts";

const width = 1120;
const margin = 32;
const gap = 32;
const headHeight = 72;
const panelHeight = 300;
const legendRowHeight = 24;
const legendColumns = 4;
/** With more epochs, the strong lines are running means. */
const mostSingle = 60;
const muted = "fill:#66727f";

const trainingColor = "#4e79a7";
const validationColor = "#e1662b";
const backgroundColor = "#9aa5b1";

/**
 * A self-contained SVG. `classNames` by label, background first. Training against validation in loss and accuracy; validation F1, precision and recall of every class; the epoch of the best mean
 * F1 is marked. With many epochs the strong lines are running means over pale single values.
 */
export function drawCurves(history: History, classNames: readonly string[]): string {
  const best = bestEpoch(history);
  const smoothing = history.length > mostSingle ? 2 * Math.round(history.length / 60) + 1 : 1;
  const classes = classNames.map((name, label) => ({ name, label, ...lookOf(label) }));
  const legendTop = headHeight + 2 * panelHeight + 2 * gap;
  const rows = Math.ceil(classes.length / legendColumns);
  return picture({ width, height: legendTop + rows * legendRowHeight + 8 }, "Training curves", [
    ...drawHead(history, best, smoothing),
    ...panelsOf(history, classes, { best, smoothing }).flatMap(drawPanel),
    ...classes.flatMap((entry) => drawLegendEntry(entry, legendTop, history.at(-1))),
  ]);
}

interface DrawnClass {
  readonly name: string;
  readonly label: number;
  readonly color: string;
  readonly dash: string | undefined;
}

/** Dashes tell classes apart once the colors begin again. */
function lookOf(label: number): { color: string; dash: string | undefined } {
  if (label === 0) return { color: backgroundColor, dash: "2 4" };
  const index = label - 1;
  return {
    color: classColors[index % classColors.length]!,
    dash: index < classColors.length ? undefined : "7 4",
  };
}

interface Best {
  readonly record: EpochRecord;
  readonly meanF1: number;
}

/** The first epoch with the highest mean F1 of the classes, background left out. */
function bestEpoch(history: History): Best | null {
  return history.reduce<Best | null>((best, record) => {
    const scores = record.f1.slice(1);
    const meanF1 = scores.reduce((sum, value) => sum + value, 0) / scores.length;
    return Number.isFinite(meanF1) && (best === null || meanF1 > best.meanF1) ? { record, meanF1 } : best;
  }, null);
}

function drawHead(history: History, best: Best | null, smoothing: number): readonly string[] {
  const count = history.length === 1 ? "1 epoch" : `${history.length} epochs`;
  const parts = [
    ...(best === null ? [] : [`best mean F1 ${formatValue(best.meanF1)} after epoch ${best.record.epoch}`]),
    ...(best === null || history.length < 2 ? [] : ["dotted line: that epoch"]),
    ...(smoothing > 1 ? [`strong lines: means over ${smoothing} epochs`] : []),
  ];
  return [
    text(margin, margin + 6, `Training, ${count}`, { "font-size": 20, "font-weight": 600 }),
    text(margin, margin + 26, parts.join(" · "), { "font-size": 13, style: muted }),
  ];
}

interface Look {
  readonly best: Best | null;
  readonly smoothing: number;
}

function panelsOf(history: History, classes: readonly DrawnClass[], look: Look): readonly Panel[] {
  const epochs = history.map(({ epoch }) => epoch);
  const common = {
    epochs,
    xScale: epochScale(epochs[0] ?? 1, epochs.at(-1) ?? 1),
    marked: look.best?.record.epoch ?? null,
    smoothing: look.smoothing,
  };
  const comparison = (values: readonly [training: number[], validation: number[]]): readonly Curve[] => [
    { name: "training", color: trainingColor, values: values[0] },
    { name: "validation", color: validationColor, values: values[1] },
  ];
  const scores = (field: "f1" | "precision" | "recall"): readonly Curve[] =>
    classes.map(({ name, label, color, dash }) => ({
      name,
      color,
      dash,
      values: history.map((record) => record[field][label] ?? Number.NaN),
    }));
  const loss = comparison([history.map((r) => r.loss), history.map((r) => r.validationLoss)]);
  const accuracy = comparison([history.map((r) => r.accuracy), history.map((r) => r.validationAccuracy)]);
  const all = (curves: readonly Curve[]) => curves.flatMap(({ values }) => values);
  const fromZero = history.length === 1;
  const scale: Scale | null = history.length === 0 ? null : unitScale;
  return [
    {
      ...common,
      title: "Loss",
      box: boxOf(0, 0, 2),
      curves: loss,
      yScale: scaleOf(all(loss), { fromZero }),
      legend: true,
    },
    {
      ...common,
      title: "Accuracy",
      box: boxOf(0, 1, 2),
      curves: accuracy,
      yScale: scaleOf(all(accuracy), { fromZero, most: 1 }),
      legend: true,
    },
    ...(["f1", "precision", "recall"] as const).map((field, column) => ({
      ...common,
      title: { f1: "F1 by class", precision: "Precision by class", recall: "Recall by class" }[field],
      box: boxOf(1, column, 3),
      curves: scores(field),
      yScale: scale,
      legend: false,
    })),
  ];
}

/** Panel `column` of `columns` in a row. */
function boxOf(row: number, column: number, columns: number): Panel["box"] {
  const panelWidth = (width - 2 * margin - (columns - 1) * gap) / columns;
  return {
    x: margin + column * (panelWidth + gap),
    y: headHeight + row * (panelHeight + gap),
    width: panelWidth,
    height: panelHeight,
  };
}

/** Color, name and the F1 of the last epoch. */
function drawLegendEntry(
  { name, label, color, dash }: DrawnClass,
  top: number,
  last: EpochRecord | undefined,
): readonly string[] {
  const columnWidth = (width - 2 * margin) / legendColumns;
  const left = margin + (label % legendColumns) * columnWidth;
  const baseline = top + Math.floor(label / legendColumns) * legendRowHeight;
  const line = { x1: left, x2: left + 26, y1: baseline - 4, y2: baseline - 4 };
  const score = element("tspan", { dx: 8, style: muted }, `F1 ${formatValue(last?.f1[label] ?? Number.NaN)}`);
  const title = element("tspan", {}, escapeText(fitText(name, columnWidth - 130, 13)));
  return [
    element("line", { ...line, stroke: color, "stroke-width": 3, "stroke-dasharray": dash }),
    element("text", { x: left + 34, y: baseline, "font-size": 13 }, title + score),
  ];
}
