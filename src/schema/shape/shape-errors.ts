/** Turns Ajv's errors into what a user can act on: one message for each mistake, unions told as one. */
import type { ErrorObject } from "ajv/dist/2020.js";
import { asMap, isMap, type Path, pathOfPointer, valueAt } from "../text/data-path.ts";
import type { ShapeProblem } from "../text/shape-problem.ts";
import { closestName, didYouMean, didYouMeanOrList } from "../text/suggest.ts";
import type { JsonSchema } from "./field-schemas.ts";
import { describeSchema, joinWords, namesLabels, showValue } from "./schema-words.ts";

/** One problem a mistake; `owner` names the whole value, e.g. `step train`. */
export function explainErrors(errors: readonly ErrorObject[], value: unknown, owner: string): ShapeProblem[] {
  const told = new Set<string>();
  const problems: ShapeProblem[] = [];
  for (const error of withoutUnionNoise(errors)) {
    const problem = explain(error, { root: value, owner });
    const key = JSON.stringify([problem.path, problem.part]);
    if (told.has(key)) continue;
    told.add(key);
    problems.push(problem);
  }
  return problems;
}

interface Surroundings {
  readonly root: unknown;
  readonly owner: string;
}

const unionKeywords = ["anyOf", "oneOf"];

/** Errors inside a union are replaced by those of the branch that was meant, else by the union's own error. */
function withoutUnionNoise(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter(({ keyword }) => unionKeywords.includes(keyword));
  const inside = (error: ErrorObject, union: ErrorObject) =>
    error !== union &&
    error.schemaPath.startsWith(`${union.schemaPath}/`) &&
    error.instancePath.startsWith(union.instancePath);
  const outermost = unions.filter((union) => !unions.some((other) => inside(union, other)));
  const rest = errors.filter(
    (error) =>
      !outermost.includes(error) &&
      !["propertyNames", "if"].includes(error.keyword) &&
      !outermost.some((union) => inside(error, union)),
  );
  const meant = outermost.flatMap((union) =>
    errorsOfMeantBranch(
      union,
      errors.filter((error) => inside(error, union)),
    ),
  );
  return [...rest, ...meant];
}

/** The branch whose type fits the value, if there is just one, is the one that was meant. */
function errorsOfMeantBranch(union: ErrorObject, inner: readonly ErrorObject[]): ErrorObject[] {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inner) {
    const branch = error.schemaPath.slice(union.schemaPath.length).split("/")[1];
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const fitting = [...branches.values()].filter(
    (errors) =>
      !errors.some(
        ({ keyword, instancePath }) =>
          instancePath === union.instancePath && ["type", "const", "enum"].includes(keyword),
      ),
  );
  return fitting.length === 1 ? withoutUnionNoise(fitting[0]) : [union];
}

function explain(error: ErrorObject, around: Surroundings): ShapeProblem {
  const path = pathOfPointer(error.instancePath);
  if (error.propertyName !== undefined) return explainName(error, [...path, error.propertyName]);
  switch (error.keyword) {
    case "additionalProperties":
    case "unevaluatedProperties":
      return explainUnknownKey(error, path, around);
    case "required":
      return explainMissingKey(error, path, around);
    default:
      return explainValue(error, path, around);
  }
}

function explainName(error: ErrorObject, path: Path): ShapeProblem {
  const name = error.propertyName as string;
  const code = "bad-name";
  if (error.keyword === "not")
    return {
      path,
      part: "key",
      code,
      message: `${name} is a name with a meaning of its own`,
      hint: "choose another name",
    };
  const schema = asMap(error.parentSchema);
  const isLabel = schema["x-pattern"] === undefined && namesLabels(schema.pattern);
  const wanted = isLabel ? "a class label" : requirement(error, schema);
  const hint = isLabel ? "classes go by their label here: 1, 2, …" : undefined;
  return { path, part: "key", code, message: `${JSON.stringify(name)} is not ${wanted}`, hint };
}

function explainUnknownKey(error: ErrorObject, path: Path, { root, owner }: Surroundings): ShapeProblem {
  const name = String(error.params.additionalProperty ?? error.params.unevaluatedProperty);
  const place = path.length > 0 ? labelOf(path, root) : owner;
  const known = Object.keys(asMap(asMap(error.parentSchema).properties));
  return {
    path: [...path, name],
    part: "key",
    code: "unknown-key",
    message: `unknown key ${name} in ${place}`,
    hint: known.length > 0 ? didYouMeanOrList(name, known, "its keys are") : undefined,
  };
}

function explainMissingKey(error: ErrorObject, path: Path, { root, owner }: Surroundings): ShapeProblem {
  const name = String(error.params.missingProperty);
  const place = path.length > 0 ? labelOf(path, root) : owner;
  const schema = asMap(asMap(asMap(error.parentSchema).properties)[name]);
  const message = `${place} has no ${name}`;
  const given = Object.keys(asMap(error.data));
  const misspelt = closestName(
    name,
    given.filter((key) => !(key in asMap(asMap(error.parentSchema).properties))),
  );
  const hint =
    schema.const !== undefined
      ? `add ${name}: ${showValue(schema.const)}`
      : misspelt
        ? `is ${misspelt} meant to be ${name}?`
        : typeof schema.description === "string"
          ? `${name}: ${schema.description}`
          : undefined;
  return { path, part: "key", code: "missing-key", message, hint };
}

function explainValue(error: ErrorObject, path: Path, { root, owner }: Surroundings): ShapeProblem {
  const label = path.length > 0 ? labelOf(path, root) : owner;
  const schema = asMap(error.parentSchema);
  const wanted = requirement(error, schema);
  const empty = error.data === null || error.data === undefined || isEmptyCollection(error.data);
  const message = empty
    ? `${label} is empty: it must be ${wanted}`
    : `${label} must be ${wanted}: ${showValue(error.data)} is not`;
  const code =
    error.keyword === "type" || unionKeywords.includes(error.keyword) ? "wrong-type" : "wrong-value";
  return { path, part: "value", code, message, hint: empty ? undefined : adviceFor(error, schema) };
}

const isEmptyCollection = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

/** What the keyword that failed wants, as in `a multiple of 4`. */
function requirement(error: ErrorObject, schema: JsonSchema): string {
  const unit = typeof schema["x-unit"] === "string" ? ` ${schema["x-unit"]}` : "";
  switch (error.keyword) {
    case "multipleOf":
      return error.params.multipleOf === 1 ? "a whole number" : `a multiple of ${error.params.multipleOf}`;
    case "minimum":
      return `at least ${error.params.limit}${unit}`;
    case "maximum":
      return `at most ${error.params.limit}${unit}`;
    case "exclusiveMinimum":
      return `above ${error.params.limit}${unit}`;
    case "exclusiveMaximum":
      return `below ${error.params.limit}${unit}`;
    case "minItems":
      if (schema.minItems === schema.maxItems) return describeSchema(schema);
      return error.params.limit === 1
        ? "a list with at least one entry"
        : `a list of at least ${error.params.limit}`;
    case "maxItems":
      if (schema.minItems === schema.maxItems) return describeSchema(schema);
      return `a list of at most ${error.params.limit}`;
    case "minLength":
      return "a text that is not empty";
    case "minProperties":
      return "a map with at least one entry";
    case "uniqueItems":
      return "a list without repetitions";
    case "pattern":
      return typeof schema["x-pattern"] === "string"
        ? schema["x-pattern"]
        : `a text like ${error.params.pattern}`;
    default:
      return describeSchema(schema);
  }
}

function adviceFor(error: ErrorObject, schema: JsonSchema): string | undefined {
  const { data } = error;
  if (error.keyword === "multipleOf") return nearestMultiples(Number(data), schema);
  const choices = choicesOf(schema);
  if (typeof data === "string" && choices.length > 0) {
    const near = didYouMean(data, choices);
    if (near) return near;
  }
  const types = typesOf(schema);
  if (types.includes("boolean") && typeof data === "string" && /^(yes|no|on|off)$/i.test(data))
    return "write true or false";
  const isNumeric = typeof data === "string" && data.trim() !== "" && Number.isFinite(Number(data));
  if (isNumeric && types.some((type) => type === "number" || type === "integer"))
    return "write the number without quotes";
  if (types.includes("string") && ["number", "boolean"].includes(typeof data)) return "put it in quotes";
  if (types.includes("array") && !Array.isArray(data) && !isMap(data))
    return `write a list: [${plainText(data)}]`;
  return undefined;
}

function nearestMultiples(value: number, schema: JsonSchema): string | undefined {
  const step = Number(schema.multipleOf);
  const lowest = Number(schema.minimum ?? schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
  const highest = Number(schema.maximum ?? schema.exclusiveMaximum ?? Number.POSITIVE_INFINITY);
  const below = Math.floor(value / step) * step;
  const near = [below, below + step].filter((multiple) => multiple >= lowest && multiple <= highest);
  return near.length > 0 ? `try ${joinWords(near.map(String))}` : undefined;
}

const branchesOf = (schema: JsonSchema): JsonSchema[] => [
  schema,
  ...[schema.anyOf, schema.oneOf].flat().filter(isMap).flatMap(branchesOf),
];

const choicesOf = (schema: JsonSchema): string[] =>
  branchesOf(schema)
    .flatMap((branch) => (branch.const === undefined ? (branch.enum ?? []) : [branch.const]) as unknown[])
    .filter((choice) => typeof choice === "string");

const typesOf = (schema: JsonSchema): unknown[] => branchesOf(schema).flatMap((branch) => branch.type ?? []);

const plainText = (value: unknown): string => (typeof value === "string" ? value : showValue(value));

/** How a message calls the value at `path`: `patchSize`, `size[0]`, `radii.1`. */
export function labelOf(path: Path, root: unknown): string {
  const isName = (part: string | number) => !/^\d+$/.test(String(part));
  const start = Math.max(0, path.findLastIndex(isName));
  return path
    .slice(start)
    .map((part, index) => {
      if (index === 0) return String(part);
      return Array.isArray(valueAt(root, path.slice(0, start + index))) ? `[${part}]` : `.${part}`;
    })
    .join("");
}
