import assert from "node:assert/strict";
import { test } from "node:test";
import {
  metricsText,
  outcomesText,
  progressBar,
  progressText,
} from "../../../src/cli/reporters/progress-text.ts";

const progress = { type: "task-progress", task: "train", total: 100, unit: "epoch" } as const;

test("a bar has one width at every fraction, in eighths of a cell", () => {
  assert.equal(progressBar(0, 4), "░░░░");
  assert.equal(progressBar(1, 4), "████");
  assert.equal(progressBar(0.5, 4), "██░░");
  assert.equal(progressBar(17 / 32, 4), "██▏░");
  assert.equal(progressBar(2, 4), "████");
  assert.equal(progressBar(-1, 4), "░░░░");
  for (let step = 0; step <= 100; step++) assert.equal([...progressBar(step / 100)].length, 20);
});

test("progress names amount, pace, time left and detail", () => {
  assert.equal(progressText({ ...progress, done: 34 }), "34/100 epochs");
  assert.equal(
    progressText({ ...progress, done: 34, ratePerSecond: 0.25, etaSeconds: 264, detail: "best 31" }),
    "34/100 epochs  4.0 s/epoch  eta 4 min 24 s  best 31",
  );
  assert.equal(progressText({ ...progress, done: 100, etaSeconds: 0 }), "100/100 epochs");
  assert.equal(progressText({ ...progress, done: 1, total: 1 }), "1/1 epoch");
});

test("fast work is counted a second, slow work in seconds each", () => {
  assert.match(progressText({ ...progress, done: 5, ratePerSecond: 12.4 }), / {2}12\/s$/);
  assert.match(progressText({ ...progress, done: 5, ratePerSecond: 1.5 }), / {2}1\.5\/s$/);
  assert.match(
    progressText({ ...progress, unit: "patch", done: 5, ratePerSecond: 0.1 }),
    /patches {2}10 s\/patch$/,
  );
});

test("metrics beyond the limit are counted", () => {
  assert.equal(metricsText({ loss: 0.5, "f1.ribosome": 0.93456 }), "loss 0.500  f1.ribosome 0.935");
  assert.equal(metricsText({ a: 1, b: 2, c: 3 }, 2), "a 1  b 2  +1");
  assert.equal(metricsText({}), "");
});

test("outcomes that did not occur are left out", () => {
  const none = { fresh: 0, restored: 0, done: 0, tainted: 0, failed: 0, interrupted: 0, skipped: 0 };
  assert.equal(outcomesText({ ...none, done: 3, fresh: 2, failed: 1 }), "3 run, 2 fresh, 1 failed");
  assert.equal(outcomesText(none), "0 tasks");
});
