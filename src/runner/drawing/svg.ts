/** Pieces of SVG: text is escaped, numbers are short. */

import { harmlessMarkup } from "../../core/harmless-text.ts";

type Attributes = Readonly<Record<string, string | number | undefined>>;

export const escapeText = (text: string): string =>
  harmlessMarkup(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Two decimals, none where there is nothing after the point. */
const short = (value: number): string => String(Math.round(value * 100) / 100);

/** `<name a="1">content</name>`; attributes that are undefined are left out. `content` is markup already. */
export function element(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(typeof value === "number" ? short(value) : value!)}"`)
    .join("");
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** Text that is cut with `…` where it would be wider; about 0.56 of the font size a letter. */
export function fitText(text: string, width: number, fontSize: number): string {
  const letters = Math.max(1, Math.floor(width / (fontSize * 0.56)));
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}
