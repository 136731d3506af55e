/** Rows of which only some objects are listed (`annotation: partial`): how far around an object the background is known. */
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import { unknownLabel } from "../../network/losses/loss.ts";
import type { ParameterSchema } from "../../schema/step-description.ts";
import type { PreflightContext, StepContext, StepRow } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { rowsOfSplit } from "./rows-of-split.ts";

/** None has a default, so that keys of tasks that set none stay as they were. */
export const annotationParameters: Readonly<Record<string, ParameterSchema>> = {
  annotatedWithin: {
    description:
      "For rows with `annotation: partial`, where only some of the objects are listed: distance from the centre of a listed object, in radii of its class, up to which background is known to be background. 2 is usual. Elsewhere it counts as `unknownWeight` says, and not at all in the scores of validation.",
    type: "number",
    minimum: 1,
    maximum: 100,
    examples: [2],
    "x-unit": "radii",
  },
  unknownWeight: {
    description:
      "For rows with `annotation: partial`: weight in the loss of background that is far from every listed object, where 1 is that of other voxels and 0 leaves it out; 0.05 when not given.",
    type: "number",
    minimum: 0,
    maximum: 1,
    examples: [0.05],
  },
};

const usualWeight = 0.05;

type Context = Pick<StepContext<TrainParameters>, "parameters" | "classes" | "rows">;

const isPartial = ({ values }: StepRow): boolean => values.annotation === "partial";

/** Rows that are trained on or validated on. */
function usedRows({ rows }: Pick<Context, "rows">): readonly StepRow[] {
  const { training, validation } = rowsOfSplit(rows);
  return [...training, ...validation];
}

/** Weight in the loss of voxels that are not known; undefined where all are. */
export const weightOfUnknown = (context: Context): number | undefined =>
  usedRows(context).some(isPartial) ? (context.parameters.unknownWeight ?? usualWeight) : undefined;

/** Distance around a row's objects within which background is known, by label, voxels; undefined where all of it is. */
export function knownWithin(
  { parameters: { annotatedWithin = 1 }, classes }: Context,
  row: StepRow,
): Readonly<Record<number, number>> | undefined {
  if (!isPartial(row)) return undefined;
  return Object.fromEntries(
    classes.flatMap(({ label, radius }) => (radius === undefined ? [] : [[label, annotatedWithin * radius]])),
  );
}

export function checkAnnotation(context: PreflightContext<TrainParameters>): readonly Diagnostic[] {
  const rows = usedRows(context);
  const { annotatedWithin, unknownWeight } = context.parameters;
  const diagnostics = rows
    .filter(({ values }) => !isWord(values.annotation))
    .map(({ id, values }) =>
      errorDiagnostic("wrong-annotation", `${id}: its annotation is ${JSON.stringify(values.annotation)}`, {
        location: context.table?.locate(id, "annotation"),
        hint: "write `annotation: complete` where every object is listed, `annotation: partial` where only some are",
      }),
    );
  const partial = rows.filter(isPartial);
  if (partial.length === 0) {
    const given = Object.entries({ annotatedWithin, unknownWeight }).find(([, value]) => value !== undefined);
    // a slip in the column is the one mistake then
    if (given === undefined || diagnostics.length > 0) return diagnostics;
    return [
      warningDiagnostic("no-partial-row", `${given[0]} changes nothing: no row has \`annotation: partial\``, {
        hint: "say so of the rows where only some objects are listed, or leave it out",
      }),
    ];
  }
  return [...diagnostics, ...checkDistances(context, partial[0]!)];
}

function checkDistances(context: PreflightContext<TrainParameters>, row: StepRow): readonly Diagnostic[] {
  const { annotatedWithin, regions = [] } = context.parameters;
  if (annotatedWithin === undefined)
    return [
      errorDiagnostic(
        "annotation-unsaid",
        `${row.id} has \`annotation: partial\`, and train is not told how far around an object the background is known`,
        {
          location: context.table?.locate(row.id, "annotation"),
          hint: "set `annotatedWithin: 2`: up to two radii from a listed object others would have been listed too",
        },
      ),
    ];
  return context.classes.flatMap(({ label, name, radius }) => {
    if (label === unknownLabel)
      return [
        errorDiagnostic(
          "label-taken",
          `class ${label} (${name}) has the label that voxels get of which nothing is known`,
          {
            hint: "give the class another label, or take `annotation: partial` out",
          },
        ),
      ];
    if (radius !== undefined || regions.includes(label)) return [];
    return [
      errorDiagnostic("radius-missing", `annotatedWithin needs the radius of class ${label} (${name})`, {
        hint: "give it in `classes`: that of the whole particle, in voxels",
      }),
    ];
  });
}

const isWord = (value: unknown): boolean =>
  value === undefined || value === null || value === "complete" || value === "partial";
