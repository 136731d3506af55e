/** How cost grows, as a picture: measurements as dots, the straight line through them, a panel each. */
import { element } from "../../src/core/svg.ts";
import { picture, text } from "../../src/objects/evaluation/pictures/picture.ts";
import { type Scale, scaleOf } from "../../src/training/curves/scale.ts";
import type { LinearFit } from "./fit.ts";

export interface GrowthPanel {
  readonly title: string;
  /** Of the x axis. */
  readonly axis: string;
  readonly unit: string;
  readonly color: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Those of `x` that have a tick, and its text. */
  readonly ticks: readonly (readonly [x: number, label: string])[];
  readonly fit: LinearFit;
}

const columns = 2;
const panel = { width: 400, height: 250, gap: 40 };
const inset = { left: 44, right: 16, top: 44, bottom: 44 };
const margin = 28;
const headHeight = 64;
const muted = "fill:#66727f";
const gridColor = "#e8ebee";
const axisColor = "#9aa5b1";

/** A self-contained SVG, two panels a row. */
export function drawGrowth(title: string, note: string, panels: readonly GrowthPanel[]): string {
  const rows = Math.ceil(panels.length / columns);
  const width = 2 * margin + columns * panel.width + (columns - 1) * panel.gap;
  const height = headHeight + rows * (panel.height + panel.gap / 4) + 8;
  return picture({ width, height }, title, [
    text(margin, 34, title, { "font-size": 19, "font-weight": 600 }),
    text(margin, 54, note, { "font-size": 13, style: muted }),
    ...panels.flatMap((each, index) =>
      drawPanel(each, {
        left: margin + (index % columns) * (panel.width + panel.gap),
        top: headHeight + Math.floor(index / columns) * (panel.height + panel.gap / 4),
      }),
    ),
  ]);
}

interface Corner {
  readonly left: number;
  readonly top: number;
}

function drawPanel(content: GrowthPanel, corner: Corner): readonly string[] {
  const lineEnd = content.fit.intercept + content.fit.slope * Math.max(...content.x);
  const scale = scaleOf([...content.y, lineEnd], { fromZero: true })!;
  const most = Math.max(...content.x);
  const frame = {
    left: corner.left + inset.left,
    right: corner.left + panel.width - inset.right,
    top: corner.top + inset.top,
    bottom: corner.top + panel.height - inset.bottom,
  };
  const x = (value: number) => frame.left + (value / most) * (frame.right - frame.left);
  const y = (value: number) => frame.bottom - (value / scale.high) * (frame.bottom - frame.top);
  return [
    text(corner.left, corner.top + 22, content.title, { "font-size": 15, "font-weight": 600 }),
    text(frame.right, corner.top + 22, `off the line by ${percent(content.fit.deviation)} at most`, {
      "font-size": 12,
      "text-anchor": "end",
      style: muted,
    }),
    ...drawAxes(content, { scale, frame, x, y }),
    ...drawMeasurements(content, { x, y, most }),
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

interface Axes {
  readonly scale: Scale;
  readonly frame: { readonly left: number; readonly right: number; readonly bottom: number };
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function drawAxes({ ticks, axis, unit }: GrowthPanel, { scale, frame, x, y }: Axes): readonly string[] {
  const { left, right, bottom } = frame;
  const label = { "font-size": 12, style: muted };
  const topmost = scale.ticks.at(-1);
  return [
    ...scale.ticks.flatMap((tick) => [
      element("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: gridColor }),
      text(left - 8, y(tick) + 4, scale.format(tick), { ...label, "text-anchor": "end" }),
    ]),
    text(left + 6, y(topmost!) + 14, unit, label),
    element("line", { x1: left, x2: right, y1: bottom, y2: bottom, stroke: axisColor }),
    ...ticks.flatMap(([value, name]) => [
      element("line", { x1: x(value), x2: x(value), y1: bottom, y2: bottom + 4, stroke: axisColor }),
      text(x(value), bottom + 18, name, { ...label, "text-anchor": "middle" }),
    ]),
    text((left + right) / 2, bottom + 36, axis, { ...label, "text-anchor": "middle" }),
  ];
}

function drawMeasurements(
  content: GrowthPanel,
  { x, y, most }: Pick<Axes, "x" | "y"> & { most: number },
): readonly string[] {
  const { intercept, slope } = content.fit;
  const start = Math.max(0, -intercept / slope);
  return [
    element("line", {
      x1: x(start),
      y1: y(intercept + slope * start),
      x2: x(most),
      y2: y(intercept + slope * most),
      stroke: content.color,
      "stroke-width": 1.8,
      "stroke-opacity": 0.55,
    }),
    ...content.x.map((value, index) =>
      element("circle", {
        cx: x(value),
        cy: y(content.y[index]!),
        r: 4.5,
        fill: content.color,
        stroke: "#ffffff",
        "stroke-width": 1.5,
      }),
    ),
  ];
}
