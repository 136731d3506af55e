/** One block of a STAR file as the places of its values in the file's bytes. */
import { type Diagnostic, errorDiagnostic, type Location } from "../../../core/diagnostic.ts";
import { parseDecimal } from "./decimal.ts";

export interface StarBlock {
  /** Without `data_`. */
  readonly name: string;
  /** Without the first `_`, in the order of the file. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** The value as text, without quotes. */
  text(row: number, column: number): string;
  /** The value as a number; NaN where it is none. */
  number(row: number, column: number): number;
  /** Whether two rows have the same text in a column. */
  isSame(row: number, other: number, column: number): boolean;
  /** Where a value is. */
  place(row: number, column: number): Location;
}

export const starProblem = (message: string, location: Location, hint?: string): Diagnostic =>
  errorDiagnostic("objects-star", message, { location, hint });

const newline = 10;

/** For the value v of the block, bytes [starts[v], ends[v]) of the file, row by row. */
export interface BlockPlaces {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly buffer: Buffer;
  readonly file: string;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

export function blockOf({ name, columns, rows, buffer, file, starts, ends }: BlockPlaces): StarBlock {
  const width = columns.length;
  return {
    name,
    columns,
    rows,
    text: (row, column) => {
      const value = row * width + column;
      return buffer.toString("utf8", starts[value], ends[value]);
    },
    number: (row, column) => {
      const value = row * width + column;
      return parseDecimal(buffer, starts[value], ends[value]);
    },
    isSame: (row, other, column) => {
      const [one, two] = [row * width + column, other * width + column];
      const length = ends[one] - starts[one];
      if (ends[two] - starts[two] !== length) return false;
      for (let index = length - 1; index >= 0; index--)
        if (buffer[starts[one] + index] !== buffer[starts[two] + index]) return false;
      return true;
    },
    place: (row, column) => {
      const value = row * width + column;
      return placeIn(buffer, file, starts[value], ends[value] - starts[value]);
    },
  };
}

/** Lines are counted only where something is wrong. */
export function placeIn(buffer: Buffer, file: string, offset: number, length = 1): Location {
  let line = 1;
  let lineStart = 0;
  for (let at = buffer.indexOf(newline); at >= 0 && at < offset; at = buffer.indexOf(newline, at + 1)) {
    line++;
    lineStart = at + 1;
  }
  const end = buffer.indexOf(newline, offset);
  const sourceLine = buffer
    .toString("utf8", lineStart, Math.min(end < 0 ? buffer.length : end, lineStart + 4000))
    .replace(/\r$/, "");
  return { file, line, column: offset - lineStart + 1, length: Math.max(1, length), sourceLine };
}
