/** The preflight of `evaluate`: lists that can be read, a distance or a mask for every class, angles for masks. */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { checkMask } from "../check-voxels.ts";
import type { EvaluateParameters } from "../evaluate.ts";
import { knownFile } from "../known-file.ts";
import { checkRowObjects } from "../row-objects.ts";
import type { PreflightContext, StepContext } from "../step-kind.ts";
import { findHeader } from "../volume-header.ts";

export async function checkEvaluation(
  context: PreflightContext<EvaluateParameters>,
): Promise<readonly Diagnostic[]> {
  const labels = context.classes.length > 0 ? context.classes.map(({ label }) => label) : undefined;
  const diagnostics = [...checkMatching(context)];
  const seen = new Set<number>();
  for (const row of context.rows)
    for (const role of ["objects", "detections"] as const) {
      const checked = await checkRowObjects(context, row, { port: role, labels });
      diagnostics.push(...checked.diagnostics);
      for (const { label } of checked.list ?? []) seen.add(label);
      if (checked.list && role === "objects" && context.parameters.match === "shapes")
        diagnostics.push(...checkAngles(checked.list, row.files[role]));
    }
  await checkMasks(context, diagnostics);
  return [...diagnostics, ...checkClassesOfLists(context, seen)];
}

/** The masks by which shapes are matched can be read. */
async function checkMasks(
  context: PreflightContext<EvaluateParameters>,
  diagnostics: Diagnostic[],
): Promise<void> {
  if (context.parameters.match !== "shapes") return;
  for (const { label, mask } of context.classes) {
    await findHeader(knownFile(context, mask), diagnostics);
    const path = knownFile(context, mask);
    diagnostics.push(...(await checkMask({ path, what: `the mask of class ${label}:`, use: "particle" })));
  }
}

/** Without a class table the lists say which classes there are. */
function checkClassesOfLists(
  { parameters: { match, distance }, classes }: StepContext<EvaluateParameters>,
  seen: ReadonlySet<number>,
): Diagnostic[] {
  if (classes.length > 0 || match === "shapes" || typeof distance === "number") return [];
  const lacking = [...seen].filter((label) => distance?.[String(label)] === undefined).sort((a, b) => a - b);
  if (lacking.length === 0) return [];
  const names = lacking.length === 1 ? `class ${lacking[0]} has` : `classes ${lacking.join(", ")} have`;
  return [
    errorDiagnostic("distance-missing", `${names} neither a radius nor a distance`, {
      hint: `give the radius in \`classes\`, or \`distance\` as a number or as {${lacking[0]}: …}`,
    }),
  ];
}

/** Every class needs a distance or a mask, as the matching asks. */
function checkMatching({ parameters, classes }: StepContext<EvaluateParameters>): Diagnostic[] {
  const { match, distance } = parameters;
  if (match === "shapes")
    return classes
      .filter(({ mask }) => mask === undefined)
      .map(({ label, name }) =>
        errorDiagnostic("mask-missing", `class ${label} (${name}) has no mask to match by shape`, {
          hint: "give its mask in `classes`, or use `match: distance`",
        }),
      );
  if (typeof distance === "number") return [];
  return classes
    .filter(({ label, radius }) => (distance?.[String(label)] ?? radius) === undefined)
    .map(({ label, name }) =>
      errorDiagnostic("distance-missing", `class ${label} (${name}) has neither a radius nor a distance`, {
        hint: `give its radius in \`classes\`, or \`distance\` as a number or as {${label}: …}`,
      }),
    );
}

function checkAngles(list: readonly { readonly phi?: number }[], file: string): Diagnostic[] {
  const without = list.filter(({ phi }) => phi === undefined).length;
  if (without === 0) return [];
  return [
    errorDiagnostic(
      "angles-missing",
      `${without} of ${list.length} objects have no angles to turn their mask by`,
      {
        location: { file },
        hint: "use `match: distance`",
      },
    ),
  ];
}
