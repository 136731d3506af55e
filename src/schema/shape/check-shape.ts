/** Checks a value against a piece of the language's JSON Schema: quickly when it is right, with Ajv when it is not. */
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import type { ShapeProblem } from "../text/shape-problem.ts";
import type { JsonSchema } from "./field-schemas.ts";
import { quickCheck } from "./quick-check.ts";
import { explainErrors } from "./shape-errors.ts";

/** Every mistake in `value`, in plain words, with its path inside `value`. `owner` names the value: `step train`. */
export async function checkShape(schema: JsonSchema, value: unknown, owner: string): Promise<ShapeProblem[]> {
  if (quickCheck(schema, value) === true) return [];
  const validate = await validatorOf(schema);
  if (validate(value)) return [];
  return explainErrors((validate.errors ?? []) as ErrorObject[], value, owner);
}

const validators = new WeakMap<JsonSchema, ValidateFunction>();

async function validatorOf(schema: JsonSchema): Promise<ValidateFunction> {
  const known = validators.get(schema);
  if (known) return known;
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    strictNumbers: true,
    validateSchema: false,
    validateFormats: false,
    meta: false,
    addUsedSchema: false,
    logger: false,
  });
  const validate = ajv.compile(schema as object);
  validators.set(schema, validate);
  return validate;
}
