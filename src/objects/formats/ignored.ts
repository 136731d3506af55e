/** What a file holds that makes no object: told once, in one line. */
import { type Diagnostic, warningDiagnostic } from "../../core/diagnostic.ts";

/** How many, what one is called, and what several are. */
export type Ignored = readonly [count: number, one: string, several: string];

/** A warning `objects-ignored`; none where nothing was. */
export function ignoredWarning(file: string, ignored: readonly Ignored[]): Diagnostic[] {
  const parts = ignored
    .filter(([count]) => count > 0)
    .map(([count, one, several]) => (count === 1 ? `1 ${one}` : `${count} ${several}`));
  if (parts.length === 0) return [];
  return [warningDiagnostic("objects-ignored", `ignored: ${parts.join(", ")}`, { location: { file } })];
}
