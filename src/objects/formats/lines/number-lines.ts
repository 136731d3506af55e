/** Lines of numbers with blanks between them, as Dynamo, PyTom and IMOD's model2point write them. */
import { decodeText } from "../../../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic } from "../../../core/diagnostic.ts";
import { failure, type Result, success } from "../../../core/result.ts";
import { inOneLine } from "../fields.ts";

export interface NumberLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly values: readonly number[];
}

/** Mistakes told one by one. */
const mostMistakes = 20;

/** Empty lines and those that begin with # or % are passed over. Fails with `objects-text` for lines that are too short, and no numbers. */
export function readNumberLines(
  bytes: Uint8Array,
  file: string,
  { least, most, what }: { readonly least: number; readonly most: number; readonly what: string },
): Result<readonly NumberLine[]> {
  const decoded = decodeText(bytes, { source: file });
  if (!decoded.ok) return decoded;
  const lines: NumberLine[] = [];
  const mistakes: Diagnostic[] = [];
  let line = 0;
  for (let at = 0; at < decoded.value.length && mistakes.length < mostMistakes; ) {
    let end = decoded.value.indexOf("\n", at);
    if (end < 0) end = decoded.value.length;
    line++;
    const text = decoded.value.slice(at, end).trim();
    at = end + 1;
    if (text === "" || text.startsWith("#") || text.startsWith("%")) continue;
    const location = { file, line, column: 1, sourceLine: text.slice(0, 4000) };
    const words = text.split(/[\s,]+/, most + 1).filter((word) => word !== "");
    if (words.length < least || words.length > most) {
      const range = least === most ? String(least) : `${least} to ${most}`;
      mistakes.push(
        errorDiagnostic(
          "objects-text",
          `this line has ${words.length > most ? `more than ${most}` : words.length} values, and ${what} has ${range}`,
          { location },
        ),
      );
      continue;
    }
    const values = words.map((word) => (numberPattern.test(word) ? Number(word) : Number.NaN));
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      mistakes.push(
        errorDiagnostic(
          "object-value",
          `value ${wrong + 1}, "${inOneLine(words[wrong].slice(0, 40))}", is not a number`,
          { location },
        ),
      );
    else lines.push({ line, text, values });
  }
  return mistakes.length > 0 ? failure(mistakes) : success(lines);
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** As short as it says the number to six decimals. */
export const shortNumber = (value: number): string => {
  const text = value.toFixed(6);
  return text.includes(".") ? text.replace(/\.?0+$/, "").replace(/^-0$/, "0") : text;
};
