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
  const at = (offset: number, length = 1): Location => {
    const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
    const lineEnd = text.indexOf("\n", offset);
    return {
      file,
      line: countLines(text, lineStart),
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

/** The line number, from 1, of the line that starts at `lineStart`. */
function countLines(text: string, lineStart: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < lineStart; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
