/** Values of a column that look like a slip of the pen: `trian`, `Train`, `"train "` for `train`, `01` for `1`. */
import { closestName } from "../text/suggest.ts";

/** The wanted value that `cell` probably means; undefined where it is one of them, or like none. */
export function nearMiss(cell: unknown, wanted: readonly unknown[]): unknown {
  if (wanted.some((value) => sameText(cell, value))) return undefined;
  const given = textOf(cell);
  return (
    wanted.find((value) => folded(textOf(value)) === folded(given)) ??
    wanted.find((value) => isSameNumber(given, textOf(value))) ??
    misspelt(given, wanted)
  );
}

/** As a person has to write it: in quotes where its blanks would not be seen. */
export const shownValue = (value: unknown): string => {
  const text = String(value);
  return text === text.trim() && text !== "" ? text : JSON.stringify(text);
};

/** Names that differ in their numbers alone (`set1`, `set2`) are different names, and so are short ones. */
function misspelt(given: string, wanted: readonly unknown[]): unknown {
  if (folded(given).length < 4) return undefined;
  const words = wanted.filter(
    (value) => folded(textOf(value)).length >= 4 && withoutDigits(textOf(value)) !== withoutDigits(given),
  );
  const near = closestName(given, words.map(textOf));
  return near === undefined ? undefined : words.find((value) => textOf(value) === near);
}

const textOf = (value: unknown): string => (value === null ? "null" : String(value));
const sameText = (a: unknown, b: unknown): boolean =>
  a === null || b === null ? a === b : String(a) === String(b);
const folded = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[_\-\s]/g, "");
const withoutDigits = (text: string): string => folded(text).replace(/\d+/g, "#");

const isSameNumber = (a: string, b: string): boolean =>
  /\d/.test(a) && /\d/.test(b) && a.trim() !== "" && Number(a) === Number(b);
