import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { evaluateObjects } from "../../../src/objects/evaluation/evaluate-objects.ts";
import { readThresholds, thresholdsDocument } from "../../../src/objects/evaluation/thresholds.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const at = (label: number, x: number, clusterSize: number) => ({ label, x, y: 5, z: 5, clusterSize });

/** Class 1: right at sizes 90, 60, 20, wrong at 40 and 10. Class 2: all wrong. Class 3: missed. */
const truth = [10, 30, 50].map((x) => at(1, x, 0)).concat([at(2, 70, 0), at(3, 90, 0)]);
const detections = [
  at(1, 10, 90),
  at(1, 30, 60),
  at(1, 200, 40),
  at(1, 50, 20),
  at(1, 300, 10),
  at(2, 400, 7),
];

const names = new Map([[1, "ribosome"]]);

const tuned = async (beta: number) =>
  thresholdsDocument(
    await evaluateObjects([{ id: "t", truth, detections }], {
      rule: { type: "distance", distance: 2 },
      beta,
      rankBy: "size",
    }),
    { beta, names },
  );

test("the best F-beta of each class, its threshold halfway to what is left out", async () => {
  // F1: 2 of 2 right of 3: 0.8; 3 of 4: 6/7 = 0.857 at size 20, 10 is left out
  assert.deepEqual(await tuned(1), {
    tomoflow: "thresholds",
    beta: 1,
    classes: { 1: { name: "ribosome", rankBy: "size", threshold: 15, fbeta: 0.857143 } },
  });
  // precision counts: F0.25 of 2 of 2 is 17/(16·1+1·3+…): 0.9714, of 3 of 4 is 0.7612
  const precise = (await tuned(0.25)).classes["1"]!;
  assert.deepEqual([precise.threshold, precise.fbeta], [50, 0.971429]);
});

test("detections without size or score give no thresholds", async () => {
  const plain = [{ id: "t", truth, detections: [{ label: 1, x: 10, y: 5, z: 5 }] }];
  const evaluation = await evaluateObjects(plain, { rule: { type: "distance", distance: 2 }, beta: 1 });
  assert.deepEqual(thresholdsDocument(evaluation, { beta: 1, names }).classes, {});
});

test("what is written is read; sizes and scores apart", async (context) => {
  const path = join(await temporaryFolder(context), "thresholds.json");
  const score = { rankBy: "score", threshold: 0.4, fbeta: 1 };
  const document = await tuned(1);
  await writeFile(path, JSON.stringify({ ...document, classes: { ...document.classes, 2: score } }));
  assert.deepEqual(await readThresholds(path), { minSize: { 1: 15 }, minScore: { 2: 0.4 } });
});

test("another file, or none, is told", async (context) => {
  const path = join(await temporaryFolder(context), "metrics.json");
  await assert.rejects(readThresholds(path), { code: "file-missing" });
  const wrong = [
    "",
    "[]",
    JSON.stringify({ macro: { f1: 1 } }),
    JSON.stringify({ tomoflow: "thresholds", classes: { a: { rankBy: "size", threshold: 1 } } }),
    JSON.stringify({ tomoflow: "thresholds", classes: { 1: { rankBy: "size", threshold: "1" } } }),
    JSON.stringify({ tomoflow: "thresholds", classes: { 1: { rankBy: "mass", threshold: 1 } } }),
  ];
  for (const text of wrong) {
    await writeFile(path, text);
    await assert.rejects(readThresholds(path), {
      code: "thresholds-unreadable",
      message: `${path} holds no thresholds of \`evaluate\``,
    });
  }
});
