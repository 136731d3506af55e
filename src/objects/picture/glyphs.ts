/** The digits and letters of a scale bar, five pixels wide and seven high, a row a number of five bits. */
const rows: Readonly<Record<string, readonly number[]>> = {
  "0": [14, 17, 19, 21, 25, 17, 14],
  "1": [4, 12, 4, 4, 4, 4, 14],
  "2": [14, 17, 1, 2, 4, 8, 31],
  "3": [31, 2, 4, 2, 1, 17, 14],
  "4": [2, 6, 10, 18, 31, 2, 2],
  "5": [31, 16, 30, 1, 1, 17, 14],
  "6": [6, 8, 16, 30, 17, 17, 14],
  "7": [31, 1, 2, 4, 8, 8, 8],
  "8": [14, 17, 17, 14, 17, 17, 14],
  "9": [14, 17, 17, 15, 1, 2, 12],
  ".": [0, 0, 0, 0, 0, 12, 12],
  n: [0, 0, 22, 25, 17, 17, 17],
  m: [0, 0, 26, 21, 21, 17, 17],
  v: [0, 0, 17, 17, 17, 10, 4],
  x: [0, 0, 17, 10, 4, 10, 17],
};

export const glyphWidth = 6;
export const glyphHeight = 7;

/** Calls `put` for each pixel of the text that is set, from its upper left corner. What has no glyph is a blank. */
export function drawGlyphs(text: string, put: (x: number, y: number) => void): void {
  for (const [index, letter] of [...text].entries())
    for (const [y, bits] of (rows[letter] ?? []).entries())
      for (let x = 0; x < 5; x++) if (bits & (16 >> x)) put(index * glyphWidth + x, y);
}
