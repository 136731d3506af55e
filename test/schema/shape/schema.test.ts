import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { buildWorkflowSchema } from "../../../src/schema/shape/schema.ts";
import { isMap } from "../../../src/schema/text/data-path.ts";
import { stepKinds } from "../../../src/steps/catalog.ts";
import { toyCatalog } from "../../support/toy-kinds.ts";
import { goodWorkflow } from "../../support/workflow-folder.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/** Strict: an unknown keyword or a keyword that cannot apply is an error. */
const strictAjv = () =>
  new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    keywords: ["x-unit", "x-file", "x-holds", "x-folder", "x-labels", "x-affects-result", "x-pattern"],
  });

test("the schema for editors that is shipped is up to date: node --import tsx scripts/generate-schema.ts", () => {
  const shipped = JSON.parse(readFileSync(join(root, "src/schema/workflow.schema.json"), "utf8"));
  assert.deepEqual(shipped, JSON.parse(JSON.stringify(buildWorkflowSchema(stepKinds))));
});

test("it is a valid JSON Schema, strictly, and takes good workflows", () => {
  const validate = strictAjv().compile(buildWorkflowSchema(toyCatalog));
  const variants = [
    goodWorkflow,
    goodWorkflow.replace("patchSize: 56", 'patchSize: "${params.p}"'),
    goodWorkflow.replace("strategy: spheres", 'objects: "${row.picks}", size: [1, 2, "${params.z}"]'),
    goodWorkflow.replace(/tomograms:\n(?: {2}- .*\n)+/, "tomograms: rows.csv\n"),
    goodWorkflow.replace(/tomograms:\n(?: {2}- .*\n)+/, "tomograms: {glob: data/*.mrc, split: test}\n"),
    goodWorkflow.replace("uses: train", "uses: ./mine.mjs"),
  ];
  for (const text of variants) assert.ok(validate(parse(text)), `${text}${JSON.stringify(validate.errors)}`);
});

test("it refuses what is wrong, also inside with", () => {
  const validate = strictAjv().compile(buildWorkflowSchema(toyCatalog));
  const wrong: readonly [string, string][] = [
    ["patchSize: 56", "patchSize: 42"],
    ["patchSize: 56", "patchsize: 56"],
    ["uses: train", "uses: trian"],
    ['{weights: "${train.weights}"}', "{}"],
    ["version: 1", "version: 2"],
    ["name: chlamy", "nmae: chlamy"],
    ["  train:", "  params:"],
  ];
  for (const [good, bad] of wrong) assert.equal(validate(parse(goodWorkflow.replace(good, bad))), false, bad);
});

test("every field that can be written has a description", () => {
  const bare: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (!isMap(schema)) return;
    for (const [name, inner] of Object.entries(isMap(schema.properties) ? schema.properties : {})) {
      if (path.includes("/if")) continue;
      if (isMap(inner) && typeof inner.description !== "string" && inner.$ref === undefined)
        bare.push(`${path}/${name}`);
      visit(inner, `${path}/${name}`);
    }
    for (const key of ["items", "additionalProperties", "$defs"])
      for (const [name, inner] of Object.entries(
        key === "$defs" && isMap(schema.$defs) ? schema.$defs : { [key]: schema[key] },
      ))
        visit(inner, `${path}/${name}`);
    for (const key of ["anyOf", "oneOf"])
      for (const inner of Array.isArray(schema[key]) ? schema[key] : []) visit(inner, path);
  };
  visit(buildWorkflowSchema(stepKinds), "");
  assert.deepEqual(bare, []);
});

test("the parameters of every built-in kind are strict JSON Schema, and their defaults fit it", () => {
  assert.ok(stepKinds.size >= 1);
  for (const kind of stepKinds.values()) {
    assert.ok(strictAjv().validateSchema(kind.parameters), kind.name);
    for (const [name, schema] of Object.entries(kind.parameters.properties)) {
      const validate = strictAjv().compile(schema);
      if (schema.default !== undefined)
        assert.ok(validate(schema.default), `${kind.name}.${name}: ${JSON.stringify(validate.errors)}`);
    }
  }
});

test("a default and a unit can be seen where an editor looks for them", () => {
  const schema = JSON.parse(JSON.stringify(buildWorkflowSchema(toyCatalog)));
  const { patchSize } = schema.$defs["with-train"].properties;
  assert.equal(patchSize.default, 56);
  assert.equal(patchSize.description, "Side of a patch. Default: 56.");
  assert.deepEqual(patchSize.anyOf[0], { type: "integer", minimum: 8, multipleOf: 4 });
  assert.equal(schema.$defs["with-target"].properties.radii.description, "Radius by label. Unit: voxels.");
  assert.equal(
    schema.$defs["with-target"].properties.initial.description,
    "The initial. Default: the column initial, if there is one.",
  );
  assert.deepEqual(schema.$defs.step.allOf[1].if.properties.uses, { const: "evaluate" });
});
