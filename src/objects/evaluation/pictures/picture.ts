/** The few marks that the pictures are drawn with. Lengths are in SVG user units, which are pixels at full size. */

import { element, escapeText, type SvgAttributes, shorten } from "../../../core/svg.ts";

/** A line of text; `anchor` is start, middle or end. */
export const text = (x: number, y: number, content: string, attributes: SvgAttributes = {}): string =>
  element("text", { x, y, ...attributes }, escapeText(content));

/** A whole picture on white, with a title for screen readers. */
export function picture(
  size: { width: number; height: number },
  title: string,
  marks: readonly string[],
): string {
  const { width, height } = size;
  const style = "text{font-family:Inter,'Helvetica Neue',Helvetica,Arial,sans-serif;fill:#1f2933}";
  const content = [
    `<title>${escapeText(title)}</title>`,
    `<style>${style}</style>`,
    element("rect", { width, height, fill: "#ffffff" }),
    ...marks,
  ].join("\n");
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${shorten(width)} ${shorten(height)}`,
    width,
    height,
    role: "img",
  };
  return `${element("svg", attributes, `\n${content}\n`)}\n`;
}

/** Colours for classes that have none of their own (Tableau 10), told apart by most people. */
export const classColors = [
  "#4e79a7",
  "#f28e2b",
  "#e15759",
  "#76b7b2",
  "#59a14f",
  "#edc948",
  "#b07aa1",
  "#ff9da7",
  "#9c755f",
  "#bab0ac",
];
