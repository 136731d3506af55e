/** The few marks that the pictures are drawn with. Lengths are in SVG user units, which are pixels at full size. */

import { harmlessMarkup } from "../../../core/harmless-text.ts";
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with attributes; `content` is SVG already. */
export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${typeof value === "number" ? shorten(value) : escapeText(String(value))}"`,
    )
    .join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A line of text; `anchor` is start, middle or end. */
export const text = (x: number, y: number, content: string, attributes: Attributes = {}): string =>
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

/** For use as text or attribute. */
export const escapeText = (content: string): string =>
  harmlessMarkup(content)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** At most two decimals. */
export const shorten = (value: number): string => String(Number(value.toFixed(2)));

/** `content` cut to what fits about `width` at this font size. */
export function fit(content: string, width: number, fontSize: number): string {
  const most = Math.max(3, Math.floor(width / (fontSize * 0.56)));
  return content.length <= most ? content : `${content.slice(0, most - 1)}…`;
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
