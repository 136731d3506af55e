import type { Path } from "./data-path.ts";

/** A mistake at a place in the file's values; `part` says whether the key or the value is wrong. */
export interface ShapeProblem {
  readonly path: Path;
  readonly part: "key" | "value";
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
