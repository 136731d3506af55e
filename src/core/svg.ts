/** Pieces of SVG: text is escaped, numbers are short. Lengths are in user units, which are pixels at full size. */
import { harmlessMarkup } from "./harmless-text.ts";

export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

/** `<name a="1">content</name>`; attributes that are undefined are left out. `content` is markup already. */
export function element(name: string, attributes: SvgAttributes, content = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? shorten(value) : escapeText(value!)}"`)
    .join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** For use as text or attribute. */
export const escapeText = (content: string): string =>
  harmlessMarkup(content)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** At most two decimals. */
export const shorten = (value: number): string => String(Number(value.toFixed(2)));

/** Text that is cut with `…` where it would be wider; about 0.56 of the font size a letter. */
export function fitText(content: string, width: number, fontSize: number): string {
  const letters = Math.max(3, Math.floor(width / (fontSize * 0.56)));
  return content.length <= letters ? content : `${content.slice(0, letters - 1)}…`;
}
