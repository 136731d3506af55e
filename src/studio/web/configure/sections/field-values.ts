/** Fields of a form whose names may lead deeper (`resources.cpus`): their values, mistakes and edits. Pure. */
import type { FieldForm, PlacedMistake } from "../../../protocol/forms.ts";
import type { EditPath, Operation } from "../../../protocol/workflow-text/operation.ts";
import { type FieldMistakes, mistakesAt, wordsOf } from "../mistakes.ts";
import { asData, type Data } from "../outline.ts";

const valueAt = (data: Data, name: string): unknown =>
  name.split(".").reduce<unknown>((value, part) => asData(value)[part], data);

export const valuesOf = (data: Data, fields: readonly FieldForm[]): Record<string, unknown> =>
  Object.fromEntries(fields.map(({ name }) => [name, valueAt(data, name)]));

/** The edit that gives a field of the map at `path` a value, or takes it out. */
export function operationFor(
  data: Data,
  path: EditPath,
  { name, value }: { readonly name: string; readonly value: unknown },
): readonly Operation[] {
  const at = [...path, ...name.split(".")];
  if (value !== undefined) return [{ type: "set", path: at, value }];
  return valueAt(data, name) === undefined ? [] : [{ type: "remove", path: at }];
}

/** What is said beside each field of the map at `path`. */
export const fieldMistakes =
  (mistakes: readonly PlacedMistake[], path: EditPath) =>
  (name: string): FieldMistakes => {
    const found = mistakesAt(mistakes, [...path, ...name.split(".")]);
    return {
      errors: found.filter(({ severity }) => severity === "error").map(wordsOf),
      warnings: found.filter(({ severity }) => severity === "warning").map(wordsOf),
    };
  };
