/** Text in lines of at most 80 columns, or as many as are asked for. */
import { textWidth } from "./output.ts";

const lineWidth = 80;

/** Pieces that stay whole, two spaces apart; the first line starts with `head`, the others below its text. */
export function wrapPieces(
  pieces: readonly string[],
  head: string,
  { gap = "  ", width = lineWidth } = {},
): string[] {
  const lines: string[] = [];
  let line = head;
  let empty = true;
  for (const piece of pieces) {
    if (!empty && textWidth(line) + gap.length + textWidth(piece) > width) {
      lines.push(line);
      line = " ".repeat(textWidth(head));
      empty = true;
    }
    line += empty ? piece : gap + piece;
    empty = false;
  }
  return [...lines, line];
}

/** Words of a text; a word longer than a line stays whole. */
export const wrapText = (text: string, head: string): string[] =>
  wrapPieces(text.split(" "), head, { gap: " " });
