/** Rows of a training that have nothing to train on or to validate on, told before it starts. */
import { basename } from "node:path";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import { readSampleWeight } from "../../training/sample-weights.ts";
import type { PreflightContext, StepRow } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { rowsOfSplit } from "./rows-of-split.ts";

type Context = PreflightContext<TrainParameters>;

/**
 * `usable` are the objects of each row, of classes that are listed and inside the tomogram; rows whose list is not known yet are absent.
 * Without any object in all its rows a part cannot be sampled; a row without is left out of it.
 */
export function checkEmptyRows(
  context: Context,
  usable: ReadonlyMap<string, ObjectList>,
): readonly Diagnostic[] {
  const { training, validation } = rowsOfSplit(context.rows);
  const { sampleWeight } = context.parameters;
  const drawn = (row: StepRow): ObjectList | undefined =>
    sampleWeight === undefined
      ? usable.get(row.id)
      : usable.get(row.id)?.filter((object) => readSampleWeight(object, sampleWeight) !== 0);
  return [
    ...checkPart(context, training, { objectsOf: drawn, purpose: "train on" }),
    ...checkPart(context, validation, { objectsOf: ({ id }) => usable.get(id), purpose: "validate on" }),
  ];
}

interface Part {
  readonly objectsOf: (row: StepRow) => ObjectList | undefined;
  readonly purpose: string;
}

function checkPart(context: Context, rows: readonly StepRow[], { objectsOf, purpose }: Part): Diagnostic[] {
  const empty = rows.filter((row) => objectsOf(row)?.length === 0);
  const all = rows.length > 0 && empty.length === rows.length;
  return empty.map((row) => {
    const file = row.files.objects!;
    const message = `${row.id} has no objects to ${purpose}: ${basename(file)} holds none that can be drawn`;
    const location = context.table?.locate(row.id, "objects") ?? { file };
    return all
      ? errorDiagnostic("no-objects", message, {
          location,
          hint: "patches are drawn around objects: list some of the classes, inside the tomogram, or give the row another `split`",
        })
      : warningDiagnostic("no-objects", message, {
          location,
          hint: "patches are drawn around objects: the others alone are used",
        });
  });
}
