import assert from "node:assert/strict";
import { test } from "node:test";
import { diskWatcher } from "../../../src/runner/watch/index.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";
import { toyWatch } from "../../support/toy-watch.ts";

const fresh = { "shout@b": "fresh", "measure@b": "fresh" };
const isWaiting = ({ type }: { type: string }) => type === "watch-waiting";

test("runs at once, then again for a change of an input, of the workflow, and not for a touch", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const watch = toyWatch(context, project);
  assert.equal(Object.values(await watch.nextRun()).join(), "done,done,done,done,done");

  await watch.edit("data/a.txt", "two\n");
  const again = { "shout@a": "done", "measure@a": "done", join: "done", ...fresh };
  assert.deepEqual(await watch.nextRun(), again);
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "TWO!1:10\n");

  await watch.edit("workflow.yaml", shoutFiles["workflow.yaml"].replace("data/b.txt", "data/a.txt"));
  assert.deepEqual((await watch.nextRun())["shout@b"], "restored");

  await watch.edit("data/a.txt", "two\n");
  assert.deepEqual(new Set(Object.values(await watch.nextRun())), new Set(["fresh"]));
  await watch.next(isWaiting);
  assert.equal(await watch.stop(), "done");
});

const stumbling = (text: string, how = "throw") => ({
  "bad.txt": text,
  "good.txt": "fine\n",
  "workflow.yaml": `
version: 1
name: falls
tomograms: [{id: bad, text: bad.txt}, {id: good, text: good.txt}]
steps:
  walk: {uses: stumble, from: tomograms, with: {how: ${how}}}
  shout: {uses: shout, from: walk, with: {text: "\${row.out}"}}
`,
});

test("a task that failed is not started again until something about it is new", async (context) => {
  const project = await toyProject(context, stumbling("oh no\n"));
  const watch = toyWatch(context, project);
  const first = await watch.nextRun();
  assert.deepEqual(first, {
    "walk@bad": "failed",
    "walk@good": "done",
    "shout@bad": "skipped",
    "shout@good": "done",
  });

  await watch.edit("good.txt", "fine \n");
  const second = await watch.nextRun();
  assert.equal(second["walk@bad"], "skipped");
  assert.equal(second["walk@good"], "done");
  const ended = watch.told.filter((event) => event.type === "task-ended" && event.task === "walk@bad").at(-1);
  assert.match(
    (ended?.type === "task-ended" && ended.detail) || "",
    /^failed before, .*: the toy is broken \(tomoflow run/,
  );

  await watch.edit("bad.txt", "oh dear\n");
  assert.equal((await watch.nextRun())["walk@bad"], "failed", "other content: another try");
  await watch.edit("bad.txt", "oh no\n");
  assert.equal((await watch.nextRun())["walk@bad"], "skipped", "as at first");
  await watch.edit("bad.txt", "fine\n");
  assert.equal((await watch.nextRun())["walk@bad"], "restored", "the other row's result serves");
  const starts = watch.told.filter((event) => event.type === "task-started" && event.task === "walk@bad");
  assert.equal(starts.length, 2);
});

test("a change during a run stops the task that it makes stale, and no other", async (context) => {
  const project = await toyProject(context, {
    ...stumbling("one\n", "wait"),
    "good.txt": "two\n",
  });
  const watch = toyWatch(context, project);
  // both rows are at work, until they are stopped
  const atWork = new Set<string>();
  await watch.next((event) => {
    if (event.type === "task-progress") atWork.add(event.task);
    return atWork.size === 2;
  });
  await watch.edit("bad.txt", "fine\n");
  assert.deepEqual(await watch.next(({ type }) => type === "watch-stopping"), {
    type: "watch-stopping",
    tasks: ["walk@bad"],
  });
  const stopped = await watch.next(({ type }) => type === "task-ended");
  assert.deepEqual(stopped.type === "task-ended" && [stopped.task, stopped.outcome], [
    "walk@bad",
    "interrupted",
  ]);

  await watch.edit("good.txt", " fine\n");
  const ends = await watch.nextRun();
  assert.equal(ends["walk@good"], "interrupted");
  const last = await watch.nextRun();
  assert.deepEqual([last["walk@bad"], last["walk@good"]], ["done", "done"]);
});

test("a change of the workflow during a run stops what it words differently, also what has not begun", async (context) => {
  const files = stumbling("one\n", "wait");
  const project = await toyProject(context, files);
  const watch = toyWatch(context, project, { jobs: 1 });
  await watch.next((event) => event.type === "task-progress" && event.task === "walk@bad");
  await watch.edit("workflow.yaml", files["workflow.yaml"].replace("how: wait", "how: throw"));
  const first = await watch.nextRun();
  assert.equal(first["walk@bad"], "interrupted");
  assert.equal(first["walk@good"], "interrupted", "would have run with the old parameter");
  const second = await watch.nextRun();
  assert.equal(second["walk@bad"], "failed");
  assert.equal(second["walk@good"], "done");
});

test("a workflow that is wrong is told once, and runs when it is right, or its files are there", async (context) => {
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": "version: 1\n" });
  const watch = toyWatch(context, project);
  const wrong = await watch.next(({ type }) => type === "watch-wrong");
  assert.ok(wrong.type === "watch-wrong" && wrong.diagnostics.length > 0);
  await watch.edit("workflow.yaml", shoutFiles["workflow.yaml"].replace("data/b.txt", "data/c.txt"));
  const missing = await watch.next(({ type }) => type === "watch-wrong");
  assert.match((missing.type === "watch-wrong" && missing.diagnostics[0]?.message) || "", /data\/c\.txt/);
  // nobody tells of this file, since nobody knew where to look
  await project.write("data/c.txt", "three\n");
  const started = watch.next(({ type }) => type === "run-started");
  await watch.clock.advance(2000);
  await started;
  assert.equal(Object.values(await watch.nextRun()).join(), "done,done,done,done,done");
  assert.equal(watch.told.filter(({ type }) => type === "watch-wrong").length, 2);
});

test("a conflict in the lock is waited out", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.write("workflow.lock.yaml", "<<<<<<< ours\n");
  const watch = toyWatch(context, project);
  const wrong = await watch.next(({ type }) => type === "watch-wrong");
  assert.equal(wrong.type === "watch-wrong" && wrong.diagnostics[0]?.code, "lock-conflict");
  await project.remove("workflow.lock.yaml");
  const run = watch.nextRun();
  await watch.clock.advance(2000);
  assert.equal((await run).join, "done");
});

const ownStep = (word: string) => `
export default {
  name: "own", version: 1, summary: "A step.", scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({
    inputs: [{ name: "text", required: true, description: "Text." }],
    outputs: [{ name: "said", file: "said.txt", description: "What it said." }],
    columns: [], classFields: [],
  }),
  async run({ outputs }) {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(outputs.said, "${word}");
  },
};
`;

test("a change of a user's own step module runs it as it is now", async (context) => {
  const project = await toyProject(context, {
    "a.txt": "one\n",
    "own.mjs": ownStep("first"),
    "workflow.yaml": `
version: 1
name: own
tomograms: [{id: a, text: a.txt}]
steps:
  speak: {uses: ./own.mjs, from: tomograms}
`,
  });
  const watch = toyWatch(context, project);
  assert.deepEqual(await watch.nextRun(), { "speak@a": "done" });
  await watch.edit("own.mjs", ownStep("second"));
  assert.deepEqual(await watch.nextRun(), { "speak@a": "done" });
  assert.equal(await project.read("results/own/speak/a/said.txt"), "second");
});

test("on the real disk: an input written anew, a new row of a glob, an edited workflow", async (context) => {
  const yaml = `
version: 1
name: toy
tomograms: {glob: data/*.txt, column: text}
steps:
  shout: {uses: shout, from: tomograms}
`;
  const project = await toyProject(context, { "data/a.txt": "one\n", "workflow.yaml": yaml });
  const watch = toyWatch(context, project, { startWatcher: diskWatcher() });
  assert.deepEqual(await watch.nextRun(), { "shout@a": "done" });
  await watch.edit("data/a.txt", "two\n");
  assert.deepEqual(await watch.nextRun(), { "shout@a": "done" });
  await watch.edit("data/b.txt", "three\n");
  assert.deepEqual(await watch.nextRun(), { "shout@a": "fresh", "shout@b": "done" });
  await watch.edit("workflow.yaml", yaml.replace("from: tomograms", 'from: tomograms, with: {suffix: "?"}'));
  assert.deepEqual(await watch.nextRun(), { "shout@a": "done", "shout@b": "done" });
  assert.equal(await project.read("results/toy/shout/b/loud.txt"), "THREE?\n");
});
