import assert from "node:assert/strict";
import { test } from "node:test";
import { toyProject } from "../../support/toy-project.ts";

const training = (more: string) => ({
  "a.txt": "one\n",
  "workflow.yaml": `
version: 1
name: school
tomograms: [{id: a, text: a.txt}]
steps:
  learn: {uses: learn, with: {pauseAt: 2}${more}}
`,
});

test("a task that takes too long stops at a safe point, fails with its limit, and goes on the next time", async (context) => {
  const project = await toyProject(context, training(", resources: {time: 3s}"));
  const run = await project.run();
  assert.equal(run.summary.outcome, "failed");
  const end = run.events.find((event) => event.type === "task-ended");
  assert.equal(end?.error?.code, "time-limit");
  assert.equal(end?.error?.message, "learn took longer than its time limit, 3 s");
  assert.match(end?.error?.hint ?? "", /raise `time` in the resources of step learn.*checkpoint/);
  assert.match(await project.why("learn"), /the last attempt failed: learn took longer/);
  const next = await project.run();
  assert.equal(next.summary.outcome, "done");
  assert.ok(next.events.some((event) => event.type === "task-log" && event.text === "found 2 epochs"));
});

test("a retry is another chance with the time limit, from the checkpoint on", async (context) => {
  const project = await toyProject(context, training(", resources: {time: 3s}, retries: 1"));
  const run = await project.run({ retryDelaySeconds: () => 0 });
  assert.equal(run.summary.outcome, "done");
  const retrying = run.events.filter((event) => event.type === "task-retrying");
  assert.deepEqual(
    retrying.map(({ error }) => error.code),
    ["time-limit"],
  );
});

test("a task that does not listen is killed", async (context) => {
  const project = await toyProject(context, {
    "a.txt": "one\n",
    "workflow.yaml": `
version: 1
name: deaf
tomograms: [{id: a, text: a.txt}]
steps:
  walk: {uses: stumble, with: {how: deaf}, resources: {time: 1s}}
`,
  });
  const run = await project.run();
  const end = run.events.find((event) => event.type === "task-ended");
  assert.equal(end?.error?.code, "time-limit");
});
