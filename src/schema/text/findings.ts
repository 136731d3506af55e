/** Collects what is wrong with a workflow file, each mistake at its place. */
import { type Diagnostic, errorDiagnostic, type Location, warningDiagnostic } from "../../core/diagnostic.ts";
import { type Path, startsWith } from "./data-path.ts";
import type { ShapeProblem } from "./shape-problem.ts";
import type { YamlSource } from "./yaml-source.ts";

export interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface Spot {
  /** Into the file's values. */
  readonly path: Path;
  readonly part?: "key" | "value";
  /** The text inside the value that is wrong, e.g. one expression of a longer string. */
  readonly text?: string;
}

export interface Findings {
  readonly source: YamlSource;
  readonly diagnostics: Diagnostic[];
}

/** Notes an error at a place in the file. */
export const report = (findings: Findings, mistake: Mistake, spot: Spot): void =>
  reportAt(findings, mistake, locateSpot(findings.source, spot));

/** Notes an error at a place that may be in another file. */
export function reportAt(findings: Findings, { code, message, hint }: Mistake, location: Location): void {
  findings.diagnostics.push(errorDiagnostic(code, message, { location, hint }));
}

/** Notes a warning: the workflow can run, but is it meant? */
export const warn = (findings: Findings, mistake: Mistake, spot: Spot): void =>
  warnAt(findings, mistake, locateSpot(findings.source, spot));

/** Notes a warning at a place that may be in another file. */
export function warnAt(findings: Findings, { code, message, hint }: Mistake, location: Location): void {
  findings.diagnostics.push(warningDiagnostic(code, message, { location, hint }));
}

/** Notes what is wrong with the shape of the value at `path`; nothing below the paths of `skip`. */
export function reportShape(
  findings: Findings,
  problems: readonly ShapeProblem[],
  { path, skip = [] }: { path: Path; skip?: readonly Path[] },
): void {
  for (const problem of problems) {
    const place = [...path, ...problem.path];
    if (problem.part === "value" && skip.some((start) => startsWith(place, start))) continue;
    report(findings, problem, { path: place, part: problem.part });
  }
}

/** The place of a value or key, narrowed to a text inside it. */
export function locateSpot(source: YamlSource, { path, part, text }: Spot): Location {
  const location = source.locate(path, part);
  if (text === undefined || location.sourceLine === undefined || location.column === undefined)
    return location;
  const at = location.sourceLine.indexOf(text, location.column - 1);
  return at < 0 ? location : { ...location, column: at + 1, length: text.length };
}

/** Sorted by file (the workflow first), line and column; a mistake found twice is told once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[], firstFile: string): Diagnostic[] {
  const unique = new Map(
    diagnostics.map((diagnostic) => {
      const { location, message } = diagnostic;
      return [JSON.stringify([location?.file, location?.line, location?.column, message]), diagnostic];
    }),
  );
  const rank = ({ location }: Diagnostic) =>
    location === undefined ? "" : location.file === firstFile ? " " : ` ${location.file}`;
  return [...unique.values()].sort(
    (a, b) =>
      compare(rank(a), rank(b)) ||
      (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
      (a.location?.column ?? 0) - (b.location?.column ?? 0),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `row t2`, `rows t0, t1`, `rows t0, t1, t2, … (40 in all)`. */
export function listRows(ids: readonly string[]): string {
  if (ids.length === 1) return `row ${ids[0]}`;
  const shown = ids.slice(0, 5).join(", ");
  return ids.length <= 5 ? `rows ${shown}` : `rows ${shown}, … (${ids.length} in all)`;
}
