/** Which control of a form a JSON Schema asks for. */

import { namesLabels } from "../../../schema/shape/schema-words.ts";
import type { ParameterSchema } from "../../../schema/step-description.ts";
import { isMap } from "../../../schema/text/data-path.ts";
import type { Control } from "../../protocol/forms.ts";

type Schema = Readonly<Record<string, unknown>>;

/** A value that no control fits is given as text, read as YAML. */
export function controlOf(name: string, schema: ParameterSchema): Control {
  const branches = branchesOf(schema);
  const types = new Set(branches.flatMap(typesOf));
  const map = branches.find((branch) => typesOf(branch).includes("object"));
  if (map) return mapControl(map, { single: types.size > 1, isFile: schema["x-file"] === true });
  if (schema["x-file"]) return { type: "file" };
  if (Array.isArray(schema.enum)) return { type: "choice", choices: schema.enum.map(String) };
  if (types.size === 1 && types.has("boolean")) return { type: "switch" };
  if (types.has("boolean") && branches.some((branch) => branch.const !== undefined))
    return { type: "choice", choices: [...wordsOf(branches), "true", "false"] };
  const list = branches.find((branch) => typesOf(branch).includes("array"));
  if (list) return listControl(name, list, types.size > 1);
  return types.has("number") || types.has("integer") ? { type: "number" } : { type: "text" };
}

function mapControl(schema: Schema, { single, isFile }: { single: boolean; isFile: boolean }): Control {
  const names = isMap(schema.propertyNames) ? schema.propertyNames.pattern : undefined;
  if (!namesLabels(names)) return { type: "pairs" };
  return { type: "by-label", single, background: !String(names).includes("[1-9]"), isFile };
}

function listControl(name: string, schema: Schema, single: boolean): Control {
  const isBox = schema.minItems === 3 && schema.maxItems === 3;
  if (isBox && !single) return { type: "list", names: ["z", "y", "x"] };
  const items = isMap(schema.items) ? typesOf(schema.items) : [];
  return items.includes("string") && name === "run" ? { type: "lines" } : { type: "list" };
}

/** `auto`, where a number may be one too. */
export function wordsInstead(schema: ParameterSchema): readonly string[] {
  const branches = branchesOf(schema);
  const isUnion = branches.length > 1 && !branches.some((branch) => typesOf(branch).includes("boolean"));
  return isUnion ? wordsOf(branches) : [];
}

const wordsOf = (branches: readonly Schema[]): string[] =>
  branches.flatMap((branch) => (typeof branch.const === "string" ? [branch.const] : []));

function branchesOf(schema: Schema): readonly Schema[] {
  const branches = [schema.oneOf, schema.anyOf].flat().filter(isMap);
  if (branches.length > 0) return branches;
  // `type: [integer, object]` is a union too
  const types = typesOf(schema);
  return types.length > 1 ? types.map((type) => ({ ...schema, type })) : [schema];
}

const typesOf = ({ type, const: word }: Schema): string[] =>
  [type ?? (word === undefined ? [] : typeof word)].flat().filter((each) => each !== "null") as string[];

/** A default as one would type it. */
export function showDefault(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(String).join(", ");
  if (isMap(value)) return Object.keys(value).length === 0 ? undefined : JSON.stringify(value);
  return String(value);
}
