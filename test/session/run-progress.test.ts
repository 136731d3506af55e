import assert from "node:assert/strict";
import { test } from "node:test";
import { stepLines } from "../../src/cli/reporters/live-text.ts";
import type { PlannedTask } from "../../src/runner/events.ts";
import {
  recordEvent,
  startProgress,
  stepEtaSeconds,
  stepHasBegun,
  stepIsOver,
} from "../../src/session/run-progress.ts";
import { plannedTasks, taskEnded, taskProgress, taskStarted } from "../cli/reporters/events.ts";

const rows = (number: number): PlannedTask[] =>
  Array.from({ length: number }, (_, index) => {
    const row = `t${String(index).padStart(3, "0")}`;
    return { id: `segment@${row}`, step: "segment", row, state: "run", reasons: [] };
  });

test("a step begins with its first task and is over with its last", () => {
  const progress = startProgress("small", plannedTasks);
  const [target, train] = progress.steps;
  assert.deepEqual([stepHasBegun(target), stepIsOver(target)], [false, false]);
  recordEvent(progress, taskStarted("target@t1"), 1000);
  assert.deepEqual([stepHasBegun(target), stepIsOver(target)], [true, false]);
  recordEvent(progress, taskEnded("target@t1", "done"), 2000);
  assert.deepEqual([stepHasBegun(target), stepIsOver(target)], [true, true]);
  assert.deepEqual([stepHasBegun(train), stepIsOver(train)], [false, false]);
});

test("the lines of a whole-table task: waiting, running with metrics, ended", () => {
  const progress = startProgress("small", plannedTasks);
  const train = progress.steps[1];
  const text = (now: number) => stepLines(train, 6, now);
  assert.equal(text(0), "train   waiting");
  recordEvent(progress, taskStarted("train"), 1000);
  assert.equal(text(4000), "train   running for 3 s");
  recordEvent(progress, taskProgress("train", 5, 10), 5000);
  recordEvent(progress, { type: "task-metrics", task: "train", values: { loss: 0.5 } }, 5000);
  recordEvent(progress, { type: "task-metrics", task: "train", values: { f1: 0.25 } }, 5000);
  recordEvent(progress, { type: "task-engine", task: "train", name: "onnx (CPU)" }, 5000);
  assert.equal(
    text(5000),
    "train   ██████████░░░░░░░░░░  5/10 epochs  2.0 s/epoch  eta 10 s  onnx (CPU)\n  loss 0.500  f1 0.250",
  );
  recordEvent(progress, taskEnded("train", "done"), 9000);
  assert.equal(text(9000), "train   done  12 s  loss 0.500  f1 0.250");
});

test("a failed task shows its message; a second attempt says so", () => {
  const progress = startProgress("small", plannedTasks);
  recordEvent(progress, taskStarted("train", 2), 0);
  assert.match(stepLines(progress.steps[1], 5, 0), /attempt 2$/);
  recordEvent(progress, taskEnded("train", "failed", { error: { code: "x", message: "no memory" } }), 0);
  assert.equal(stepLines(progress.steps[1], 5, 0), "train  no memory");
});

test("hundreds of rows stay readable", () => {
  const progress = startProgress("large", rows(400));
  const [segment] = progress.steps;
  assert.equal(stepLines(segment, 7, 0), "segment  400 tasks waiting");
  for (const { id } of rows(20)) recordEvent(progress, taskStarted(id), 0);
  for (const { id } of rows(10)) recordEvent(progress, taskEnded(id, "done"), 0);
  const lines = stepLines(segment, 7, 0).split("\n");
  assert.equal(lines.length, 8);
  assert.match(lines[0], /10\/400 tomograms {2}eta/);
  assert.equal(lines[7], "  and 4 more running");
  for (const { id } of rows(20).slice(10))
    recordEvent(progress, taskEnded(id, "failed", { error: { code: "x", message: "bad" } }), 0);
  const failed = stepLines(segment, 7, 0).split("\n");
  assert.deepEqual(failed.slice(1), ["  t010  bad", "  t011  bad", "  t012  bad", "  and 7 more failed"]);
});

test("the time left of a step follows from what ended and how many run at a time", () => {
  const progress = startProgress("large", rows(10));
  const [segment] = progress.steps;
  for (const { id } of rows(4)) recordEvent(progress, taskStarted(id), 0);
  assert.equal(stepEtaSeconds(segment, 0), undefined);
  for (const { id } of rows(2)) recordEvent(progress, taskEnded(id, "done", { seconds: 10 }), 0);
  // 2 have just begun and 6 wait: 8 tasks of 10 s, two at a time
  assert.equal(stepEtaSeconds(segment, 0), 40);
  assert.equal(stepEtaSeconds(segment, 5000), 35);
  for (const { id } of rows(10).slice(4)) recordEvent(progress, taskEnded(id, "done", { seconds: 10 }), 5000);
  assert.equal(stepEtaSeconds(segment, 7000), 3);
  // longer than the others: nobody knows
  assert.equal(stepEtaSeconds(segment, 12_000), undefined);
  assert.match(stepLines(segment, 7, 12_000), /8\/10 tomograms\n {2}t002 {2}running for 12 s/);
});

test("events of tasks outside the plan change nothing", () => {
  const progress = startProgress("small", plannedTasks);
  const before = JSON.stringify(progress.steps);
  recordEvent(progress, taskStarted("other"), 0);
  assert.equal(JSON.stringify(progress.steps), before);
});
