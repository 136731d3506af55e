/** A JSON Schema said in words, as in "epochs must be a whole number of at least 1". */
import { asMap, isMap } from "../text/data-path.ts";
import type { JsonSchema } from "./field-schemas.ts";

/** What a value that fits is: `a whole number of at least 1`, `one of spheres, shapes`, `a list of numbers`. */
export function describeSchema(schema: JsonSchema): string {
  if (typeof schema["x-pattern"] === "string") return schema["x-pattern"];
  if (schema.const !== undefined) return showValue(schema.const);
  if (Array.isArray(schema.enum)) return describeChoices(schema.enum);
  const branches = [schema.anyOf, schema.oneOf].flat().filter(isMap);
  if (branches.length > 0) return joinWords(branches.map(describeSchema));
  const types = [schema.type].flat().filter((type) => type !== undefined) as string[];
  return types.length > 0 ? joinWords(types.map((type) => describeType(type, schema))) : "something else";
}

/** `A`, `A or B`, `A, B or C`. */
export const joinWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** A value as a message shows it, short. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return shortened(JSON.stringify(value)) ?? "a list";
  if (isMap(value)) return Object.keys(value).length === 0 ? "{}" : "a map";
  // JSON has no word for .inf and .nan
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return shortened(JSON.stringify(value)) ?? `${JSON.stringify(value).slice(0, 40)}…`;
}

const shortened = (text: string): string | undefined => (text.length <= 60 ? text : undefined);

const describeChoices = (choices: readonly unknown[]): string =>
  choices.length === 1 ? showValue(choices[0]) : `one of ${choices.map(plain).join(", ")}`;

const plain = (value: unknown): string => (typeof value === "string" ? value : showValue(value));

function describeType(type: string, schema: JsonSchema): string {
  switch (type) {
    case "integer":
      return `a whole number${describeRange(schema)}`;
    case "number":
      return `a number${describeRange(schema)}`;
    case "string":
      return "a text";
    case "boolean":
      return "true or false";
    case "null":
      return "nothing";
    case "array":
      return `a list${describeItems(schema)}`;
    default:
      return isLabelMap(schema) ? "a map by class label" : "a map";
  }
}

function describeRange(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const limits = [
    minimum !== undefined && `of at least ${minimum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    maximum !== undefined && `of at most ${maximum}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ].filter((limit) => limit !== false);
  return limits.length > 0 ? ` ${limits.join(" and ")}` : "";
}

function describeItems(schema: JsonSchema): string {
  const { minItems, maxItems } = schema;
  const count = minItems !== undefined && minItems === maxItems ? ` of ${minItems}` : "";
  const names: Readonly<Record<string, string>> = {
    integer: "whole numbers",
    number: "numbers",
    string: "texts",
    array: "lists",
    object: "maps",
  };
  const items = names[String(asMap(schema.items).type)];
  if (!items) return count ? `${count} values` : "";
  return count ? `${count} ${items}` : ` of ${items}`;
}

/** True when the keys of the map are class labels. */
const isLabelMap = (schema: JsonSchema): boolean =>
  [...Object.keys(asMap(schema.patternProperties)), asMap(schema.propertyNames).pattern].some(namesLabels);

/** True for a pattern of whole numbers alone, as that of class labels. */
export const namesLabels = (pattern: unknown): boolean =>
  typeof pattern === "string" && /^[\^()[\]{}|$*+?,\d\\d-]+$/.test(pattern) && /\d|\\d/.test(pattern);
