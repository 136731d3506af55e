import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { classesSchema, globSchema, rowsSchema } from "../../../src/schema/shape/field-schemas.ts";
import { quickCheck } from "../../../src/schema/shape/quick-check.ts";
import { fileSchema, stepSchema, stepsSchema } from "../../../src/schema/shape/schema.ts";
import { toyCatalog } from "../../support/toy-kinds.ts";

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  56,
  42,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "",
  "auto",
  "spheres",
  "ü😀",
  [],
  [1, 2, 3],
  [1, 2],
  [1, 1],
  ["a"],
  {},
  { 1: 3 },
  { 1: -3 },
  { x: 1 },
  { name: "ribosome" },
  { uses: "train", from: "target", where: { split: ["a", null] }, with: {} },
  { uses: "train", retries: -1 },
  { version: 1, tomograms: [], steps: { a: {} } },
  { version: 1, tomograms: [], steps: {}, "x-y": 1 },
  { version: 2, steps: { row: {} } },
  { patchSize: 56, batchSize: "auto", classWeights: { 1: 2 } },
  { patchSize: 42, batchSize: 0, classWeights: [1] },
  { weights: ["a", "b"], bias: 0.5, scores: true },
  { strategy: "shapes", radii: { 1: 2 }, size: [1, 2, 3] },
  { glob: "data/*.mrc", objects: "x/{id}.xml" },
  [{ id: "a", tomogram: "b" }, { id: 1 }],
];

const schemas: readonly object[] = [
  { type: "integer" },
  { type: "number", minimum: 1, exclusiveMaximum: 56 },
  { type: ["string", "null"], minLength: 1 },
  { multipleOf: 4 },
  { multipleOf: 0.5, maximum: 2.5, exclusiveMinimum: -1 },
  { enum: ["auto", 1, null] },
  { const: { 1: 3 } },
  { type: "array", uniqueItems: true, minItems: 2, maxItems: 3, items: { type: "integer" } },
  { anyOf: [{ type: "integer" }, { const: "auto" }] },
  { oneOf: [{ type: "number" }, { type: "integer" }] },
  { allOf: [{ type: "number" }, { minimum: 0 }], not: { const: 1 } },
  { type: "object", minProperties: 1, maxProperties: 1, patternProperties: { "^\\d": { minimum: 0 } } },
  { type: "object", patternProperties: { "^\\d": true }, additionalProperties: false },
  { maxLength: 4, pattern: "^[a-zü😀]+$" },
  classesSchema,
  rowsSchema,
  globSchema,
  stepSchema,
  fileSchema({ classes: classesSchema, tomograms: {}, steps: stepsSchema }),
  ...[...toyCatalog.values()].map(({ parameters }) => parameters),
];

test("the quick check says what Ajv says, for every schema and value", () => {
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, validateFormats: false });
  let fits = 0;
  for (const schema of schemas) {
    const validate = ajv.compile(schema);
    for (const value of values) {
      assert.equal(
        quickCheck(schema, value),
        validate(value),
        `${JSON.stringify(schema)} ${JSON.stringify(value)}`,
      );
      if (validate(value)) fits++;
    }
  }
  assert.ok(fits > 100 && fits < schemas.length * values.length - 100, `${fits} pairs fit`);
});

test("a keyword it does not know leaves the answer to Ajv, unless another fails", () => {
  assert.equal(quickCheck({ dependentRequired: { a: ["b"] } }, {}), undefined);
  assert.equal(
    quickCheck({ type: "object", if: {}, properties: { a: { type: "string" } } }, { a: 1 }),
    false,
  );
  assert.equal(quickCheck({ anyOf: [{ $ref: "#" }, { type: "null" }] }, null), true);
  assert.equal(quickCheck({ description: "x", "x-unit": "Å", default: 1 }, null), true);
});
