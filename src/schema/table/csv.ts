/** Comma-separated values (RFC 4180) with the place of every cell. */
import type { Location } from "../../core/diagnostic.ts";

export interface CsvCell {
  readonly text: string;
  readonly location: Location;
}

export interface CsvRecord {
  readonly cells: readonly CsvCell[];
  readonly location: Location;
}

/**
 * Splits text into records; blank lines are left out, quoted cells may hold separators and line ends. Without
 * `separator` it is what the first line holds: a semicolon (as spreadsheets write in many countries), a tab or a comma.
 */
export function parseCsv(text: string, options: { file: string; separator?: string }): CsvRecord[] {
  const source = text.replace(/^\uFEFF/, "");
  const lines = source.split("\n").map((line) => line.replace(/\r$/, ""));
  const separator = options.separator ?? guessSeparator(lines[0] ?? "");
  const records: CsvRecord[] = [];
  for (let line = 0; line < lines.length; line++) {
    if (lines[line].trim() === "") continue;
    const [cells, last] = readRecord(lines, line, { ...options, separator });
    records.push({ cells, location: place(options.file, lines, line, [0, lines[line].length]) });
    line = last;
  }
  return records;
}

function guessSeparator(header: string): string {
  if (header.includes(",")) return ",";
  return [";", "\t"].find((separator) => header.includes(separator)) ?? ",";
}

/** The cells of the record that starts on `line`, and its last line. */
function readRecord(
  lines: readonly string[],
  line: number,
  { file, separator }: { file: string; separator: string },
): [CsvCell[], number] {
  const cells: CsvCell[] = [];
  let at = 0;
  for (;;) {
    const start = at;
    const startLine = line;
    const quoted = lines[line][at] === '"';
    let cell = "";
    if (quoted) [cell, line, at] = readQuoted(lines, line, at + 1);
    const end = lines[line].indexOf(separator, at);
    const stop = end < 0 ? lines[line].length : end;
    cell += lines[line].slice(at, stop);
    const width = startLine === line ? stop - start : lines[startLine].length - start;
    cells.push({ text: cell, location: place(file, lines, startLine, [start, start + width]) });
    if (end < 0) return [cells, line];
    at = stop + 1;
  }
}

/** The text up to the closing quote, and the place behind it; a quote is doubled inside. */
function readQuoted(lines: readonly string[], line: number, at: number): [string, number, number] {
  let text = "";
  for (;;) {
    const quote = lines[line].indexOf('"', at);
    if (quote >= 0 && lines[line][quote + 1] === '"') {
      text += lines[line].slice(at, quote + 1);
      at = quote + 2;
    } else if (quote >= 0) return [text + lines[line].slice(at, quote), line, quote + 1];
    else if (line + 1 >= lines.length) return [text + lines[line].slice(at), line, lines[line].length];
    else {
      text += `${lines[line].slice(at)}\n`;
      line += 1;
      at = 0;
    }
  }
}

const place = (
  file: string,
  lines: readonly string[],
  line: number,
  [from, to]: [number, number],
): Location => ({
  file,
  line: line + 1,
  column: from + 1,
  length: Math.max(1, to - from),
  sourceLine: lines[line],
});
