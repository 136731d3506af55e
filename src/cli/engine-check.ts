import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import type { Workflow } from "../schema/workflow.ts";

/** Engines that are asked for, by `--engine` or in the workflow, and whose packages are not installed: each once. */
export async function checkEngines({ steps }: Workflow, asked: string | undefined): Promise<Diagnostic[]> {
  if (asked !== undefined) return checkEngine(asked, { who: "--engine" });
  const wanted = steps.filter(({ enabled, engine }) => enabled && engine !== "auto");
  const first = new Map(wanted.toReversed().map((step) => [step.engine, step]));
  const found = [...first.values()].map(({ id, engine, location }) =>
    checkEngine(engine, { who: `step ${id}`, location }),
  );
  return (await Promise.all(found)).flat();
}

async function checkEngine(
  engine: string,
  { who, location }: { who: string; location?: Diagnostic["location"] },
): Promise<Diagnostic[]> {
  if (engine === "auto") return [];
  const { missingInstallation } = await import("../compute/engines.ts");
  const missing = await missingInstallation(engine);
  if (missing === undefined) return [];
  const { reason, hint } = missing;
  const message = `${who}: the engine ${engine} cannot be used: ${reason}`;
  return [errorDiagnostic("engine-unavailable", message, { location, hint })];
}
