/** Step kinds by the names that jobs and workflows give them: those of a catalog, and those that the user wrote. */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { TomoflowError } from "../core/error.ts";
import type { StepKind } from "./step-kind.ts";
import { loadStepKind } from "./step-module.ts";

export type KindCatalog = ReadonlyMap<string, StepKind>;

/** The built-in kinds, or the `stepKinds` that the module at this path or URL exports. Throws TomoflowError `step-catalog`. */
export async function loadCatalog(path?: string): Promise<KindCatalog> {
  if (path === undefined) return (await import("./catalog.ts")).stepKinds;
  const { stepKinds } = (await import(isAbsolute(path) ? pathToFileURL(path).href : path)) as {
    readonly stepKinds?: unknown;
  };
  if (stepKinds instanceof Map) return stepKinds;
  throw new TomoflowError("step-catalog", `${path} does not export step kinds`, {
    hint: "export a Map called stepKinds, of step kinds by name",
  });
}

/**
 * The kind of a job: `name` is one of the catalog, or the absolute path of a module. Throws TomoflowError `unknown-kind`,
 * `step-module` and `step-catalog`.
 */
export async function findStepKind(name: string, catalog: () => Promise<KindCatalog>): Promise<StepKind> {
  if (isAbsolute(name)) return loadStepKind(name);
  const kind = (await catalog()).get(name);
  if (kind === undefined) throw new TomoflowError("unknown-kind", `there is no step kind ${name}`);
  return kind;
}
