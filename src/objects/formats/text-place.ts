import type { Location } from "../../core/diagnostic.ts";

/** Finds lines and columns in a text; used only when something is wrong with it. */
export interface PlaceFinder {
  /** The place of the character at `offset`. */
  at(offset: number, length?: number): Location;
  /** The place of an attribute's value in the tag that starts at `offset`. */
  ofAttribute(offset: number, name: string): Location;
  /** The place of the first element of that name. */
  ofElement(name: string): Location;
  /** The place of the first element of that name without attributes. */
  ofBareElement(name: string): Location;
}

export function createPlaceFinder(text: string, file: string): PlaceFinder {
  // from the last place on: thousands of mistakes are told in order
  let known = { start: 0, line: 1 };
  const at = (offset: number, length = 1): Location => {
    const lineStart = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
    if (lineStart < known.start) known = { start: 0, line: 1 };
    known = { start: lineStart, line: known.line + countLineEnds(text, known.start, lineStart) };
    const lineEnd = text.indexOf("\n", offset);
    return {
      file,
      line: known.line,
      column: offset - lineStart + 1,
      length,
      sourceLine: text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd).replace(/\r$/, ""),
    };
  };
  return {
    at,
    ofAttribute: (offset, name) => {
      const tag = text.slice(offset, text.indexOf(">", offset) + 1);
      const match = new RegExp(`\\s${escapePattern(name)}\\s*=\\s*(["'])(.*?)\\1`, "s").exec(tag);
      if (!match) return at(offset);
      const start = offset + match.index + match[0].length - match[2].length - 1;
      return at(start, match[2].length);
    },
    ofBareElement: (name) => at(Math.max(0, text.search(new RegExp(`<${escapePattern(name)}\\s*/?>`)))),
    ofElement: (name) => at(Math.max(0, text.search(new RegExp(`<${escapePattern(name)}[\\s/>]`)))),
  };
}

function countLineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
