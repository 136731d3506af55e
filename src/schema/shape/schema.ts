/**
 * The workflow language as JSON Schema (draft 2020-12). The pieces check a file (`check-shape.ts`); put together by
 * `buildWorkflowSchema` they are the one schema that editors and the studio's forms use.
 */

import type { InputPort, StepCatalog, StepDescription } from "../step-description.ts";
import { possiblePorts } from "../values/input-ports.ts";
import {
  classesSchema,
  globSchema,
  type JsonSchema,
  reservedStepIds,
  rowsSchema,
  stepFieldSchemas,
  stepIdPattern,
  tableFileSchema,
  workflowFieldSchemas,
} from "./field-schemas.ts";

/** The whole language for editors: every field with its description, default and unit, `with` by the step's kind. */
export function buildWorkflowSchema(catalog: StepCatalog): JsonSchema {
  const kinds = [...catalog.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://tomoflow.dev/workflow.schema.json",
    title: "tomoflow workflow",
    description: "An experiment: tomograms, classes and the steps that find the classes in the tomograms.",
    ...fileSchema({
      classes: allowExpressions(classesSchema),
      tomograms: {
        description: "The table of tomograms: rows, the path of a .csv, .tsv or .xlsx file, or a glob.",
        anyOf: [rowsSchema, tableFileSchema, globSchema].map(allowExpressions),
      },
      steps: { ...stepsSchema, additionalProperties: { $ref: "#/$defs/step" } },
    }),
    $defs: {
      step: editorStepSchema(kinds),
      ...Object.fromEntries(kinds.map((kind) => [`with-${kind.name}`, editorWithSchema(kind)])),
    },
  };
}

/** The outermost fields; `tables` gives the schemas of `classes`, `tomograms` and `steps`. */
export const fileSchema = (tables: {
  readonly classes: JsonSchema;
  readonly tomograms: JsonSchema;
  readonly steps: JsonSchema;
}): JsonSchema => ({
  type: "object",
  required: ["version", "tomograms", "steps"],
  properties: { ...workflowFieldSchemas, ...tables },
  patternProperties: { "^x-": { description: "Anything, e.g. YAML anchors to use elsewhere in the file." } },
  additionalProperties: false,
});

/** `steps:` without what is inside of each step. */
export const stepsSchema: JsonSchema = {
  type: "object",
  description: "The steps by id; the order in the file does not matter.",
  minProperties: 1,
  propertyNames: {
    pattern: stepIdPattern,
    "x-pattern": "an id of letters, digits, _ and - (it becomes a folder name)",
    not: { enum: reservedStepIds },
  },
};

/** One step without what is inside of `with`. */
export const stepSchema: JsonSchema = {
  type: "object",
  required: ["uses"],
  additionalProperties: false,
  properties: {
    uses: {
      type: "string",
      description: "The kind of step, or the path of a step of your own: ./my-step.mjs.",
    },
    ...stepFieldSchemas,
    with: { type: "object", description: "The parameters of the step." },
  },
};

/**
 * The schema with a string such as `${params.epochs}` allowed wherever it wants something else.
 * Descriptions, defaults and units stay outermost, where editors look for them.
 */
export function allowExpressions(schema: JsonSchema): JsonSchema {
  if (schema.type === "object") return allowExpressionsInside(schema);
  if (schema.type === "array") return oneOrExpression(allowExpressionsInside(schema));
  if (schema.type === "string" && !schema.pattern && !schema.enum) return schema;
  if (schema.const !== undefined && schema.type === undefined) return schema;
  if (schema.type === undefined && !schema.anyOf && !schema.oneOf && !schema.enum) return schema;
  return oneOrExpression(withOpenBranches(schema));
}

/** Expressions inside the lists and maps of a union; with them more than one branch may fit, so `oneOf` becomes `anyOf`. */
function withOpenBranches(schema: JsonSchema): JsonSchema {
  const { oneOf, anyOf = oneOf, ...rest } = schema;
  return Array.isArray(anyOf) ? { ...rest, anyOf: anyOf.map(allowExpressionsInside) } : schema;
}

const annotations = ["description", "default", "title", "examples"];

function oneOrExpression(schema: JsonSchema): JsonSchema {
  const isNote = (key: string) => annotations.includes(key) || key.startsWith("x-");
  const entries = Object.entries(schema);
  return {
    ...Object.fromEntries(entries.filter(([key]) => isNote(key))),
    anyOf: [
      Object.fromEntries(entries.filter(([key]) => !isNote(key))),
      { type: "string", pattern: "\\$\\{.+\\}" },
    ],
  };
}

function allowExpressionsInside(schema: JsonSchema): JsonSchema {
  const changed: Record<string, unknown> = { ...schema };
  for (const key of ["properties", "patternProperties"])
    if (schema[key])
      changed[key] = Object.fromEntries(
        Object.entries(schema[key] as Record<string, JsonSchema>).map(([name, inner]) => [
          name,
          allowExpressions(inner),
        ]),
      );
  for (const key of ["items", "additionalProperties"])
    if (typeof schema[key] === "object") changed[key] = allowExpressions(schema[key] as JsonSchema);
  return changed;
}

function editorStepSchema(kinds: readonly StepDescription[]): JsonSchema {
  const fields = Object.entries(stepFieldSchemas).map(([name, schema]) => [
    name,
    allowExpressions(tellingUnitAndDefault(schema)),
  ]);
  return {
    type: "object",
    description: "One step.",
    required: ["uses"],
    additionalProperties: false,
    properties: {
      uses: {
        description: "The kind of step, or the path of a step of your own: ./my-step.mjs.",
        anyOf: [
          ...kinds.map(({ name, summary }) => ({ const: name, description: summary })),
          { type: "string", pattern: "^\\.{0,2}/", description: "A step of your own." },
        ],
      },
      ...Object.fromEntries(fields),
      with: { type: "object", description: "The parameters of the step." },
    },
    allOf: kinds.map((kind) => ({
      if: { properties: { uses: { const: kind.name } }, required: ["uses"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        properties: { with: { $ref: `#/$defs/with-${kind.name}` } },
        ...((kind.parameters.required?.length ?? 0) > 0 && { required: ["with"] }),
      },
    })),
  };
}

function editorWithSchema(kind: StepDescription): JsonSchema {
  const properties = Object.entries(kind.parameters.properties).map(([name, schema]) => [
    name,
    allowExpressions(tellingUnitAndDefault(schema)),
  ]);
  const { inputs, open } = possiblePorts(kind);
  return {
    ...kind.parameters,
    description: `Parameters of ${kind.name}: ${kind.summary}`,
    properties: { ...Object.fromEntries(properties), ...Object.fromEntries(inputs.map(portEntry)) },
    additionalProperties: open
      ? { type: "string", description: "The file of an input declared above." }
      : false,
  };
}

const portEntry = ({ name, description, required }: InputPort) => [
  name,
  {
    type: "string",
    description: `${asSentence(description)} Default: the column ${name}${required ? "" : ", if there is one"}.`,
  },
];

/** Editors show the description alone when the mouse rests on a field. */
function tellingUnitAndDefault(schema: JsonSchema): JsonSchema {
  const { description = "", default: value, "x-unit": unit } = schema;
  const isPlain = value !== undefined && value !== "" && typeof value !== "object";
  const isTold = /\bdefault\b/i.test(String(description));
  const words = [unit ? ` Unit: ${unit}.` : "", isPlain && !isTold ? ` Default: ${value}.` : ""].join("");
  return words ? { ...schema, description: asSentence(String(description)) + words } : schema;
}

const asSentence = (text: string): string => text.replace(/[.\s]*$/, ".");
