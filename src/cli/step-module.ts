import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { TomoflowError } from "../core/error.ts";
import type { StepKind } from "../steps/step-kind.ts";

/**
 * Imports a step kind that the user wrote (`uses: ./my-step.mjs`): the default export of the module at `path`, absolute.
 * Throws TomoflowError `step-module` when there is none.
 */
export async function loadStepKind(path: string): Promise<StepKind> {
  const { default: kind } = await importModule(path);
  if (isStepKind(kind)) return kind;
  throw new TomoflowError("step-module", `${path} does not export a step kind`, {
    hint: "its default export must be an object with name, version, summary, scope, parameters, ports and run",
  });
}

async function importModule(path: string): Promise<{ readonly default?: unknown }> {
  try {
    const url = pathToFileURL(path);
    // a module that has changed since it was imported (`tomoflow watch`) is another one to Node
    url.search = String(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? "");
    return (await import(url.href)) as { default?: unknown };
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    const message = missing
      ? `${path} cannot be found`
      : `${path} cannot be loaded: ${(cause as Error).message}`;
    throw new TomoflowError("step-module", message, { hint: `node ${path} shows the mistake`, cause });
  }
}

function isStepKind(value: unknown): value is StepKind {
  const kind = value as Partial<StepKind> | null | undefined;
  return (
    typeof kind?.name === "string" &&
    typeof kind.version === "number" &&
    (kind.scope === "row" || kind.scope === "table") &&
    typeof kind.parameters === "object" &&
    typeof kind.ports === "function" &&
    typeof kind.run === "function"
  );
}
