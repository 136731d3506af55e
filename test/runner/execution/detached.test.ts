import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { RunEvent } from "../../../src/runner/index.ts";
import { layoutOf } from "../../../src/runner/store/layout.ts";
import { detachedExecutor } from "../../support/detached-executor.ts";
import { startToyHead } from "../../support/toy-head-process.ts";
import { shoutFiles, type ToyProject, toyProject } from "../../support/toy-project.ts";

const detached = { executors: { detached: detachedExecutor }, executorOf: () => "detached" };

/** `pausing`: the step counts two epochs and waits, the first time. */
const training = (context: TestContext, more = "", pauseAt = 2): Promise<ToyProject> =>
  toyProject(context, {
    "a.txt": "one\n",
    "workflow.yaml": `
version: 1
name: school
tomograms: [{id: a, text: a.txt}]
steps:
  learn: {uses: learn, with: {pauseAt: ${pauseAt}}${more}}
`,
  });

const openGate = ({ folder }: ToyProject): Promise<void> => writeFile(join(folder, "gate"), "");

const attemptsOf = async (project: ToyProject): Promise<readonly string[]> =>
  readdir(layoutOf(await project.load()).attempts);

const typesOf = (events: readonly RunEvent[]): readonly string[] => [
  ...new Set(events.map(({ type }) => type).filter((type) => /queued|started|ended/.test(type))),
];

test("jobs that outlive the head give what those of this machine give, and leave nothing", async (context) => {
  const [project, local] = [await toyProject(context, shoutFiles), await toyProject(context, shoutFiles)];
  await openGate(project);
  const run = await project.run(detached);
  assert.equal(run.summary.outcome, "done");
  await local.run();
  const texts = ["results/toy/join/all.txt", "results/toy/measure/b/length.txt"];
  for (const path of texts) assert.equal(await project.read(path), await local.read(path));
  assert.deepEqual(typesOf(run.events), [
    "run-started",
    "task-queued",
    "task-started",
    "task-ended",
    "run-ended",
  ]);
  const engine = run.events.find((event) => event.type === "task-engine");
  assert.equal(engine?.name, "toy (CPU)");
  assert.ok(run.events.some((event) => event.type === "task-log" && event.text === "shouting ONE"));
  assert.deepEqual(await attemptsOf(project), []);
  assert.deepEqual((await project.plan()).counts.fresh, 5);
});

test("a head that is killed is followed by one that goes on with the same job", async (context) => {
  const project = await training(context);
  await openGate(project);
  const head = startToyHead(project.folder, "detached");
  await head.event((event) => event.type === "task-progress" && event.done === 2);
  head.child.kill("SIGKILL");
  await head.ended;
  const [attempt] = await attemptsOf(project);
  assert.match(attempt!, /^learn-[0-9a-f]{12}-/);
  const next = startToyHead(project.folder, "detached");
  await next.event((event) => event.type === "task-progress" && event.done === 2);
  assert.deepEqual(await attemptsOf(project), [attempt]);
  // stopped at its safe point, by the second head; the third goes on from the checkpoint
  process.kill(next.child.pid!, "SIGINT");
  const end = await next.event((event) => event.type === "task-ended");
  assert.equal(end.type === "task-ended" && end.outcome, "interrupted");
  await next.ended;
  assert.ok(!next.events.some(({ type }) => type === "task-queued"), "nothing was submitted again");
  assert.deepEqual(await attemptsOf(project), []);
  const last = await project.run(detached);
  assert.equal(last.summary.outcome, "done");
  assert.ok(last.events.some((event) => event.type === "task-log" && event.text === "found 2 epochs"));
});

/** A training whose head is killed once it is queued, and which then goes to its end. */
async function trainedUnwatched(context: TestContext): Promise<ToyProject> {
  const project = await training(context, "", 0);
  const head = startToyHead(project.folder, "detached");
  const queued = await head.event((event) => event.type === "task-queued");
  head.child.kill("SIGKILL");
  await head.ended;
  await openGate(project);
  await gone(Number(queued.type === "task-queued" && queued.job));
  return project;
}

test("a job that ended while no head looked is taken for what it did, with its own time", async (context) => {
  const project = await trainedUnwatched(context);
  const run = await project.run(detached);
  assert.deepEqual(run.outcomes, { learn: "done" });
  assert.ok(!run.events.some(({ type }) => type === "task-queued"));
  const progress = run.events.filter((event) => event.type === "task-progress");
  assert.equal(progress.at(-1)?.done, 5);
  assert.equal((await project.plan()).counts.fresh, 1);
});

test("a head that died while it took the outputs is followed by one that has the work done again", async (context) => {
  const project = await trainedUnwatched(context);
  const [attempt] = await attemptsOf(project);
  await rm(join(layoutOf(await project.load()).attempts, attempt!, "model.txt"));
  const run = await project.run(detached);
  assert.deepEqual(run.outcomes, { learn: "done" });
  assert.equal(run.events.filter(({ type }) => type === "task-queued").length, 1);
  assert.equal((await project.plan()).counts.fresh, 1);
  assert.deepEqual(await attemptsOf(project), []);
});

test("a head that died when an output was in the cache is followed by one that finds it there", async (context) => {
  const project = await trainedUnwatched(context);
  const { attempts, blobs } = layoutOf(await project.load());
  const [attempt] = await attemptsOf(project);
  const output = join(attempts, attempt!, "model.txt");
  const bytes = await readFile(output);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await mkdir(join(blobs, sha256.slice(0, 2)), { recursive: true });
  await rename(output, join(blobs, sha256.slice(0, 2), sha256));
  const note = join(attempts, attempt!, ".job", "taken-model.json");
  await writeFile(note, JSON.stringify({ sha256, size: bytes.length }));
  const run = await project.run(detached);
  assert.deepEqual(run.outcomes, { learn: "done" });
  assert.ok(!run.events.some(({ type }) => type === "task-queued"), "nothing was done again");
  assert.equal((await project.plan()).counts.fresh, 1);
});

test("what was written down and never submitted is submitted once", async (context) => {
  const project = await training(context, "", 0);
  await openGate(project);
  const head = startToyHead(project.folder, "dying");
  await head.ended;
  const [attempt] = await attemptsOf(project);
  assert.ok(attempt, "the intent is on the disk");
  const run = await project.run(detached);
  assert.deepEqual(run.outcomes, { learn: "done" });
  const queued = run.events.filter(({ type }) => type === "task-queued");
  assert.equal(queued.length, 1);
  assert.deepEqual(await attemptsOf(project), []);
});

test("a job at a result that nobody wants any more is ended, and another submitted", async (context) => {
  const project = await training(context);
  await openGate(project);
  const head = startToyHead(project.folder, "detached");
  const queued = await head.event((event) => event.type === "task-queued");
  await head.event((event) => event.type === "task-progress" && event.done === 2);
  head.child.kill("SIGKILL");
  await head.ended;
  await project.write("a.txt", "two\n");
  const stop = new AbortController();
  const run = await project.run({
    ...detached,
    signal: stop.signal,
    sink(event) {
      if (event.type === "task-progress" && event.done === 2) stop.abort();
    },
  });
  await gone(Number(queued.type === "task-queued" && queued.job));
  assert.deepEqual(typesOf(run.events).includes("task-queued"), true);
  assert.deepEqual(run.outcomes, { learn: "interrupted" });
  assert.deepEqual(await attemptsOf(project), []);
});

test("what waits in a queue is neither at work nor over its time limit", async (context) => {
  const project = await training(context, ", resources: {time: 2s}", 0);
  const started = performance.now();
  let startedAt = 0;
  const run = project.run({
    ...detached,
    sink(event) {
      if (event.type === "task-queued") setTimeout(() => void openGate(project), 3000);
      if (event.type === "task-started") startedAt = performance.now() - started;
    },
  });
  assert.deepEqual((await run).outcomes, { learn: "done" });
  assert.ok(startedAt > 3000, `started after ${startedAt} ms`);
});

test("an interrupted run takes back what still waits", async (context) => {
  const project = await training(context);
  const stop = new AbortController();
  const run = await project.run({
    ...detached,
    signal: stop.signal,
    sink(event) {
      if (event.type === "task-queued") stop.abort();
    },
  });
  assert.deepEqual(run.outcomes, { learn: "interrupted" });
  assert.deepEqual(await attemptsOf(project), []);
});

/** Waits until no process of the group is left. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(-pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
