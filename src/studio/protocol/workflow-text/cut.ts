/** Pieces of a text that edits replace, and the lines that an entry takes with its comments. */
import { columnOf, endOf, entryOf, type Found, lineEnd, lineStart, startOf } from "./text-document.ts";

/** `text` stands in for the characters from `from` up to `to`, not included. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Makes cuts that do not overlap; what is written at one place is written in their order. */
export function makeCuts(text: string, cuts: readonly Cut[]): string {
  const ordered = [...cuts].sort((a, b) => a.from - b.from || a.to - b.to);
  let done = 0;
  const pieces = ordered.map(({ from, to, text: written }) => {
    const before = text.slice(done, from);
    done = Math.max(done, to);
    return before + written;
  });
  return pieces.join("") + text.slice(done);
}

/** The lines of an entry of a block map or list, with the comments that are about it. */
export interface EntryLines {
  readonly from: number;
  readonly to: number;
}

/**
 * The comments right above an entry, and those behind it that are indented deeper or end before a blank line, are its own.
 * A line that the entry shares with what holds it (`- id: t0`) cannot be cut: undefined.
 */
export function linesOf(text: string, found: Found): EntryLines | undefined {
  const start = startOf(found);
  if (text.slice(lineStart(text, start), start).trim() !== "") return undefined;
  const column = columnOf(text, start);
  const end = lineEnd(text, endOf(found));
  const floor = found.index > 0 ? lineEnd(text, endOf(entryOf(found.in, found.index - 1))) : 0;
  return {
    from: commentsAbove(text, { start: lineStart(text, start), floor }),
    to: commentsBelow(text, end, column),
  };
}

function commentsAbove(text: string, { start, floor }: { start: number; floor: number }): number {
  let from = start;
  while (from > floor) {
    const above = lineStart(text, from - 1);
    if (above < floor || !isComment(text.slice(above, from))) return from;
    from = above;
  }
  return from;
}

/** Of a run of comments: those deeper than the entry, and all of it when a blank line or the end comes behind. */
function commentsBelow(text: string, end: number, column: number): number {
  let to = end;
  let deeper = end;
  while (to < text.length) {
    const next = lineEnd(text, to);
    const line = text.slice(to, next);
    if (!isComment(line)) return line.trim() === "" ? to : deeper;
    if (deeper === to && indentOf(line) > column) deeper = next;
    else if (indentOf(line) < column) return deeper;
    to = next;
  }
  return to;
}

const isComment = (line: string): boolean => /^\s*#/.test(line);

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Up to the end of the blank lines at `offset`. */
export function skipBlankLines(text: string, offset: number): number {
  let to = offset;
  while (to < text.length && text.slice(to, lineEnd(text, to)).trim() === "") to = lineEnd(text, to);
  return to;
}
