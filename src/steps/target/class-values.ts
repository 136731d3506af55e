/** What each class is painted with: the parameters come before the class table. */
import type { ClassDefinition } from "../../schema/step-description.ts";
import type { TargetParameters } from "../target.ts";

type Sources = { readonly parameters: TargetParameters; readonly classes: readonly ClassDefinition[] };

/** Of the balls to paint: voxels, by label. */
export function radiiByLabel({ parameters, classes }: Sources): ReadonlyMap<number, number> {
  const { radii, radiusFactor = 1 } = parameters;
  const painted = classes.map((definition) =>
    definition.radius === undefined
      ? definition
      : { ...definition, radius: radiusFactor * definition.radius },
  );
  return merge(painted, "radius", radii);
}

/** Absolute paths, by label. */
export const masksByLabel = ({ parameters, classes }: Sources): ReadonlyMap<number, string> =>
  merge(classes, "mask", parameters.masks);

function merge<Field extends "radius" | "mask">(
  classes: readonly ClassDefinition[],
  field: Field,
  given: Readonly<Record<string, NonNullable<ClassDefinition[Field]>>> = {},
): ReadonlyMap<number, NonNullable<ClassDefinition[Field]>> {
  const values = new Map<number, NonNullable<ClassDefinition[Field]>>();
  for (const definition of classes) {
    const value = definition[field];
    if (value !== undefined && value !== null) values.set(definition.label, value);
  }
  for (const [label, value] of Object.entries(given)) values.set(Number(label), value);
  return values;
}
