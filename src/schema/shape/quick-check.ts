/**
 * Tells at once that a value fits a JSON Schema, so that a workflow without mistakes never waits for Ajv to load and
 * compile (about 60 ms). It knows the keywords that step kinds use; at any other it gives no answer, and Ajv decides.
 * Every mistake a user sees is found by Ajv.
 */
import { isMap, ownValue } from "../text/data-path.ts";
import type { JsonSchema } from "./field-schemas.ts";

/** True or false where the schema holds only known keywords, else undefined. */
export type Verdict = boolean | undefined;

/** Whether `value` fits `schema`, as Ajv would say; undefined when a keyword is not known here. */
export function quickCheck(schema: unknown, value: unknown): Verdict {
  if (typeof schema === "boolean") return schema;
  if (!isMap(schema)) return undefined;
  return every(Object.keys(schema), (keyword) => {
    const check = ownValue(checks, keyword);
    if (check) return check(schema[keyword] as never, value, schema);
    return isNote(keyword) ? true : undefined;
  });
}

type Check = (argument: never, value: unknown, schema: JsonSchema) => Verdict;

const notes = new Set([
  "description",
  "default",
  "title",
  "examples",
  "deprecated",
  "$comment",
  "$schema",
  "$id",
]);

const isNote = (keyword: string): boolean => keyword.startsWith("x-") || notes.has(keyword);

const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === "string";
const codePoints = (text: string): number => [...text].length;

const checks: Readonly<Record<string, Check | undefined>> = {
  type: (types: string | readonly string[], value) => [types].flat().some((type) => hasType(value, type)),
  const: (wanted: unknown, value) => sameJson(wanted, value),
  enum: (wanted: readonly unknown[], value) => wanted.some((item) => sameJson(item, value)),
  minimum: (limit: number, value) => !isNumber(value) || value >= limit,
  maximum: (limit: number, value) => !isNumber(value) || value <= limit,
  exclusiveMinimum: (limit: number, value) => !isNumber(value) || value > limit,
  exclusiveMaximum: (limit: number, value) => !isNumber(value) || value < limit,
  multipleOf: (step: number, value) => !isNumber(value) || Number.isInteger(value / step),
  minLength: (limit: number, value) => !isText(value) || codePoints(value) >= limit,
  maxLength: (limit: number, value) => !isText(value) || codePoints(value) <= limit,
  pattern: (pattern: string, value) => !isText(value) || new RegExp(pattern, "u").test(value),
  minItems: (limit: number, value) => !Array.isArray(value) || value.length >= limit,
  maxItems: (limit: number, value) => !Array.isArray(value) || value.length <= limit,
  uniqueItems: (wanted: boolean, value) =>
    !wanted ||
    !Array.isArray(value) ||
    new Set(value.map((item) => JSON.stringify(item))).size === value.length,
  items: (schema: JsonSchema, value) =>
    !Array.isArray(value) || every(value, (item) => quickCheck(schema, item)),
  minProperties: (limit: number, value) => !isMap(value) || Object.keys(value).length >= limit,
  maxProperties: (limit: number, value) => !isMap(value) || Object.keys(value).length <= limit,
  required: (names: readonly string[], value) =>
    !isMap(value) || names.every((name) => Object.hasOwn(value, name)),
  propertyNames: (schema: JsonSchema, value) =>
    !isMap(value) || every(Object.keys(value), (name) => quickCheck(schema, name)),
  properties: (schemas: Readonly<Record<string, JsonSchema>>, value) =>
    !isMap(value) ||
    every(
      Object.keys(schemas),
      (name) => !Object.hasOwn(value, name) || quickCheck(schemas[name], value[name]),
    ),
  patternProperties: (schemas: Readonly<Record<string, JsonSchema>>, value) =>
    !isMap(value) ||
    every(Object.entries(schemas), ([pattern, schema]) =>
      every(namesLike(pattern, value), (name) => quickCheck(schema, value[name])),
    ),
  additionalProperties: (schema: unknown, value, whole) =>
    !isMap(value) || every(additionalNames(value, whole), (name) => quickCheck(schema, value[name])),
  anyOf: (schemas: readonly unknown[], value) => {
    const verdicts = schemas.map((schema) => quickCheck(schema, value));
    return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
  },
  oneOf: (schemas: readonly unknown[], value) => {
    const verdicts = schemas.map((schema) => quickCheck(schema, value));
    return verdicts.includes(undefined) ? undefined : verdicts.filter(Boolean).length === 1;
  },
  allOf: (schemas: readonly unknown[], value) => every(schemas, (schema) => quickCheck(schema, value)),
  not: (schema: unknown, value) => {
    const verdict = quickCheck(schema, value);
    return verdict === undefined ? undefined : !verdict;
  },
};

function every<T>(items: readonly T[], check: (item: T) => Verdict): Verdict {
  let verdict: Verdict = true;
  for (const item of items) {
    const answer = check(item);
    if (answer === false) return false;
    if (answer === undefined) verdict = undefined;
  }
  return verdict;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isMap(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

const sameJson = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));

const namesLike = (pattern: string, value: Readonly<Record<string, unknown>>): string[] => {
  const expression = new RegExp(pattern, "u");
  return Object.keys(value).filter((name) => expression.test(name));
};

function additionalNames(value: Readonly<Record<string, unknown>>, schema: JsonSchema): string[] {
  const named = isMap(schema.properties) ? schema.properties : {};
  const patterns = Object.keys(isMap(schema.patternProperties) ? schema.patternProperties : {}).map(
    (pattern) => new RegExp(pattern, "u"),
  );
  return Object.keys(value).filter(
    (name) => !Object.hasOwn(named, name) && !patterns.some((pattern) => pattern.test(name)),
  );
}
