import assert from "node:assert/strict";
import { test } from "node:test";
import { createReporter } from "../../../src/cli/reporters/reporter.ts";
import { watchResources } from "../../../src/cli/reporters/resource-use.ts";
import type { RunEvent } from "../../../src/runner/events.ts";
import { runStarted, taskEnded, taskStarted } from "./events.ts";

const started = (task: string, resources: { cores: number; memoryBytes: number; gpus: string[] }) =>
  ({ ...taskStarted(task), resources }) as RunEvent;
const onMachine = {
  ...runStarted,
  machine: { cores: 8, memoryBytes: 57e9, gpus: ["0", "1", "2", "3"] },
} as RunEvent;
const train = started("train", { cores: 4, memoryBytes: 16e9, gpus: ["1"] });
const target = started("target@t1", { cores: 1, memoryBytes: 2e9, gpus: [] });

test("what tasks at work have reserved is summed, until they end", () => {
  const { record, text } = watchResources();
  record(onMachine);
  assert.equal(text(), undefined);
  record(target);
  assert.equal(text(), "1 task at work: reserved 1 of 8 cores, 2.0 GB of 57 GB");
  record(train);
  assert.equal(text(), "2 tasks at work: reserved 5 of 8 cores, 18 GB of 57 GB, GPU 1 (of 4)");
  record(taskEnded("target@t1", "done"));
  assert.equal(text(), "1 task at work: reserved 4 of 8 cores, 16 GB of 57 GB, GPU 1 (of 4)");
  record(taskEnded("train", "failed"));
  assert.equal(text(), undefined);
});

test("what tasks at work really take is told beside it, as far as it is measured", () => {
  const { record, text } = watchResources();
  const use = (task: string, cores: number, memoryBytes: number) =>
    record({ type: "task-use", task, use: { cores, memoryBytes } });
  for (const event of [onMachine, target, train]) record(event);
  use("train", 3.71, 2.1e9);
  assert.equal(
    text(),
    "2 tasks at work: reserved 5 of 8 cores, 18 GB of 57 GB, GPU 1 (of 4); using 3.7 cores, 2.1 GB",
  );
  use("target@t1", 0.9, 3e8);
  assert.match(text()!, /; using 4\.6 cores, 2\.4 GB$/);
  record(taskEnded("train", "done"));
  assert.match(text()!, /; using 0\.9 cores, 300 MB$/);
});

test("plain lines tell of the use when a task starts, at most every five seconds", async () => {
  let now = 0;
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  const { sink } = await createReporter("plain", { metricsPorts: new Map(), now: () => now, write });
  sink(onMachine);
  sink(target);
  now = 6000;
  sink(train);
  now = 7000;
  sink(started("cluster@t1", { cores: 1, memoryBytes: 1e9, gpus: [] }));
  assert.deepEqual(
    lines.filter((line) => line.includes("at work")),
    ["[    6.0 s] 2 tasks at work: reserved 5 of 8 cores, 18 GB of 57 GB, GPU 1 (of 4)"],
  );
});
