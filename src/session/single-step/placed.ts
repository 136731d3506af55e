import type { Diagnostic } from "../../core/diagnostic.ts";

/** A mistake in what a step alone was given, and which part of that it is about: `["inputs", "tomogram"]`. */
export interface PlacedDiagnostic extends Diagnostic {
  readonly path?: readonly (string | number)[];
}

export const placedAt = (...path: readonly (string | number)[]): Pick<PlacedDiagnostic, "path"> => ({ path });
