import { TomoflowError } from "../../core/error.ts";
import type { Parameters } from "../../schema/step-description.ts";
import { loadCatalog } from "../../steps/load-kinds.ts";
import type { StepKind } from "../../steps/step-kind.ts";

/** A kind that can run alone: those of this program. Throws `unknown-kind`. */
export async function singleStepKind(name: string, catalogPath?: string): Promise<StepKind<Parameters>> {
  const kinds = await loadCatalog(catalogPath);
  const kind = kinds.get(name);
  if (kind !== undefined) return kind;
  throw new TomoflowError("unknown-kind", `there is no step kind ${name}`, {
    hint: `the kinds are ${[...kinds.keys()].join(", ")}`,
  });
}
