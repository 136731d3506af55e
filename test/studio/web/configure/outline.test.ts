import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { compareLines } from "../../../../src/studio/web/configure/compare-lines.ts";
import {
  mistakesAt,
  mistakesElsewhere,
  mistakesInFiles,
} from "../../../../src/studio/web/configure/mistakes.ts";
import {
  expressionsFor,
  freeLabel,
  freeStepId,
  newStep,
  stepsOf,
} from "../../../../src/studio/web/configure/outline.ts";
import {
  fieldMistakes,
  operationFor,
  valuesOf,
} from "../../../../src/studio/web/configure/sections/field-values.ts";

const data = parse(`
params: {epochs: 5}
steps:
  target: {uses: target, where: {split: [train, valid], id: t1}}
  train: {uses: train, from: target, enabled: false, with: {epochs: "\${params.epochs}", seed: "\${row.n}"}}
  segment: {uses: segment, with: {weights: ["\${train.best}", "\${ train.weights }"]}}
  odd: 7
`);

test("the outline tells kind, table, rows and what parameters read, and takes any text", () => {
  assert.deepEqual(stepsOf(data), [
    {
      id: "target",
      uses: "target",
      from: "tomograms",
      where: "split train, valid; id t1",
      reads: [],
      enabled: true,
    },
    { id: "train", uses: "train", from: "target", where: "", reads: [], enabled: false },
    { id: "segment", uses: "segment", from: "tomograms", where: "", reads: ["train"], enabled: true },
    { id: "odd", uses: "", from: "tomograms", where: "", reads: [], enabled: true },
  ]);
  for (const value of [undefined, null, [], "steps", { steps: [] }]) assert.deepEqual(stepsOf(value), []);
});

test("a new step gets a free name and what it most likely needs", () => {
  assert.equal(freeStepId("cluster", ["cluster", "cluster-2"]), "cluster-3");
  assert.equal(freeStepId("./my step.mjs", []), "my-step");
  assert.equal(freeLabel(["1", "2", "4"]), 3);
  assert.deepEqual(newStep("segment", stepsOf(data)), {
    uses: "segment",
    with: { weights: "${train.best}" },
  });
  assert.deepEqual(newStep("cluster", stepsOf(data)), { uses: "cluster", from: "segment" });
});

test("expressions that are offered are params and the outputs of other steps", () => {
  const outputsOf = (uses: string) => (uses === "train" ? ["best"] : uses === "segment" ? ["labels"] : []);
  assert.deepEqual(expressionsFor(data, { step: "segment", outputsOf }), [
    "${params.epochs}",
    "${train.best}",
  ]);
});

const mistake = (path: readonly (string | number)[] | undefined, file = "w.yaml") => ({
  code: "c",
  severity: "error" as const,
  message: `at ${path?.join(".")}`,
  file,
  ...(path && { path }),
});

test("mistakes belong to the innermost field that shows them", () => {
  const all = [
    mistake(["steps", "train", "with", "filters", 1]),
    mistake(["tomograms", 2, "objects"]),
    mistake([]),
    mistake(undefined, "t1.xml"),
  ];
  assert.deepEqual(fieldMistakes(all, ["steps", "train", "with"])("filters").errors, [
    "at steps.train.with.filters.1",
  ]);
  assert.deepEqual(fieldMistakes(all, ["steps", "train", "with"])("filter").errors, []);
  assert.equal(mistakesAt(all, ["tomograms", 2]).length, 1);
  assert.equal(mistakesAt(all, ["tomograms", 1]).length, 0);
  assert.equal(mistakesElsewhere(all).length, 2);
  assert.deepEqual(
    mistakesInFiles(all).map(({ file }) => file),
    ["t1.xml"],
  );
});

test("fields whose names lead deeper are read, set and taken out there", () => {
  const step = { resources: { cpus: 2 } };
  const fields = [{ name: "resources.cpus" }, { name: "retries" }] as never;
  assert.deepEqual(valuesOf(step, fields), { "resources.cpus": 2, retries: undefined });
  assert.deepEqual(operationFor(step, ["steps", "a"], { name: "resources.gpu", value: 1 }), [
    { type: "set", path: ["steps", "a", "resources", "gpu"], value: 1 },
  ]);
  assert.deepEqual(operationFor(step, ["steps", "a"], { name: "resources.cpus", value: undefined }), [
    { type: "remove", path: ["steps", "a", "resources", "cpus"] },
  ]);
  assert.deepEqual(operationFor(step, ["steps", "a"], { name: "retries", value: undefined }), []);
});

test("two texts are shown beside each other, changed lines in one row", () => {
  assert.deepEqual(compareLines("a\nb\nc", "a\nx\nc\nd"), [
    { mine: "a", theirs: "a", isSame: true },
    { mine: "b", theirs: "x", isSame: false },
    { mine: "c", theirs: "c", isSame: true },
    { theirs: "d", isSame: false },
  ]);
});
