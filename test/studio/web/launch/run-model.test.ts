import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlannedTask, RecordedEvent, RunRecord } from "../../../../src/studio/protocol/workflow.ts";
import { emptyRun, takeRecords } from "../../../../src/studio/web/launch/run-model.ts";
import {
  countStates,
  etaSeconds,
  showSteps,
  showTasks,
} from "../../../../src/studio/web/launch/task-view.ts";

const start = Date.parse("2026-11-27T10:00:00.000Z");

const task = (id: string, more: Partial<PlannedTask> = {}): PlannedTask => ({
  id,
  step: id.split("@")[0]!,
  ...(id.includes("@") && { row: id.split("@")[1]! }),
  state: "run",
  reasons: [{ code: "new", text: "has not run yet" }],
  ...more,
});

const planned = [
  task("a@1"),
  task("a@2", { lastDurationSeconds: 30 }),
  task("b", { state: "pending", reasons: [{ code: "upstream", text: "waits for 2 tasks of a" }] }),
];

/** Each event a second after the one before. */
const records = (events: readonly object[], first = 1): RunRecord[] =>
  events.map((event, index) => ({
    run: "r",
    number: first + index,
    time: new Date(start + (first + index) * 1000).toISOString(),
    event: event as RecordedEvent,
  }));

const counts = { fresh: 4, restore: 0, run: 2, pending: 1 };
const began = [
  { type: "run-asked", name: "w" },
  { type: "run-started", workflow: "w", path: "w.yaml", tasks: planned, counts },
  { type: "task-started", task: "a@1", step: "a", reasons: [], attempt: 1, logFile: "l" },
  { type: "task-progress", task: "a@1", done: 3, total: 12, unit: "epoch", etaSeconds: 9 },
  { type: "task-metrics", task: "a@1", values: { loss: 2 }, step: 1 },
  { type: "task-metrics", task: "a@1", values: { f1: 0.5 }, step: 1 },
  { type: "task-metrics", task: "a@1", values: { loss: 1 }, step: 2 },
];

test("records make a run; those that are there already change nothing, a gap is told", () => {
  const { model, gap } = takeRecords(emptyRun("r"), records(began));
  assert.equal(gap, false);
  assert.deepEqual([model.last, model.freshCount, model.tasks.get("b")?.status], [7, 4, "waiting"]);
  assert.deepEqual(model.curves.get("a@1"), [
    { step: 1, values: { loss: 2, f1: 0.5 } },
    { step: 2, values: { loss: 1 } },
  ]);
  const again = takeRecords(model, records(began));
  assert.deepEqual(again, { model, gap: false });
  assert.deepEqual(takeRecords(model, records([{ type: "task-log", task: "b", text: "x" }], 8)).model.lines, [
    { number: 8, task: "b", text: "x" },
  ]);
  const missing = takeRecords(model, records([{ type: "task-log", task: "b", text: "x" }], 9));
  assert.deepEqual([missing.gap, missing.model.last], [true, 7], "asked for again from 7 on");
  const other = takeRecords(model, [
    { ...records([{ type: "task-log", task: "b", text: "x" }], 8)[0]!, run: "q" },
  ]);
  assert.equal(other.model.last, 7);
});

test("an attempt that begins again takes its curve back", () => {
  const again = [
    {
      type: "task-retrying",
      task: "a@1",
      attempt: 1,
      attempts: 2,
      seconds: 1,
      error: { code: "c", message: "m" },
    },
    { type: "task-started", task: "a@1", step: "a", reasons: [], attempt: 2, logFile: "l" },
    { type: "task-metrics", task: "a@1", values: { loss: 3 }, step: 1 },
  ];
  const { model } = takeRecords(emptyRun("r"), records([...began, ...again]));
  assert.deepEqual(
    model.curves.get("a@1")?.map(({ step, values }) => [step, values.loss]),
    [[1, 3]],
  );
  assert.deepEqual([model.tasks.get("a@1")?.attempt, model.tasks.get("a@1")?.progress], [2, undefined]);
});

test("a run lies over the plan: states, how far each step is, and reasons that still hold", () => {
  const tasks = [...planned, task("c", { state: "fresh", reasons: [] })];
  const { model } = takeRecords(emptyRun("r"), records(began));
  const shown = showTasks({ tasks }, model);
  assert.deepEqual(
    shown.map(({ id, shown: state }) => [id, state]),
    [
      ["a@1", "running"],
      ["a@2", "waiting"],
      ["b", "waiting"],
      ["c", "fresh"],
    ],
  );
  assert.deepEqual(
    [...countStates(shown)],
    [
      ["running", 1],
      ["fresh", 1],
      ["waiting", 2],
    ],
  );
  const steps = showSteps(
    { steps: ["a", "b", "c"].map((id) => ({ id, kind: id, summary: "", enabled: true, dependsOn: [] })) },
    shown,
  );
  assert.deepEqual(
    steps.map(({ done }) => done),
    [0.125, 0, 1],
  );
  const begun = takeRecords(model, records([{ type: "task-started", task: "b", attempt: 1 }], 8)).model;
  assert.deepEqual(showTasks({ tasks }, begun).find(({ id }) => id === "b")!.reasons, []);
  assert.deepEqual(
    showTasks({ tasks }, null).map(({ shown: state }) => state),
    ["run", "run", "pending", "fresh"],
  );
});

test("the time left is told by the tasks at work and by earlier durations, and not while one of them is unknown", () => {
  const { model } = takeRecords(emptyRun("r"), records(began));
  const now = start + 10_000;
  assert.equal(etaSeconds(showTasks({ tasks: planned }, model), now), undefined, "nothing is known of b");
  const known = [planned[0]!, planned[1]!, { ...planned[2]!, lastDurationSeconds: 5 }];
  assert.equal(etaSeconds(showTasks({ tasks: known }, model), now), 9 + 30 + 5);
  const ended = takeRecords(
    model,
    records(
      [
        { type: "task-ended", task: "a@1", step: "a", outcome: "done", seconds: 12, outputs: {} },
        { type: "task-started", task: "a@2", step: "a", reasons: [], attempt: 1, logFile: "l" },
      ],
      8,
    ),
  ).model;
  // a@2 began at 9 s and takes as long as a@1 did in this run
  assert.equal(etaSeconds(showTasks({ tasks: known }, ended), start + 13_000), 12 - 4 + 5);
  assert.equal(etaSeconds(showTasks({ tasks: known }, null), now), undefined, "nothing is at work");
});

test("a thousand tasks are folded in a moment", () => {
  const many = Array.from({ length: 1000 }, (_, index) => task(`a@${index}`));
  const events = [
    { type: "run-asked", name: "w" },
    { type: "run-started", workflow: "w", path: "w", tasks: many, counts },
    ...many.flatMap(({ id }) => [
      { type: "task-started", task: id, step: "a", reasons: [], attempt: 1, logFile: "l" },
      { type: "task-ended", task: id, step: "a", outcome: "done", seconds: 1, outputs: {} },
    ]),
  ];
  const all = records(events);
  let model = emptyRun("r");
  const from = performance.now();
  for (let at = 0; at < all.length; at += 20) model = takeRecords(model, all.slice(at, at + 20)).model;
  const milliseconds = performance.now() - from;
  assert.equal(countStates(showTasks({ tasks: many }, model)).get("done"), 1000);
  assert.ok(milliseconds < 1000, `${milliseconds} ms for 100 messages`);
});
