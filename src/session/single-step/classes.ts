/** The class table of a step that runs alone: from a workflow or class file, and from `--class` flags. */
import { dirname, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { readRegularFile } from "../../core/regular-file.ts";
import { type Result, resultOf } from "../../core/result.ts";
import { checkShape } from "../../schema/shape/check-shape.ts";
import { classesSchema } from "../../schema/shape/field-schemas.ts";
import type { ClassDefinition } from "../../schema/step-description.ts";
import { placedAt } from "./placed.ts";

export type ClassFields = Readonly<Record<string, unknown>>;
export type ClassMap = Readonly<Record<string, ClassFields>>;

const fileFields = ["mask", "density"] as const;

/** `file` holds a `classes` map (a workflow does) or is one; `flags` are `LABEL:NAME[:RADIUS][:field=value…]`. */
export async function readClasses(options: {
  file?: string;
  flags?: readonly string[];
}): Promise<Result<readonly ClassDefinition[]>> {
  const diagnostics: Diagnostic[] = [];
  const fromFile = options.file ? await readClassFile(options.file, diagnostics) : {};
  const fromFlags = (options.flags ?? []).map((text) => parseClassFlag(text));
  const classes: ClassMap = { ...fromFile, ...Object.fromEntries(fromFlags) };
  const checked = await checkClasses(classes);
  return resultOf(checked.ok ? checked.value : [], [...diagnostics, ...checked.diagnostics]);
}

/** `classes` as a workflow has them, by label; their files are absolute. */
export async function checkClasses(classes: ClassMap): Promise<Result<readonly ClassDefinition[]>> {
  const problems = await checkShape(classesSchema, classes, "the class table");
  const diagnostics = problems.map(({ code, message, hint, path }) => ({
    ...errorDiagnostic(code, message, { hint }),
    ...placedAt("classes", ...path),
  }));
  return resultOf(diagnostics.length === 0 ? definitionsOf(classes) : [], diagnostics);
}

async function readClassFile(path: string, diagnostics: Diagnostic[]): Promise<ClassMap> {
  const text = String(await readRegularFile(path));
  const content = parseContent(path, text);
  const classes = (content as { classes?: unknown } | null)?.classes ?? content;
  if (typeof classes !== "object" || classes === null) {
    const hint = "write `classes:` as in a workflow, or the map alone: 1: {name: ribosome, radius: 10}";
    diagnostics.push(errorDiagnostic("no-classes", `${path} holds no class table`, { hint }));
    return {};
  }
  const entries = Object.entries(classes as ClassMap);
  return Object.fromEntries(
    entries.map(([label, fields]) => [label, withAbsoluteFiles(fields, dirname(path))]),
  );
}

function parseContent(path: string, text: string): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new TomoflowError(
      "yaml-syntax",
      `${path} is not valid YAML: ${(cause as Error).message.split("\n")[0]}`,
      {
        hint: `tomoflow validate ${path} shows the place`,
        cause,
      },
    );
  }
}

/** `mask` and `density` are relative to `folder`. */
export function withAbsoluteFiles(fields: ClassFields, folder: string): ClassFields {
  const files = fileFields
    .filter((field) => typeof fields?.[field] === "string")
    .map((field) => [field, resolve(folder, String(fields[field]))]);
  return files.length > 0 ? { ...fields, ...Object.fromEntries(files) } : fields;
}

/** `1:ribosome:10:mask=ribosome.mrc` -> label 1 and its fields. */
function parseClassFlag(text: string): [string, ClassFields] {
  const [label, name, ...rest] = text.split(":");
  if (!label || !name)
    throw new TomoflowError("bad-class", `--class ${text} does not name a label and a class`, {
      hint: "write LABEL:NAME:RADIUS, e.g. --class 1:ribosome:10",
    });
  const fields = rest.map((part): [string, unknown] => {
    const [field, value] = part.includes("=") ? part.split("=", 2) : ["radius", part];
    return [field, field === "radius" ? Number(value) : value];
  });
  return [label, withAbsoluteFiles({ name, ...Object.fromEntries(fields) }, process.cwd())];
}

const definitionsOf = (classes: ClassMap): ClassDefinition[] =>
  Object.entries(classes)
    .map(([label, fields]) => ({ label: Number(label), ...fields }) as ClassDefinition)
    .sort((a, b) => a.label - b.label);
