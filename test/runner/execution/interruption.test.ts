import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { RunEvent } from "../../../src/runner/index.ts";
import { startToyHead } from "../../support/toy-head-process.ts";
import { type ToyProject, toyProject } from "../../support/toy-project.ts";

const training = (pauseAt: number, epochs = 5) => ({
  "a.txt": "one\n",
  "workflow.yaml": `
version: 1
name: school
tomograms: [{id: a, text: a.txt}]
steps:
  learn: {uses: learn, from: tomograms, with: {pauseAt: ${pauseAt}, epochs: ${epochs}}}
  shout: {uses: shout, from: tomograms, with: {text: "\${learn.model}"}}
`,
});
const model = "results/school/learn/model.txt";
const undisturbed = "[21,63,189,567,1701]";
const atEpoch = (epoch: number) => (event: RunEvent) =>
  event.type === "task-progress" && event.done === epoch;

const foundEpochs = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === "task-log" && /^found/.test(event.text) ? event.text : []));

async function finishes(project: ToyProject, found: string): Promise<void> {
  const run = await project.run();
  assert.equal(run.summary.outcome, "done");
  assert.deepEqual(foundEpochs(run.events), [found]);
  assert.equal(await project.read(model), undisturbed);
  assert.equal((await project.run()).summary.counts.fresh, 2);
}

test("an interruption lets the task write its checkpoint, and the next run goes on from it", async (context) => {
  const project = await toyProject(context, training(3));
  const stop = new AbortController();
  const run = await project.run({
    signal: stop.signal,
    sink: (event) => {
      if (atEpoch(3)(event)) stop.abort();
    },
  });
  assert.equal(run.summary.outcome, "interrupted");
  assert.deepEqual(run.outcomes, { learn: "interrupted", "shout@a": "skipped" });
  assert.match(await project.why("learn"), /the last attempt was interrupted/);
  await finishes(project, "found 3 epochs");
});

test("the second Ctrl-C kills", async (context) => {
  const project = await toyProject(context, training(2));
  const kill = new AbortController();
  const run = await project.run({
    kill: kill.signal,
    sink: (event) => {
      if (atEpoch(2)(event)) kill.abort();
    },
  });
  assert.equal(run.summary.outcome, "interrupted");
  await finishes(project, "found 2 epochs");
});

test("a run stopped before it starts does nothing", async (context) => {
  const project = await toyProject(context, training(0));
  const run = await project.run({ signal: AbortSignal.abort() });
  assert.equal(run.summary.outcome, "interrupted");
  assert.equal(run.summary.counts.skipped, 2);
});

test("a killed head leaves no worker behind, and the next run goes on from the checkpoint", async (context) => {
  const project = await toyProject(context, training(4));
  const head = startToyHead(project.folder);
  await head.event(atEpoch(4));
  head.child.kill("SIGKILL");
  await head.ended;
  await finishes(project, "found 4 epochs");
});

test("a killed worker fails its task, and the next run goes on from the checkpoint", async (context) => {
  const project = await toyProject(context, training(2));
  const head = startToyHead(project.folder);
  await head.event(atEpoch(2));
  const leases = `${project.folder}/.tomoflow/leases`;
  const lineage = readdirSync(leases)[0];
  const holder = readFileSync(`${leases}/${lineage}/${readdirSync(`${leases}/${lineage}`)[0]}`, "utf8");
  process.kill(JSON.parse(holder).worker.pid, "SIGKILL");
  const ended = await head.event(({ type }) => type === "run-ended");
  assert.equal(ended.type === "run-ended" && ended.outcome, "failed");
  await finishes(project, "found 2 epochs");
});

test("more epochs go on from the finished run", async (context) => {
  const project = await toyProject(context, training(0, 3));
  await project.run();
  assert.equal(await project.read(model), "[21,63,189]");
  await project.write("workflow.yaml", training(0, 5)["workflow.yaml"]);
  assert.equal(await project.why("learn"), "run: learn.epochs 3 → 5");
  const run = await project.run();
  assert.deepEqual(foundEpochs(run.events), ["found 3 epochs"]);
  assert.equal(await project.read(model), undisturbed);
});

test("Ctrl-C, which reaches the head and its workers, interrupts cleanly", async (context) => {
  const project = await toyProject(context, training(3));
  const head = startToyHead(project.folder);
  await head.event(atEpoch(3));
  process.kill(-head.child.pid!, "SIGINT");
  const ended = await head.event(({ type }) => type === "run-ended");
  assert.equal(ended.type === "run-ended" && ended.outcome, "interrupted");
  await finishes(project, "found 3 epochs");
});

test("a second run waits for the task at work and takes its result", async (context) => {
  const project = await toyProject(context, training(2));
  const head = startToyHead(project.folder);
  await head.event(atEpoch(2));
  let waited = "";
  const run = await project.run({
    sink: (event) => {
      if (event.type !== "task-log" || !event.text.startsWith("waits for")) return;
      waited = event.text;
      head.child.kill("SIGINT");
    },
  });
  assert.match(waited, new RegExp(`^waits for learn, at work in process ${head.child.pid} on `));
  assert.equal(run.summary.outcome, "done");
  assert.deepEqual(foundEpochs(run.events), ["found 2 epochs"]);
  await head.ended;
});
