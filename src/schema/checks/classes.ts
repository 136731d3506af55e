/** The class table, and every place that names classes by their label. */

import type { ClassDefinition, ParameterSchema } from "../step-description.ts";
import type { StepDraft } from "../step-draft.ts";
import { asMap, isMap, ownValue, type Path, type PlainMap } from "../text/data-path.ts";
import { type Findings, report } from "../text/findings.ts";

/** The classes in order of label; notes names given twice and gaps in the labels. */
export function readClasses(findings: Findings, table: unknown): ClassDefinition[] {
  const entries = Object.entries(asMap(table)).filter(
    (entry): entry is [string, PlainMap] => /^[1-9]\d*$/.test(entry[0]) && isMap(entry[1]),
  );
  const names = new Map<string, string>();
  for (const [index, [label, fields]] of entries.entries()) {
    const twin = names.get(String(fields.name));
    if (twin) {
      const message = `classes ${twin} and ${label} are both called ${fields.name}`;
      report(findings, { code: "duplicate-class", message }, { path: ["classes", label, "name"] });
    } else if (fields.name !== undefined) names.set(String(fields.name), label);
    if (Number(label) === index + 1) continue;
    const hint = "labels run 1, 2, 3, … without gaps, as the network has an output for each";
    const message = `class ${label} comes without a class ${index + 1} before it`;
    report(findings, { code: "class-gap", message, hint }, { path: ["classes", label], part: "key" });
    break;
  }
  return entries.map(([label, fields]) => ({
    ...(fields as Omit<ClassDefinition, "label">),
    label: Number(label),
  }));
}

/** Notes labels in the parameters of a step that the class table does not have. */
export function checkLabels(
  findings: Findings,
  { id, kind, given }: StepDraft,
  classes: readonly ClassDefinition[],
): void {
  for (const [name, value] of Object.entries(given)) {
    const schema = ownValue(kind?.parameters.properties, name);
    for (const { label, path, part } of labelsIn(value, schema)) {
      if (classes.some((definition) => String(definition.label) === label)) continue;
      const known = classes.map((definition) => `${definition.label} (${definition.name})`).join(", ");
      const byName = classes.find((definition) => definition.name === label);
      const hint = byName
        ? `write its label, ${byName.label}`
        : known
          ? `the classes are ${known}`
          : "the workflow has no classes";
      const message = `${name} names class ${label}, which is not in the class table`;
      report(
        findings,
        { code: "label-unknown", message, hint },
        { path: ["steps", id, "with", name, ...path], part },
      );
    }
  }
}

interface NamedLabel {
  readonly label: string;
  readonly path: Path;
  readonly part: "key" | "value";
}

/** A map whose keys are all whole numbers is one by label; `x-labels` marks single labels and lists of them. */
function labelsIn(value: unknown, schema: ParameterSchema | undefined): NamedLabel[] {
  if (isMap(value)) {
    const keys = Object.keys(value);
    const byLabel = schema?.["x-labels"] === true || keys.every((key) => /^\d+$/.test(key));
    return byLabel ? keys.map((label) => ({ label, path: [label], part: "key" })) : [];
  }
  if (schema?.["x-labels"] !== true) return [];
  if (Array.isArray(value))
    return value.map((label, index) => ({ label: String(label), path: [index], part: "value" }));
  return typeof value === "number" ? [{ label: String(value), path: [], part: "value" }] : [];
}
