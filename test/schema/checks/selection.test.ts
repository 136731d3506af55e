import assert from "node:assert/strict";
import { test } from "node:test";
import { loadText } from "../../support/workflow-folder.ts";

/** A workflow of rows with `fields`, whose steps are as in `steps`. */
const workflow = (rows: readonly string[], steps: string) => `version: 1
name: rows
classes: {1: {name: ribosome, radius: 10}}
tomograms:
${rows.map((fields, index) => `  - {id: t${index}, tomogram: data/t${index}.mrc, objects: data/t${index}.xml${fields && `, ${fields}`}}\n`).join("")}steps:
${steps}`;

const files = Object.fromEntries(
  Array.from({ length: 8 }, (_, index) => [`data/t${index}.mrc`, `data/t${index}.xml`]).flatMap((pair) =>
    pair.map((name) => [name, ""]),
  ),
);

const target = (where: string) => `  target: {uses: target, where: ${where}}\n`;

const told = async (context: Parameters<typeof loadText>[0], text: string) =>
  (await loadText(context, text, { files })).result.diagnostics.map(
    ({ severity, message, hint, location }) =>
      `${location?.line} ${severity}: ${message}${hint === undefined ? "" : ` | ${hint}`}`,
  );

test("a slip in a value that where compares is said, with what was meant, also where other steps take the row", async (context) => {
  const slips = ["split: trian", "split: Train", 'split: "train "', "split: tr ain"];
  const rows = ["split: train", "split: valid", ...slips];
  // the row is used: only its part in the training is lost
  const all = `${target("{split: [train, valid]}")}  every: {uses: target}\n`;
  for (const steps of [target("{split: [train, valid]}"), all])
    assert.deepEqual(await told(context, workflow(rows, steps)), [
      "7 warning: row t2 has the split trian, which no step's where takes | did you mean train?",
      "8 warning: row t3 has the split Train, which no step's where takes | did you mean train?",
      '9 warning: row t4 has the split "train ", which no step\'s where takes | did you mean train?',
      "10 warning: row t5 has the split tr ain, which no step's where takes | did you mean train?",
    ]);
});

test("numbers: 1 and its text are one value; 01 and 1.0 as text are slips; another number is none", async (context) => {
  const rows = ["fold: 1", 'fold: "1"', "fold: 1.0", 'fold: "01"', 'fold: "1.0"', "fold: 2"];
  const steps = `${target("{fold: 1}")}  every: {uses: target}\n`;
  assert.deepEqual(await told(context, workflow(rows, steps)), [
    "8 warning: row t3 has the fold 01, which no step's where takes | did you mean 1?",
    "9 warning: row t4 has the fold 1.0, which no step's where takes | did you mean 1?",
  ]);
});

test("names that differ in their numbers, short ones and other words are no slips", async (context) => {
  const rows = ["set: grid1, kind: a", "set: grid2, kind: b", "set: grid11, kind: c", "set: other, kind: d"];
  const steps = `${target("{set: grid1, kind: a}")}  every: {uses: target}\n`;
  assert.deepEqual(await told(context, workflow(rows, steps)), []);
});

test("a row that no step takes is said, with why; rows of one value together", async (context) => {
  const rows = ["split: train", "split: test", "split: test", "", "split: null", "split: valid, fold: 2"];
  assert.deepEqual(await told(context, workflow(rows, target("{split: [train, valid], fold: [null, 1]}"))), [
    "6 warning: rows t1, t2 are used by no step: the split is test | the steps take split train, valid; write split: unused where this is meant",
    "8 warning: rows t3, t4 are used by no step: no split is given | the steps take split train, valid; write split: unused where this is meant",
    "10 warning: row t5 is used by no step: the fold is 2 | the steps take fold null, 1; write fold: unused where this is meant",
    "12 warning: no row has fold 1 | fold is 2",
  ]);
});

test("a row may be left out on purpose, and a step that is switched off counts", async (context) => {
  const rows = [
    "split: train",
    "split: valid",
    "split: unused",
    "split: None",
    "split: ignore",
    "split: test",
  ];
  const steps = `${target("{split: [train, valid]}")}  later: {uses: target, where: {split: test}, enabled: false}\n`;
  assert.deepEqual(await told(context, workflow(rows, steps)), []);
});

test("a where that no row fits says what was meant, blanks and capitals too; the rows are not told again", async (context) => {
  const rows = ['split: "Train "', "split: valid"];
  assert.deepEqual(await told(context, workflow(rows, target("{split: [train, valid]}"))), [
    '5 warning: row t0 is used by no step: the split is "Train " | the steps take split train, valid; write split: unused where this is meant',
    '8 warning: no row has split train | did you mean "Train "?',
  ]);
});

test("rows that a step divides by their split, and does not use, are said", async (context) => {
  const rows = [
    "split: train",
    "split: valid",
    "split: test",
    "split: training",
    "split: hold-out",
    "",
    "split: none",
  ];
  const steps = `  target: {uses: target}
  train: {uses: train, from: target, with: {patchSize: 56}}
`;
  assert.deepEqual(await told(context, workflow(rows, steps)), [
    "8 warning: row t3 has the split training, so train does not use it | train takes train and valid; write split: test, or unused, where this is meant",
    "9 warning: row t4 has the split hold-out, so train does not use it | train takes train and valid; write split: test, or unused, where this is meant",
    "10 warning: row t5 has no split, so train does not use it | train takes train and valid; write split: test, or unused, where this is meant",
  ]);
});
