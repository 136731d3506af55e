import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createSummary } from "../../../src/cli/reporters/summary.ts";
import type { RunEvent } from "../../../src/runner/events.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { runEnded, taskEnded } from "./events.ts";

async function summaryOf(
  events: readonly RunEvent[],
  metricsPorts: [string, string[]][] = [],
  width?: number,
): Promise<string> {
  const summary = createSummary({ metricsPorts: new Map(metricsPorts), width });
  for (const event of events) summary.record(event);
  return summary.text();
}

async function metricsFile(context: TestContext, content: string): Promise<string> {
  const path = join(await temporaryFolder(context), "metrics.json");
  await writeFile(path, content);
  return path;
}

test("nothing to do is one line", async () => {
  const text = await summaryOf([taskEnded("target@t0", "fresh"), runEnded("done", { fresh: 1 })]);
  assert.equal(text, "✔ everything is fresh (1 task, 24 s)");
});

test("a run that never began has no summary", async () => assert.equal(await summaryOf([]), ""));

test("a run that ended well names results, scores and what took long", async (context) => {
  const metrics = await metricsFile(
    context,
    '{"macro": {"f1": 0.9312, "tp": 3}, "localization": {"f1": 0.96}, "classes": {"1": {"f1": 1}}, "distance": 3}',
  );
  const text = await summaryOf(
    [
      taskEnded("segment@t1", "done", { seconds: 3 }),
      taskEnded("train", "done", { seconds: 200 }),
      taskEnded("evaluate", "done", { seconds: 0.1, outputs: { metrics } }),
      runEnded("done", { done: 3 }),
    ],
    [["evaluate", ["metrics"]]],
  );
  assert.deepEqual(text.split("\n"), [
    "✔ done in 24 s: 3 run",
    "  results   results/small",
    "  evaluate  macro.f1 0.931  localization.f1 0.960  1.f1 1",
    "  slowest   train 3 min 20 s, segment@t1 3.0 s",
  ]);
});

test("a line wider than the terminal goes on below its values, none of them cut", async (context) => {
  const classes = Object.fromEntries([1, 2, 3].map((label) => [label, { name: `class${label}`, f1: 0.5 }]));
  const metrics = await metricsFile(context, JSON.stringify({ macro: { f1: 0.5 }, classes }));
  const events = [
    taskEnded("evaluate", "done", { seconds: 0.1, outputs: { metrics } }),
    runEnded("done", { done: 1 }),
  ];
  const text = await summaryOf(events, [["evaluate", ["metrics"]]], 42);
  assert.deepEqual(text.split("\n").slice(2), [
    "  evaluate  macro.f1 0.500",
    "            class1.f1 0.500",
    "            class2.f1 0.500",
    "            class3.f1 0.500",
  ]);
});

test("a metrics file that cannot be read is not shown, and breaks nothing", async (context) => {
  const metrics = await metricsFile(context, "{");
  const text = await summaryOf(
    [taskEnded("evaluate", "done", { seconds: 0, outputs: { metrics } }), runEnded("done", { done: 1 })],
    [["evaluate", ["metrics"]]],
  );
  assert.deepEqual(text.split("\n"), ["✔ done in 24 s: 1 run", "  results  results/small"]);
});

test("failures come with advice and log, and many are counted", async () => {
  const failed = (row: number) =>
    taskEnded(`segment@t${row}`, "failed", {
      error: { code: "mrc-truncated", message: "t.mrc is cut short", hint: "copy it again" },
      logFile: join(process.cwd(), `.tomoflow/logs/t${row}.log`),
    });
  const text = await summaryOf([
    ...Array.from({ length: 7 }, (_, row) => failed(row)),
    runEnded("failed", { failed: 7 }),
  ]);
  const lines = text.split("\n");
  assert.deepEqual(lines.slice(0, 3), [
    "✖ segment@t0: t.mrc is cut short",
    "    hint: copy it again",
    "    log:  .tomoflow/logs/t0.log",
  ]);
  assert.equal(lines[15], "and 2 more failed");
  assert.equal(lines[16], "✖ failed after 24 s: 7 failed");
});

test("a tainted result is reported", async () => {
  const text = await summaryOf([
    taskEnded("train", "tainted", { detail: "data/t0.mrc changed while it ran" }),
    runEnded("done", { tainted: 1 }),
  ]);
  assert.match(
    text,
    /^! train: data\/t0\.mrc changed while it ran; the result is kept but will be made again\n/,
  );
});
