/** Rows of the table in the order of a column; 50,000 of them at each edit. */
import type { ListedObject } from "../../protocol/lists.ts";
import type { ObjectColumn } from "./object-columns.ts";

export interface Sorting {
  /** Its id. */
  readonly column: string;
  readonly direction: "ascending" | "descending";
}

/** Objects without a value come last, equal ones as they came. Null: as they came. */
export function sortObjects(
  objects: readonly ListedObject[],
  columns: readonly Pick<ObjectColumn, "id" | "read">[],
  sorting: Sorting | null,
): readonly ListedObject[] {
  const column = columns.find(({ id }) => id === sorting?.column);
  if (!sorting || !column) return objects;
  const sign = sorting.direction === "ascending" ? 1 : -1;
  return objects
    .map((object) => ({ object, value: column.read(object) }))
    .sort((a, b) => compareCells(a.value, b.value, sign))
    .map(({ object }) => object);
}

function compareCells(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * collator.compare(String(a), String(b));
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** A click on a title: upwards, downwards, as in the file. */
export function nextSorting(before: Sorting | null, column: string): Sorting | null {
  if (before?.column !== column) return { column, direction: "ascending" };
  return before.direction === "ascending" ? { column, direction: "descending" } : null;
}
