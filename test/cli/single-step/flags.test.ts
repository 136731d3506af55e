import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import { addFlags, flagsOf, parseFlagValue } from "../../../src/cli/single-step/flags.ts";
import type { ParameterSchema } from "../../../src/schema/step-description.ts";
import { flagName } from "../../../src/session/single-step/flag-name.ts";
import type { StepKind } from "../../../src/steps/step-kind.ts";

const schema = (fields: Record<string, unknown>): ParameterSchema => ({ description: "A value.", ...fields });

test("camel case becomes kebab case", () =>
  assert.deepEqual(["patchSize", "labels", "useCTFModel"].map(flagName), [
    "patch-size",
    "labels",
    "use-c-t-f-model",
  ]));

test("values are read as their schema's types", () => {
  const read = (fields: Record<string, unknown>, text: string) => parseFlagValue(schema(fields), text);
  assert.equal(read({ type: "number" }, "0.5"), 0.5);
  assert.equal(read({ type: "integer" }, "56"), 56);
  assert.equal(read({ type: "string" }, "56"), "56");
  assert.equal(read({ type: "string" }, "a,b"), "a,b");
  assert.deepEqual(read({ type: "array" }, "64,128,130"), [64, 128, 130]);
  assert.deepEqual(read({ type: "array" }, "[64, 128]"), [64, 128]);
  assert.deepEqual(read({ type: "array" }, "a.h5"), ["a.h5"]);
  const lengths = { oneOf: [{ type: "integer" }, { type: "array" }] };
  assert.equal(read(lengths, "64"), 64);
  assert.deepEqual(read(lengths, "32,64,64"), [32, 64, 64]);
  assert.deepEqual(read({ anyOf: [{ type: "number" }, { type: "object" }] }, "1=10,2=6.5"), {
    1: 10,
    2: 6.5,
  });
  assert.deepEqual(read({ anyOf: [{ type: "number" }, { type: "object" }] }, "{1: 10}"), { 1: 10 });
  assert.equal(read({ anyOf: [{ type: "number" }, { type: "object" }] }, "7"), 7);
  assert.equal(read({ anyOf: [{ const: "auto" }, { type: "integer" }] }, "auto"), "auto");
  assert.equal(read({ anyOf: [{ const: "auto" }, { type: "integer" }] }, "25"), 25);
  assert.deepEqual(read({ type: ["string", "array"] }, "a.h5,b.h5"), ["a.h5", "b.h5"]);
  assert.equal(read({ type: ["string", "array"] }, "a.h5"), "a.h5");
});

test("a text that fits no type stays a text, for the schema to refuse", () => {
  assert.equal(parseFlagValue(schema({ type: "number" }), "ten"), "ten");
  assert.equal(parseFlagValue(schema({ type: "number" }), "{1: "), "{1: ");
});

const kind: StepKind = {
  name: "toy",
  version: 1,
  summary: "Turns a volume.",
  scope: "row",
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      radius: { description: "Size of the ball.", type: "number", default: 5, "x-unit": "voxels" },
      perClass: { description: "Each class alone.", type: "boolean", default: true },
      scores: { description: "Write scores.", type: "boolean", default: false },
      sizes: { description: "By class.", type: ["number", "object"] },
      numbers: { description: "Which labels.", type: "array", items: { type: "integer" } },
      weights: { description: "Weights to start from.", type: "string", "x-file": true },
    },
  },
  ports: ({ scores }) => ({
    inputs: [{ name: "labels", required: true, description: "Label map." }],
    outputs: [
      { name: "weights", file: "weights.h5", description: "New weights." },
      ...(scores ? [{ name: "scores", file: "scores.h5", description: "Scores." }] : []),
    ],
    columns: [],
    classFields: [],
  }),
  run: async () => {},
};

test("inputs and parameters keep their names; an output of the same name gets a prefix", () => {
  const flags = flagsOf(kind);
  assert.deepEqual([...flags.inputs.keys()], ["labels"]);
  assert.deepEqual(
    [...flags.parameters.keys()],
    ["radius", "per-class", "scores", "sizes", "numbers", "weights"],
  );
  assert.deepEqual([...flags.outputs.keys()], ["out-weights", "out-scores"]);
  assert.equal(flags.parameters.get("per-class")?.name, "perClass");
});

test("help lists files and parameters with units and defaults, and of a switch the side that changes something", () => {
  const command = new Command("toy");
  addFlags(command, flagsOf(kind));
  const help = command.helpInformation();
  assert.match(help, /Input files:\n {2}--labels <file> +Label map\. \(required\)/);
  assert.match(help, /--radius <voxels> +Size of the ball\. \(.*default:\s+5\)/s);
  assert.match(help, /--no-per-class +Turns off: Each class alone\.\n/);
  assert.doesNotMatch(help, /--per-class /);
  assert.match(help, /--scores \[true\|false\] +Write scores\. \(default: false\)/);
  assert.doesNotMatch(help, /--no-scores/);
  assert.match(help, /--out-weights <file> +New weights\. \(default: weights\.h5\)/);
});

const given = (...words: string[]) => {
  const command = new Command("toy").exitOverride().configureOutput({ writeErr: () => {} });
  addFlags(command, flagsOf(kind));
  return command.parse(words, { from: "user" }).opts();
};

test("a flag is given once, and a class has one value: none is dropped without a word", () => {
  assert.equal(given("--radius", "-5").radius, "-5");
  assert.throws(() => given("--radius", "5", "--radius", "6"), /'6' is invalid\. It was given before, as 5/);
  assert.throws(() => given("--labels", "a.mrc", "--labels", "b.mrc"), /It was given before, as a\.mrc/);
  assert.throws(() => given("--out-weights", "a.h5", "--out-weights", "b.h5"), /given before/);
  assert.equal(given("--sizes", "1=10,2=6").sizes, "1=10,2=6");
  assert.throws(() => given("--sizes", "1=10,2=6,1=7"), /It has two values for 1\./);
});

test("a switch takes true and false, the pair with and without no-, and nothing else", () => {
  assert.equal(given("--per-class", "false").perClass, false);
  assert.equal(given("--per-class=false").perClass, false);
  assert.equal(given("--no-per-class").perClass, false);
  assert.equal(given("--scores", "--labels", "a.mrc").scores, true);
  assert.equal(given("--scores", "true").scores, true);
  assert.equal(given("--labels", "a.mrc").scores, undefined);
  assert.throws(() => given("--scores", "yes"), /Write --scores or --no-scores, or give it true or false/);
});
