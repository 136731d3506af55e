/** One diagram: title, axes, grid and curves. */
import { element } from "../../core/svg.ts";
import { text } from "../../objects/evaluation/pictures/picture.ts";
import { type Point, pathOf, smooth, thin } from "./line.ts";
import type { Scale } from "./scale.ts";

export interface Curve {
  readonly name: string;
  readonly color: string;
  readonly dash?: string | undefined;
  /** One an epoch; NaN where there is none. */
  readonly values: readonly number[];
}

export interface Panel {
  readonly title: string;
  /** Of the whole panel, pixels. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly curves: readonly Curve[];
  readonly epochs: readonly number[];
  readonly xScale: Scale;
  /** Null: there is nothing to show. */
  readonly yScale: Scale | null;
  /** The epoch to mark, if any. */
  readonly marked: number | null;
  /** Epochs that the strong lines average over; the values themselves stay behind them, pale. */
  readonly smoothing: number;
  /** Names and last values of the curves beside the title. */
  readonly legend: boolean;
}

const inset = { left: 48, right: 12, top: 34, bottom: 40 };
const muted = "fill:#66727f";
const gridColor = "#e8ebee";
const axisColor = "#9aa5b1";

/** The marks of a panel. */
export function drawPanel(panel: Panel): readonly string[] {
  const { box, title, yScale } = panel;
  const heading = text(box.x, box.y + 16, title, { "font-size": 15, "font-weight": 600 });
  if (!yScale)
    return [
      heading,
      text(box.x + box.width / 2, box.y + box.height / 2, "no values", {
        "font-size": 13,
        "text-anchor": "middle",
        style: muted,
      }),
    ];
  const frame = frameOf(panel, yScale);
  return [
    heading,
    ...(panel.legend ? drawLegend(panel) : []),
    ...drawGrid(panel, yScale, frame),
    ...drawMarkedEpoch(panel, frame),
    ...panel.curves.flatMap((curve) => drawCurve(curve, panel, frame)),
  ];
}

/** Where the curves are, and how values become pixels. */
interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (epoch: number) => number;
  readonly y: (value: number) => number;
}

function frameOf({ box, xScale }: Panel, yScale: Scale): Frame {
  const left = box.x + inset.left;
  const right = box.x + box.width - inset.right;
  const top = box.y + inset.top;
  const bottom = box.y + box.height - inset.bottom;
  const span = (scale: Scale) => scale.high - scale.low || 1;
  return {
    left,
    right,
    top,
    bottom,
    x: (epoch) => left + ((epoch - xScale.low) / span(xScale)) * (right - left),
    y: (value) => bottom - ((value - yScale.low) / span(yScale)) * (bottom - top),
  };
}

function drawGrid({ xScale }: Panel, yScale: Scale, { left, right, bottom, x, y }: Frame): readonly string[] {
  const label = { "font-size": 12, style: muted };
  return [
    ...yScale.ticks.flatMap((tick) => [
      element("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: gridColor }),
      text(left - 8, y(tick) + 4, yScale.format(tick), { ...label, "text-anchor": "end" }),
    ]),
    element("line", { x1: left, x2: right, y1: bottom, y2: bottom, stroke: axisColor }),
    ...xScale.ticks.flatMap((tick) => [
      element("line", { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4, stroke: axisColor }),
      text(x(tick), bottom + 18, xScale.format(tick), { ...label, "text-anchor": "middle" }),
    ]),
    text((left + right) / 2, bottom + 36, "epoch", { ...label, "text-anchor": "middle" }),
  ];
}

function drawMarkedEpoch({ marked, epochs }: Panel, { x, top, bottom }: Frame): readonly string[] {
  if (marked === null || epochs.length < 2) return [];
  const line = { x1: x(marked), x2: x(marked), y1: top, y2: bottom };
  return [element("line", { ...line, stroke: axisColor, "stroke-dasharray": "2 3" })];
}

/** Above this number of epochs the single values are not marked any more. */
const mostDots = 30;

function drawCurve(
  { color, dash, values }: Curve,
  { epochs, smoothing }: Panel,
  { x, y, left, right }: Frame,
): readonly string[] {
  const points = (of: readonly number[]) => epochs.map((epoch, index): Point => [x(epoch), y(of[index]!)]);
  const line = (of: readonly number[], strength: object) =>
    element("path", {
      d: pathOf(thin(points(of), right - left)),
      fill: "none",
      stroke: color,
      "stroke-linejoin": "round",
      "stroke-linecap": "round",
      "stroke-dasharray": dash,
      ...strength,
    });
  if (smoothing > 1)
    return [
      line(values, { "stroke-width": 1, "stroke-opacity": 0.22, "stroke-dasharray": undefined }),
      line(smooth(values, smoothing), { "stroke-width": 1.8 }),
    ];
  const dots = epochs.length > mostDots ? [] : points(values).filter(([, height]) => Number.isFinite(height));
  return [
    line(values, { "stroke-width": 1.8 }),
    ...dots.map(([cx, cy]) =>
      element("circle", { cx, cy, r: epochs.length === 1 ? 4 : 2.5, fill: color, stroke: "#ffffff" }),
    ),
  ];
}

/** From the right end of the title line to the left. */
function drawLegend({ box, curves }: Panel): readonly string[] {
  const entryWidth = 138;
  return curves.flatMap(({ name, color, values }, index) => {
    const left = box.x + box.width - inset.right - (curves.length - index) * entryWidth + 8;
    const middle = box.y + 12;
    return [
      element("line", { x1: left, x2: left + 18, y1: middle, y2: middle, stroke: color, "stroke-width": 3 }),
      text(left + 25, box.y + 16, `${name} ${formatValue(values.at(-1)!)}`, { "font-size": 12 }),
    ];
  });
}

/** Three significant digits for what changes in training: 0.934, 12.3, 0.00123. */
export const formatValue = (value: number): string =>
  !Number.isFinite(value)
    ? "–"
    : value !== 0 && Math.abs(value) < 0.1
      ? value.toPrecision(3)
      : value.toFixed(3);
