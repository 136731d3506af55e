import assert from "node:assert/strict";
import { test } from "node:test";
import { mainMetrics } from "../../../src/cli/reporters/main-metrics.ts";

test("of an evaluation the F1 scores: overall, then of each class by name", () => {
  const scores = { f1: 0.5, precision: 1, tp: 3 };
  const content = {
    macro: { ...scores, f1: 0.9 },
    micro: scores,
    localization: { f1: 0.95 },
    classes: { 1: { name: "ribosome", ...scores }, 2: { f1: 0.25 }, 3: { name: "rod", f1: null } },
    tomograms: { t0: { macro: scores } },
    distance: 3,
  };
  assert.deepEqual(Object.entries(mainMetrics(content)), [
    ["macro.f1", 0.9],
    ["localization.f1", 0.95],
    ["micro.f1", 0.5],
    ["ribosome.f1", 0.5],
    ["2.f1", 0.25],
  ]);
});

test("of a training the mean F1 of its best epoch", () =>
  assert.deepEqual(mainMetrics({ bestEpoch: 3, best: { meanF1: 0.8, loss: 1 } }), { "best.meanF1": 0.8 }));

test("of any other file its top-level numbers, of none nothing", () => {
  assert.deepEqual(mainMetrics({ voxels: 12, name: "x", more: { deep: 1 } }), { voxels: 12 });
  for (const content of [undefined, null, 3, "text", [1, 2]]) assert.deepEqual(mainMetrics(content), {});
});
