/** The graph of a workflow as an SVG picture that needs nothing else. */

import { element, escapeText, fitText } from "../../core/svg.ts";
import type { GraphNode, GraphView } from "./graph-view.ts";
import { layOutGraph, type Point } from "./layered-layout.ts";
import { countsText, pictureStyle, stateOrder, stateWords } from "./state-colors.ts";

const margin = 20;
const headHeight = 52;
const legendHeight = 30;
const padding = 12;

/** Sizes in pixels: a step has two lines below its name, a task only its name. */
const sizes = {
  steps: { least: 132, most: 230, nodeHeight: 64, columnGap: 56, rowGap: 22, font: 14 },
  tasks: { least: 96, most: 200, nodeHeight: 30, columnGap: 64, rowGap: 8, font: 12 },
} as const;

export interface GraphPictureOptions {
  /** False: no heading and no ground, for a page that has its own. */
  readonly framed?: boolean;
}

/** Light and dark follow the viewer. The title names the workflow; every node tells its state when pointed at. */
export function drawGraph(view: GraphView, { framed = true }: GraphPictureOptions = {}): string {
  const size = sizes[view.of];
  const nodeWidth = widthOf(view);
  const layout = layOutGraph(view.nodes, { ...size, nodeWidth });
  const top = margin + (framed ? headHeight : 0);
  const width = Math.max(layout.width + 2 * margin, framed ? 420 : 0);
  const height = top + layout.height + legendHeight + margin;
  const body = [
    element("title", {}, escapeText(`${view.workflow}: ${view.of}`)),
    element("style", {}, pictureStyle),
    ...(framed ? frame(view, width, height) : []),
    ...layout.arrows.map(({ points }) =>
      drawArrow(points.map(({ x, y }) => ({ x: x + margin, y: y + top }))),
    ),
    ...view.nodes.map((node) => {
      const { x, y } = layout.places.get(node.id)!;
      return element(
        "g",
        { transform: `translate(${Math.round(x + margin)} ${Math.round(y + top)})` },
        drawNode(node, view.of, nodeWidth),
      );
    }),
    ...drawLegend(view, top + layout.height + 28),
  ];
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "tf",
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: "img",
    },
    `\n${body.join("\n")}\n`,
  )}\n`;
}

function widthOf({ nodes, of }: GraphView): number {
  const { least, most, font } = sizes[of];
  const widest = nodes.reduce((width, node) => {
    const lines = of === "steps" ? [subtitle(node), countsText(node.counts)] : [];
    const title = node.id.length * font * 0.6;
    return Math.max(width, title, ...lines.map((line) => line.length * 11 * 0.56));
  }, 0);
  return Math.min(most, Math.max(least, Math.ceil(widest) + 2 * padding));
}

function frame({ workflow, counts }: GraphView, width: number, height: number): string[] {
  return [
    element("rect", { class: "ground", width, height }),
    element("text", { x: margin, y: 34, "font-size": 18, "font-weight": 600 }, escapeText(workflow)),
    element("text", { x: margin, y: 52, "font-size": 12, class: "muted" }, escapeText(countsText(counts))),
  ];
}

/** Bends at columns, level through nodes' rows; ends a little before the head's tip. */
function drawArrow(points: readonly Point[]): string {
  const [first, ...rest] = points;
  let path = `M${first!.x} ${Math.round(first!.y)}`;
  let last = first!;
  rest.forEach((point, index) => {
    const end = index === rest.length - 1 ? { x: point.x - 6, y: point.y } : point;
    const bend = (end.x - last.x) / 2;
    const [from, to] = [Math.round(last.y), Math.round(end.y)];
    path += from === to ? `H${end.x}` : `C${last.x + bend} ${from} ${end.x - bend} ${to} ${end.x} ${to}`;
    last = point;
  });
  const y = Math.round(last.y);
  return (
    element("path", { class: "arrow", d: path, "stroke-width": 1.5 }) +
    element("path", { class: "head", d: `M${last.x - 1} ${y}l-8 -4v8z` })
  );
}

const subtitle = ({ id, kind, taskCount, disabled }: GraphNode): string => {
  const uses = kind === id ? "" : `${kind} · `;
  return uses + (disabled ? "disabled" : `${taskCount} task${taskCount === 1 ? "" : "s"}`);
};

function drawNode(node: GraphNode, of: GraphView["of"], width: number): string {
  const { nodeHeight: height, font } = sizes[of];
  const room = width - 2 * padding;
  const states = countsText(node.counts);
  const box = element("rect", {
    class: node.disabled ? "off" : "box",
    width,
    height,
    rx: 7,
    "stroke-dasharray": node.disabled ? "4 3" : undefined,
  });
  const tip = element("title", {}, escapeText(`${node.id}: ${states || "disabled"}`));
  const label = (text: string, y: number, attributes: Readonly<Record<string, string | number>>) =>
    element("text", { x: padding, y, ...attributes }, escapeText(text));
  if (of === "tasks") {
    const name = label(fitText(node.id, room, font), 19, { "font-size": font });
    return tip + box + drawShares(node, { x: 5, y: 7, width: 3, height: height - 14 }) + name;
  }
  return [
    tip,
    box,
    label(fitText(node.id, room, font), 21, { "font-size": font, "font-weight": 600 }),
    label(fitText(subtitle(node), room, 11), 37, { "font-size": 11, class: "muted" }),
    drawShares(node, { x: padding, y: 47, width: room, height: 6 }),
  ].join("");
}

/** A bar with a part for each state, as long as its share of the tasks. */
function drawShares(
  { counts, taskCount }: GraphNode,
  bar: { x: number; y: number; width: number; height: number },
): string {
  let x = bar.x;
  return stateOrder
    .filter((state) => counts[state] > 0)
    .map((state) => {
      const width = (bar.width * counts[state]) / taskCount;
      const part = element("rect", { class: state, x, y: bar.y, width, height: bar.height, rx: 2 });
      x += width;
      return part;
    })
    .join("");
}

function drawLegend({ counts }: GraphView, y: number): string[] {
  let x = margin;
  return stateOrder
    .filter((state) => counts[state] > 0)
    .flatMap((state) => {
      const text = `${counts[state]} ${stateWords[state]}`;
      const entry = [
        element("rect", { class: state, x, y: y - 9, width: 10, height: 10, rx: 2 }),
        element("text", { x: x + 16, y, "font-size": 12, class: "muted" }, text),
      ];
      x += 16 + text.length * 7 + 18;
      return entry;
    });
}
