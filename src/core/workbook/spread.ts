/** How far the cells of a sheet lie apart: a cell far away, or a range of merged ones, fills the memory with cells that are not there. */
import { TomoflowError } from "../error.ts";

/** Object lists have tens of columns. */
const mostColumns = 1024;
/** Cells of all rows, each row counted from its first column to its last. */
const mostPlaces = 50_000_000;
const mostMerged = 1_000_000;

/** From 1: A, B … Z, AA … */
export function columnOf(letters: string): number {
  let column = 0;
  for (let i = 0; i < letters.length; i++) column = column * 26 + letters.charCodeAt(i) - 64;
  return column;
}

/** Counts the places of rows as they are read. @throws TomoflowError `workbook-too-large`, by the function that comes back */
export function countPlaces(): (column: number, places: number) => void {
  let places = 0;
  return (column, more) => {
    places += more;
    if (column > mostColumns)
      throw tooLarge(`has a cell in column ${column}: no object list has more than ${mostColumns}`);
    if (places > mostPlaces) throw tooLarge(`has too many cells far from its first column`);
  };
}

/** Looks at the text of a sheet. @throws TomoflowError `workbook-too-large` */
export function checkSpread(sheet: string): void {
  const count = countPlaces();
  let last = 0;
  for (const [, letters] of sheet.matchAll(/<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})\d+"/g)) {
    const column = columnOf(letters!);
    count(column, column > last ? column - last : column);
    last = column;
  }
  let merged = 0;
  const range = /<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"/g;
  for (const [, left, top, right, bottom] of sheet.matchAll(range)) {
    count(columnOf(right!), 1);
    merged += (columnOf(right!) - columnOf(left!) + 1) * (Number(bottom) - Number(top) + 1);
  }
  if (merged > mostMerged) throw tooLarge(`merges more than ${mostMerged / 1e6} million cells`);
}

const tooLarge = (what: string): TomoflowError =>
  new TomoflowError("workbook-too-large", `the workbook ${what}`, {
    hint: "delete what is far from the list (in Excel, Ctrl-End shows it), or save the sheet as CSV",
  });
