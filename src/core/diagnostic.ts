/** A place in a text file; lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Number of columns the caret underlines; 1 when not given. */
  readonly length?: number;
  /** The whole source line, shown above the caret. */
  readonly sourceLine?: string;
}

/** A user's mistake, told as data: where it is, what is wrong and what to do about it. */
export interface Diagnostic {
  /** Stable, kebab-case, e.g. `unknown-key`. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly location?: Location;
  /** What to do next, e.g. `did you mean patchSize?`. */
  readonly hint?: string;
}

export const errorDiagnostic = (
  code: string,
  message: string,
  more: { location?: Location; hint?: string } = {},
): Diagnostic => ({ code, severity: "error", message, ...more });

export const warningDiagnostic = (
  code: string,
  message: string,
  more: { location?: Location; hint?: string } = {},
): Diagnostic => ({ code, severity: "warning", message, ...more });

/** Renders `file:line:column: error: message`, the source line with a caret, and the hint. No colours. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { location } = diagnostic;
  const place = describePlace(diagnostic);
  const lines = [`${place}${place && ": "}${diagnostic.severity}: ${diagnostic.message}`];
  if (location?.sourceLine !== undefined && location.column !== undefined)
    lines.push(...caret(location.sourceLine, location.column, location.length ?? 1));
  if (diagnostic.hint) lines.push(`  hint: ${diagnostic.hint}`);
  return lines.join("\n");
}

/** `file:line:column`, as far as known; empty where there is no place, and where the message itself begins with the file. */
export function describePlace({ location, message }: Pick<Diagnostic, "location" | "message">): string {
  if (!location || (location.line === undefined && message.startsWith(location.file))) return "";
  return [location.file, location.line, location.column].filter((part) => part !== undefined).join(":");
}

/** Characters of a source line; longer ones are shown in part. */
const longestShown = 200;

function caret(sourceLine: string, column: number, length: number): string[] {
  // of a line that no screen holds, what is around the place
  const from = sourceLine.length > longestShown ? Math.max(0, column - 1 - longestShown / 2) : 0;
  const shown = sourceLine.slice(from, from + longestShown);
  const [left, right] = [from > 0 ? "…" : "", from + longestShown < sourceLine.length ? "…" : ""];
  const before = `${left}${shown.slice(0, column - 1 - from)}`.replace(/[^\t]/g, " ");
  const span = Math.max(1, Math.min(length, shown.length - (column - 1 - from)));
  return [`  ${left}${shown}${right}`, `  ${before}${"^".repeat(span)}`];
}
