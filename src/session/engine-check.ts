import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import type { CheckEngines } from "../runner/index.ts";

/** Engines that are asked for, by `--engine` or in the workflow, and cannot be opened as the machine is set up: each once. */
export const checkEngines: CheckEngines = async (steps, asked) => {
  if (asked !== undefined) return checkEngine(asked, { who: "--engine" });
  const first = new Map(steps.toReversed().map((step) => [step.engine, step]));
  const found = [...first.values()].map(({ id, engine, location }) =>
    checkEngine(engine, { who: `step ${id}`, location }),
  );
  return (await Promise.all(found)).flat();
};

async function checkEngine(
  engine: string,
  { who, location }: { who: string; location?: Diagnostic["location"] },
): Promise<Diagnostic[]> {
  if (engine === "auto" && !process.env.TOMOFLOW_GPU_PRECISION) return [];
  const { engineObstacle } = await import("../compute/engines.ts");
  const obstacle = await engineObstacle(engine);
  if (obstacle === undefined) return [];
  const { reason, hint } = obstacle;
  const message = `${who}: the engine ${engine} cannot be used: ${reason}`;
  return [errorDiagnostic("engine-unavailable", message, { location, hint })];
}
