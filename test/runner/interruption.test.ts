import assert from "node:assert/strict";
import { readdirSync, readFileSync, watch as watchFolder } from "node:fs";
import { test } from "node:test";
import type { RunEvent } from "../../src/runner/index.ts";
import { startToyHead, type ToyHead } from "../support/toy-head-process.ts";
import { type ToyProject, toyProject } from "../support/toy-project.ts";

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

/** Cuts a run off after so many signs of life; false when it was over before. */
type Cut = (project: ToyProject, head: ToyHead, signs: number) => Promise<boolean>;

const untilEvents = (head: ToyHead, signs: number) =>
  head.event(() => head.events.length >= signs).catch(() => undefined);

/** Between two events: planning, starting, progress, ending. */
const killHead: Cut = async (_project, head, signs) => {
  await untilEvents(head, signs);
  return head.child.kill("SIGKILL");
};

/** Its task fails, unless it has ended; the head lives on. */
const killWorker: Cut = async (project, head, signs) => {
  await untilEvents(head, signs);
  let killed = false;
  for (const { worker } of leaseHolders(project))
    try {
      if (worker) killed = process.kill(worker.pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  return killed;
};

/** Between two changes in the folders: blobs, manifests, working copies, lock, leases, checkpoints. */
const killAtChange: Cut = async (project, head, signs) => {
  let changes = 0;
  const watcher = watchFolder(project.folder, { recursive: true }, () => {
    if (++changes >= signs) head.child.kill("SIGKILL");
  });
  await head.ended;
  watcher.close();
  return head.child.signalCode === "SIGKILL";
};

interface HolderText {
  readonly worker?: { readonly pid: number };
}

function leaseHolders({ folder }: ToyProject): HolderText[] {
  const leases = `${folder}/.tomoflow/leases`;
  try {
    return readdirSync(leases, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(readFileSync(`${leases}/${name}`, "utf8")) as HolderText);
  } catch {
    // leases come and go, and may be read while they are written
    return [];
  }
}

const cuts: Readonly<Record<string, { readonly cut: Cut; readonly most: number }>> = {
  "the head, between two events": { cut: killHead, most: 16 },
  "a worker, between two events": { cut: killWorker, most: 14 },
  "the head, between two changes on the disk": { cut: killAtChange, most: 90 },
};

/** Rounds of each kind of cut: TOMOFLOW_KILLS=200 for a thorough search, at random instants. */
const rounds = Number(process.env.TOMOFLOW_KILLS ?? 4);

for (const [name, { cut, most }] of Object.entries(cuts))
  test(`killed at any instant (${name}), the next run makes exactly what an undisturbed one makes`, async (context) => {
    let killed = 0;
    for (let round = 0; round < rounds; round++) {
      const share = process.env.TOMOFLOW_KILLS ? Math.random() : round / rounds;
      const signs = 1 + Math.floor(share * most);
      const project = await toyProject(context, training(0));
      const head = startToyHead(project.folder);
      if (await cut(project, head, signs)) killed++;
      await head.ended;
      await isTrueAfterCut(project, `round ${round}, cut after ${signs}`);
    }
    assert.ok(killed > 0);
    context.diagnostic(`${killed} of ${rounds} runs were killed`);
  });

async function isTrueAfterCut(project: ToyProject, when: string): Promise<void> {
  const loud = "results/school/shout/a/loud.txt";
  const plan = await project.plan();
  const isFresh = (id: string) => plan.tasks.some((task) => task.id === id && task.state === "fresh");
  if (isFresh("learn")) assert.equal(await project.read(model), undisturbed, when);
  if (isFresh("shout@a")) assert.equal(await project.read(loud), `${undisturbed}!\n`, when);
  // what is in its place is whole, whether the lock knows it or not
  assert.ok([undisturbed, ""].includes(await project.read(model).catch(() => "")), when);
  const run = await project.run();
  assert.equal(run.summary.outcome, "done", when);
  assert.equal(await project.read(model), undisturbed, when);
  assert.equal(await project.read(loud), `${undisturbed}!\n`, when);
  assert.equal((await project.run()).summary.counts.fresh, 2, when);
}

test("with checkpoint: false an interrupted task starts over, and so does the next attempt", async (context) => {
  const files = training(3);
  const yaml = files["workflow.yaml"].replace("{uses: learn,", "{uses: learn, checkpoint: false,");
  const project = await toyProject(context, { ...files, "workflow.yaml": yaml });
  const stop = new AbortController();
  const run = await project.run({
    signal: stop.signal,
    sink: (event) => {
      if (atEpoch(3)(event)) stop.abort();
    },
  });
  assert.equal(run.summary.outcome, "interrupted");
  await project.write("workflow.yaml", yaml.replace("pauseAt: 3", "pauseAt: 0"));
  await finishes(project, "found 0 epochs");
});

test("forced work is done again, not read from the checkpoint of the last time", async (context) => {
  const project = await toyProject(context, training(0));
  await project.run();
  const longer = await project.run({ force: ["learn"] });
  assert.deepEqual(foundEpochs(longer.events), ["found 0 epochs"]);
  assert.equal(await project.read(model), undisturbed);
});
