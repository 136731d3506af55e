/** What every command writes with: lines, colours and aligned tables. */
import { isAbsolute, relative } from "node:path";
import type { Diagnostic } from "../core/diagnostic.ts";
import { formatDiagnostic } from "../core/diagnostic.ts";
import { harmlessText } from "../core/harmless-text.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "cyan";

const escapeCodes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
};

/** Writes a line to standard output: results, and nothing else, so that they can be piped. */
export const writeLine = (text = ""): void => void process.stdout.write(`${shown(text, process.stdout)}\n`);

/** Writes a line to standard error: mistakes, progress and advice. */
export const writeErrorLine = (text = ""): void =>
  void process.stderr.write(`${shown(text, process.stderr)}\n`);

/** Our own colours alone reach a terminal, and no colours where it has none. */
const shown = (text: string, stream: NodeJS.WriteStream): string =>
  harmlessText(text, showsColors(stream) ? ownColours : undefined);

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes of `paint`
const ownColours = /(\u001b\[(?:1|2|22|3[1-69])m)/;

/** Writes a value as indented JSON to standard output. */
export const writeJson = (value: unknown): void => writeLine(JSON.stringify(value, null, 2));

/** True when `stream` shows colours; NO_COLOR, FORCE_COLOR and TERM=dumb are respected. */
export function showsColors(stream: NodeJS.WriteStream): boolean {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR !== undefined) return process.env.FORCE_COLOR !== "0";
  return stream.isTTY === true && process.env.TERM !== "dumb";
}

/** Colours `text` for `stream` (standard output when not given), or leaves it plain where colours are off. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  if (!showsColors(stream)) return text;
  const [open, close] = escapeCodes[style];
  return `\u001b[${open}m${text}\u001b[${close}m`;
}

/** Writes diagnostics to standard error, the word `error` or `warning` coloured. */
export function writeDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics)
    writeErrorLine(paintDiagnostic(withShownPaths(formatDiagnostic(diagnostic))));
}

/** A path as the user would type it from where they are. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  if (fromHere === "") return ".";
  return fromHere.startsWith("../..") || isAbsolute(fromHere) ? path : fromHere;
}

/** A message with every path below the folder where the user is as they would type it. */
export function withShownPaths(message: string): string {
  const here = `${process.cwd()}/`;
  return message
    .split(here)
    .reduce((text, rest) => (/[\w./~-]$/.test(text) ? `${text}${here}${rest}` : `${text}${rest}`));
}

function paintDiagnostic(text: string): string {
  return text.replace(/\b(error|warning): /, (word) =>
    paint(word === "error: " ? "red" : "yellow", word, process.stderr),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes take no room on the screen
const escapeSequence = /\u001b\[\d+m/g;

/** Number of columns that `text` takes on the screen. */
export const textWidth = (text: string): number => text.replace(escapeSequence, "").length;

export interface TableOptions {
  /** Alignment by column; left where not given. */
  readonly align?: readonly ("left" | "right")[];
  /** Shown above, dimmed. */
  readonly header?: readonly string[];
}

/** Lays cells out in columns two spaces apart; the last column is not padded. */
export function formatTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const header = options.header?.map((cell) => paint("dim", cell));
  const all = header ? [header, ...rows] : rows;
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...all.map((row) => textWidth(row[column] ?? ""))),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => padCell(cell, widths[column], options.align?.[column], column === columns - 1))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function padCell(cell: string, width: number, align: "left" | "right" = "left", last: boolean): string {
  const padding = " ".repeat(width - textWidth(cell));
  if (align === "right") return padding + cell;
  return last ? cell : cell + padding;
}

/** `12 ms`, `0.2 s`, `42 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** `1 task`, `3 tasks`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** A metric with as many digits as matter: `0.934`, `12`, `3.1e-5`. */
export function formatMetric(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 1 : 3);
}
