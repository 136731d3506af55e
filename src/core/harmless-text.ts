/**
 * Text from outside (names, files, what programs print) made harmless for what shows it: control characters could move the
 * cursor, change the title or clear the screen of a terminal, and signs of direction could show a name as another one.
 */

/** C0 but for tab and line feed, DEL, C1, and the signs that turn the direction of writing (Unicode UAX 9). */
const control =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Each as `\u001b`: to be seen, and in a line of JSON still the same character. */
const written = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes of colours
const colour = /\u001b\[[\d;]*m/g;

const visible = (text: string): string => text.replace(colour, "").replace(control, written);

/**
 * For a terminal: colours go, other control characters become visible, line ends of every kind become line feeds. `keep`, with one
 * group around all, matches what our own code put in.
 */
export function harmlessText(text: string, keep?: RegExp): string {
  const lines = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  if (!keep) return visible(lines);
  const parts = lines.split(keep);
  return parts.map((part, index) => (index % 2 === 1 ? part : visible(part))).join("");
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** For XML, SVG and HTML: what XML 1.0 cannot hold, not even as entities, and signs of direction are replacement characters. */
export const harmlessMarkup = (text: string): string =>
  text
    .replace(control, "\ufffd")
    .replace(loneSurrogate, "\ufffd")
    .replace(/[\ufffe\uffff]/g, "\ufffd");

/** Every text in a value of plain data, made harmless for a terminal. */
export function harmlessTexts<T>(value: T): T {
  if (typeof value === "string") return harmlessText(value) as T;
  if (Array.isArray(value)) return value.map(harmlessTexts) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, harmlessTexts(part)])) as T;
}
