import { cluster } from "./cluster.ts";
import { command } from "./command.ts";
import { evaluate } from "./evaluate.ts";
import { exportKind } from "./export.ts";
import { segment } from "./segment.ts";
import { simulate } from "./simulate.ts";
import type { StepKind } from "./step-kind.ts";
import { target } from "./target.ts";
import { train } from "./train.ts";

/**
 * The built-in step kinds by the name written after `uses:`. These modules are loaded on every command, so they import
 * only types and pure data; what does the work is imported inside `preflight` and `run`.
 */
// biome-ignore lint/suspicious/noExplicitAny: each kind has its own parameter type; the schema has checked them
export const stepKinds: ReadonlyMap<string, StepKind<any>> = new Map(
  // biome-ignore lint/suspicious/noExplicitAny: as above
  ([simulate, target, train, segment, cluster, evaluate, exportKind, command] as StepKind<any>[]).map(
    (kind) => [kind.name, kind],
  ),
);
