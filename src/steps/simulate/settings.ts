/** What `simulate` reads out of its row, parameters and class table. */
import type { KnownTomogram } from "../../objects/formats/object-format.ts";
import type { ClassDefinition } from "../../schema/step-description.ts";
import type { SimulateParameters } from "../simulate.ts";
import type { StepRow } from "../step-kind.ts";

/** Voxels, of built-in shapes whose class has no radius. */
export const defaultRadius = 7;

/** How many objects of each class to place, by label; classes of which there are none are left out. */
export function countsByLabel(
  { counts }: SimulateParameters,
  classes: readonly ClassDefinition[],
): ReadonlyMap<number, number> {
  const entries =
    typeof counts === "number"
      ? classes.map(({ label }): [number, number] => [label, counts])
      : Object.entries(counts).map(([label, count]): [number, number] => [Number(label), count]);
  return new Map(entries.filter(([, count]) => count > 0));
}

/** What is known of the tomogram that is to be made. */
export const tomogramOf = ({
  size,
  voxelSize,
}: SimulateParameters): Required<Pick<KnownTomogram, "shape" | "voxelSizeAngstrom">> => ({
  shape: size,
  voxelSizeAngstrom: [voxelSize, voxelSize, voxelSize],
});

/** The row's own seed, else the parameter; undefined when the row's is no whole number. */
export function seedOf({ values }: StepRow, { seed }: SimulateParameters): number | undefined {
  const own = values.seed;
  if (own === undefined || own === null || own === "") return seed;
  return Number.isInteger(Number(own)) ? Number(own) : undefined;
}
