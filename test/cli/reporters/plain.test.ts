import assert from "node:assert/strict";
import { test } from "node:test";
import { createReporter } from "../../../src/cli/reporters/reporter.ts";
import { runEnded, runStarted, taskEnded, taskProgress, taskStarted } from "./events.ts";

test("plain lines: progress at most every five seconds and at the end, metrics beside it", async () => {
  let now = 0;
  const lines: string[] = [];
  const write = (text: string) => lines.push(...text.split("\n"));

  const { sink, finish } = await createReporter("plain", { metricsPorts: new Map(), now: () => now, write });
  sink(runStarted);
  sink(taskEnded("target@t0", "fresh"));
  sink(taskStarted("target@t1"));
  sink(taskEnded("target@t1", "done"));
  sink(taskStarted("train"));
  sink({ type: "task-engine", task: "train", name: "onnx (CPU)" });
  sink({ type: "task-metrics", task: "train", values: { loss: 0.5 } });
  for (let epoch = 1; epoch <= 10; epoch++) {
    now += 1000;
    sink(taskProgress("train", epoch, 10));
  }
  now += 5000;
  sink({ ...taskProgress("train", 11, 20), detail: "epoch 2/2, loss 0.400" });
  sink({ type: "task-log", task: "train", text: "memory 1.2 GB" });
  sink(taskEnded("train", "failed", { error: { code: "x", message: "no memory left" } }));
  sink(runEnded("failed", { fresh: 1, done: 1, failed: 1 }));
  await finish();

  assert.deepEqual(lines, [
    "[    0.0 s] small: 3 tasks: 1 fresh, 2 to run",
    "[    0.0 s] target@t1 started: new row t1",
    "[    0.0 s] target@t1 done in 12 s",
    "[    0.0 s] train started: waits for target@t1",
    "[    0.0 s] train uses onnx (CPU)",
    "[    1.0 s] train 1/10 epochs  2.0 s/epoch  eta 18 s  loss 0.500",
    "[    6.0 s] train 6/10 epochs  2.0 s/epoch  eta 8.0 s  loss 0.500",
    "[   10.0 s] train 10/10 epochs  2.0 s/epoch  loss 0.500",
    "[   15.0 s] train 11/20 epochs  2.0 s/epoch  eta 18 s  epoch 2/2, loss 0.400",
    "[   15.0 s] train | memory 1.2 GB",
    "[   15.0 s] train failed in 12 s: no memory left",
    "✖ train: no memory left",
    "✖ failed after 24 s: 1 run, 1 fresh, 1 failed",
    "  results  results/small",
    "  slowest  target@t1 12 s",
  ]);
});

test("json: every event is a line, nothing else is", async () => {
  const events = [runStarted, taskStarted("train"), runEnded("done", { done: 1 })];
  const lines: string[] = [];
  const write = (text: string) => lines.push(...text.split("\n"));

  const { sink, finish } = await createReporter("json", { metricsPorts: new Map(), now: () => 0, write });
  for (const event of events) sink(event);
  await finish();

  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    JSON.parse(JSON.stringify(events)),
  );
});
