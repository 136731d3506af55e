import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import type { Workflow } from "../schema/workflow.ts";

/** Engines that are asked for, by `--engine` or in the workflow, and that this version does not have. */
export async function checkEngines({ steps }: Workflow, asked: string | undefined): Promise<Diagnostic[]> {
  const wanted = asked === undefined ? steps.filter(({ enabled }) => enabled) : [];
  if (asked === undefined ? wanted.every(({ engine }) => engine === "auto") : asked === "auto") return [];
  const { engineNames } = await import("../compute/engines.ts");
  const known = new Set(["auto", ...engineNames]);
  const hint = `use one of ${[...known].join(", ")}; \`tomoflow engines\` shows what this machine has`;
  const missing = (engine: string) => `this version of tomoflow has no engine ${engine}`;
  if (asked !== undefined)
    return known.has(asked)
      ? []
      : [errorDiagnostic("unknown-engine", `--engine: ${missing(asked)}`, { hint })];
  return wanted
    .filter(({ engine }) => !known.has(engine))
    .map(({ id, engine, location }) =>
      errorDiagnostic("unknown-engine", `step ${id}: ${missing(engine)}`, { location, hint }),
    );
}
