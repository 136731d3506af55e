/** Classes by their names, for formats that know no labels. */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { inOneLine } from "./fields.ts";
import type { ObjectFileOptions } from "./object-format.ts";

/** The label of each name; what has none is told once, all names together. */
export function labelsOfNames(
  names: readonly string[],
  { classes, label }: ObjectFileOptions,
  file: string,
): { readonly labels: ReadonlyMap<string, number>; readonly diagnostics: readonly Diagnostic[] } {
  const labels = new Map<string, number>();
  const unknown: string[] = [];
  for (const name of new Set(names)) {
    const found = classes?.find((one) => one.name === name)?.label ?? (classes ? undefined : label);
    if (found === undefined) unknown.push(name);
    else labels.set(name, found);
  }
  if (unknown.length === 0) return { labels, diagnostics: [] };
  const shown = unknown.slice(0, 8).map((name) => inOneLine(name.slice(0, 60)));
  const example = shown
    .map((name, index) => `${index + 1}=${/\s/.test(name) ? `"${name}"` : name}`)
    .join(",");
  return {
    labels,
    diagnostics: [
      errorDiagnostic(
        "class-unnamed",
        `the list names classes whose labels are not known: ${shown.join(", ")}`,
        {
          location: { file },
          hint: `say them: tomoflow objects convert … --class-names ${example}`,
        },
      ),
    ],
  };
}

/** The name of a label. @throws TomoflowError `class-unnamed` */
export function classNamer({ classes }: ObjectFileOptions, format: string): (label: number) => string {
  return (label) => {
    const found = classes?.find((one) => one.label === label);
    if (found) return found.name;
    throw new TomoflowError(
      "class-unnamed",
      `the format ${format} names classes, and the name of class ${label} is not known`,
      {
        hint: `say it: tomoflow objects convert … --class-names ${label}=ribosome`,
      },
    );
  };
}
