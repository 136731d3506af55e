import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { listTemplates, textOfTemplate } from "../../../../src/session/workflow-templates.ts";
import { stepKinds } from "../../../../src/steps/catalog.ts";
import type { FieldForm } from "../../../../src/studio/protocol/forms.ts";
import { groupedKinds } from "../../../../src/studio/server/editing/field-groups.ts";
import { answerForms } from "../../../../src/studio/server/editing/forms.ts";
import { repositoryRoot } from "../../../support/source-tree.ts";

const folder = join(repositoryRoot, "examples/external-program");
const answer = await answerForms({ uses: ["./compress.mjs", "./none.mjs", "train"], folder });
const kindOf = (uses: string) => answer.kinds.find((kind) => kind.uses === uses)!;
const fieldOf = (uses: string, name: string): FieldForm =>
  kindOf(uses)
    .groups.flatMap(({ fields }) => fields)
    .find((field) => field.name === name)!;

test("every parameter of every kind is in one group, in a form", () => {
  assert.deepEqual([...groupedKinds()].sort(), [...stepKinds.keys()].sort());
  for (const kind of stepKinds.values()) {
    const fields = kindOf(kind.name).groups.flatMap((group) => group.fields.map(({ name }) => name));
    assert.deepEqual(fields.sort(), Object.keys(kind.parameters.properties).sort());
  }
});

test("a field has its label, unit, default, help and what it may be", () => {
  assert.deepEqual(fieldOf("train", "patchSize"), {
    name: "patchSize",
    label: "Patch size",
    description: stepKinds.get("train")!.parameters.properties.patchSize!.description,
    unit: "voxels",
    default: "56",
    allowed: "a whole number of at least 8",
    required: false,
    control: { type: "number" },
  });
  assert.deepEqual(fieldOf("train", "batchSize").suggestions, ["auto"]);
  assert.equal(fieldOf("train", "filters").default, "32, 48, 64");
  assert.equal(fieldOf("segment", "weights").required, true);
});

test("controls follow from the schema", () => {
  const control = (uses: string, name: string) => fieldOf(uses, name).control;
  assert.deepEqual(control("target", "strategy"), { type: "choice", choices: ["spheres", "shapes"] });
  assert.deepEqual(control("train", "bootstrap"), { type: "switch" });
  assert.deepEqual(control("train", "directRead"), { type: "choice", choices: ["auto", "true", "false"] });
  assert.deepEqual(control("train", "batchSize"), { type: "number" });
  assert.deepEqual(control("train", "filters"), { type: "list" });
  assert.deepEqual(control("target", "size"), { type: "list", names: ["z", "y", "x"] });
  assert.deepEqual(control("segment", "weights"), { type: "file" });
  assert.deepEqual(control("segment", "bias"), {
    type: "by-label",
    single: false,
    background: true,
    isFile: false,
  });
  assert.deepEqual(control("target", "masks"), {
    type: "by-label",
    single: false,
    background: false,
    isFile: true,
  });
  assert.deepEqual(control("simulate", "counts"), {
    type: "by-label",
    single: true,
    background: false,
    isFile: false,
  });
  assert.deepEqual(control("simulate", "snr"), { type: "number" });
  assert.deepEqual(control("command", "run"), { type: "lines" });
  assert.deepEqual(control("command", "outputs"), { type: "pairs" });
});

test("a kind of the user's own has a form too, and one that cannot be loaded says why", () => {
  const own = kindOf("./compress.mjs");
  assert.deepEqual([own.label, own.isOwn], ["Compress", true]);
  assert.deepEqual(
    own.groups.map(({ title }) => title),
    ["Parameters"],
  );
  assert.match(answer.faults["./none.mjs"]!, /none\.mjs does not exist/);
});

test("inputs, outputs and the fields of a step and a workflow", () => {
  const segment = kindOf("segment");
  assert.deepEqual(
    segment.outputs.map(({ name, file }) => [name, file]),
    [
      ["labels", "labels.mrc"],
      ["scores", "scores.h5"],
      ["binned", "labels_binned.mrc"],
    ],
  );
  assert.deepEqual(
    segment.inputs.map(({ name, required }) => [name, required]),
    [
      ["tomogram", true],
      ["mask", false],
    ],
  );
  assert.ok(answer.stepFields.some(({ name }) => name === "resources.gpu"));
  assert.ok(answer.workflowFields.some(({ name }) => name === "cache.link"));
});

test("templates are the starter and the ready workflows, named after the new file", async () => {
  const names = (await listTemplates()).map(({ name }) => name);
  assert.equal(names[0], "starter");
  assert.ok(names.indexOf("deepfinder") < names.indexOf("active-learning"));
  for (const name of names) {
    const text = await textOfTemplate(name, "/data/project/chlamy.yaml");
    assert.match(text, /^name: "chlamy"/m);
    assert.match(text, /\$schema=\S*workflow\.schema\.json/);
  }
  await assert.rejects(textOfTemplate("none", "/data/a.yaml"), { code: "unknown-template" });
});
