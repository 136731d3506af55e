/** What `paste` needs: the radius of each class with objects, patches that hold a particle, and particles that can be cut out whole. */
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import { canBeCut, leastPatchSize } from "../../training/paste-draw.ts";
import type { VolumeInfo } from "../../volume/volume.ts";
import type { PreflightContext, StepContext } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { rowsOfSplit } from "./rows-of-split.ts";

/** Classes that have objects. */
const pastedClasses = ({
  classes,
  parameters: { regions = [] },
}: Pick<StepContext<TrainParameters>, "classes" | "parameters">) =>
  classes.filter(({ label }) => !regions.includes(label));

/** Radius of the whole particle by label, voxels. */
export const pastedRadii = (
  context: Pick<StepContext<TrainParameters>, "classes" | "parameters">,
): Readonly<Record<number, number>> =>
  Object.fromEntries(
    pastedClasses(context).flatMap(({ label, radius }) => (radius === undefined ? [] : [[label, radius]])),
  );

/** `usable`: the objects of each row that is known; `headers` those of their tomograms. */
export function checkPaste(
  context: PreflightContext<TrainParameters>,
  usable: ReadonlyMap<string, ObjectList>,
  headers: ReadonlyMap<string, VolumeInfo>,
): readonly Diagnostic[] {
  const { paste, patchSize } = context.parameters;
  if (!paste) return [];
  const { training } = rowsOfSplit(context.rows);
  const areKnown = training.every(({ id }) => usable.has(id) && headers.has(id));
  const shapeOf = ({ id }: { readonly id: string }) => headers.get(id)!.shape;
  const hasSource = (label: number, radius: number) =>
    training.some((row) =>
      usable.get(row.id)!.some((object) => object.label === label && canBeCut(object, radius, shapeOf(row))),
    );
  const hasObjects = (label: number) =>
    training.some(({ id }) => usable.get(id)!.some((object) => object.label === label));
  const diagnostics = pastedClasses(context).flatMap(({ label, name, radius }) => {
    if (radius === undefined)
      return [
        errorDiagnostic("radius-missing", `paste needs the radius of class ${label} (${name})`, {
          hint: "give it in `classes`: that of the whole particle, in voxels",
        }),
      ];
    const least = leastPatchSize(radius);
    if (patchSize < least)
      return [
        errorDiagnostic(
          "patch-too-small",
          `paste: class ${label} (${name}) of radius ${radius} with its soft edge takes patches of at least ${least} voxels, patchSize is ${patchSize}`,
          { hint: `set patchSize to ${4 * Math.ceil(least / 4)} or more, or leave \`paste\` out` },
        ),
      ];
    // a class without any is told elsewhere
    if (!areKnown || !hasObjects(label) || hasSource(label, radius)) return [];
    return [
      warningDiagnostic(
        "nothing-to-paste",
        `paste: no object of class ${label} (${name}) lies so far inside its tomogram that it can be cut out whole`,
        { hint: "this class is not pasted, the others are" },
      ),
    ];
  });
  const canPaste = pastedClasses(context).some(
    ({ label, radius }) => !areKnown || radius === undefined || hasSource(label, radius),
  );
  if (canPaste || diagnostics.length === 0) return diagnostics;
  return [
    errorDiagnostic(
      "nothing-to-paste",
      "paste: no training object lies so far inside its tomogram that it can be cut out whole",
      { hint: "leave `paste` out" },
    ),
  ];
}
