/** The step kinds that a workflow can name: those of this program, and its user's own by their paths. */
import { isAbsolute, resolve } from "node:path";
import { TomoflowError } from "../core/error.ts";
import type { StepDescription } from "../schema/step-description.ts";
import { loadCatalog } from "../steps/load-kinds.ts";
import { loadStepKind } from "../steps/step-module.ts";

export interface KindsInUse {
  /** By what `uses` says. */
  readonly kinds: ReadonlyMap<string, StepDescription>;
  /** Why a module gives no kind, by what `uses` says. */
  readonly faults: ReadonlyMap<string, string>;
}

/** `uses` are the modules that the workflow names, relative to `folder`; other names are those of the catalog. */
export async function kindsInUse(
  uses: Iterable<string>,
  { folder, catalogPath }: { readonly folder: string; readonly catalogPath?: string },
): Promise<KindsInUse> {
  const kinds = new Map<string, StepDescription>(await loadCatalog(catalogPath));
  const faults = new Map<string, string>();
  for (const path of new Set(uses)) {
    if (!/^\.{0,2}\//.test(path)) continue;
    try {
      kinds.set(path, {
        ...(await loadStepKind(isAbsolute(path) ? path : resolve(folder, path))),
        name: path,
      });
    } catch (error) {
      faults.set(path, error instanceof TomoflowError ? error.message : String((error as Error).message));
    }
  }
  return { kinds, faults };
}
