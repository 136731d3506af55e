/** Runs on a real Slurm without accounts: arrays, what goes wrong from outside, and a controller that is away. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { RunEvent } from "../../src/runner/index.ts";
import { startCluster, type TestCluster } from "./cluster.ts";
import { type ClusterRun, clusterProject } from "./cluster-project.ts";

let cluster: TestCluster;
before(async () => {
  cluster = await startCluster();
});
after(() => cluster?.stop());

const rowsOf = (count: number): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, 1]));

function errorOf(run: ClusterRun, task: string) {
  const end = run.events.findLast((event) => event.type === "task-ended" && event.task === task);
  assert.ok(end?.type === "task-ended" && end.error, `${task} has no error: ${JSON.stringify(end)}`);
  return end.error;
}

const retries = (run: ClusterRun): readonly string[] =>
  run.events.flatMap((event) => (event.type === "task-retrying" ? [event.error.code] : []));

describe("at the same time", { concurrency: 8 }, () => {
  test("rows go as arrays and give what a local run gives", async (context) => {
    const steps =
      "  work: {uses: work}\n  measure: {uses: measure, from: work}\n  join: {uses: join, from: work}\n";
    const [project, local] = [
      await clusterProject(context, { rows: 6, steps }),
      await clusterProject(context, { rows: 6, steps }),
    ];
    const run = await project.run({ slurm: { throttle: 4 } });
    assert.equal(run.summary.outcome, "done", JSON.stringify(run.events.at(-1)));
    const ids = [...Array(6).keys()].map((index) => project.jobs.get(`work@r${index}`)![0]!.split("_"));
    assert.equal(new Set(ids.map(([job]) => job)).size, 1, "one array for all rows");
    assert.deepEqual(ids.map(([, element]) => Number(element)).sort(), [0, 1, 2, 3, 4, 5]);
    await local.run({ local: true });
    assert.deepEqual(await project.results(), await local.results());
    assert.deepEqual(await project.timesDone(), rowsOf(6));
    // the steps after it go as their rows come, in as many arrays as the machine is slow
    assert.ok(run.calls.sacct! <= 1, JSON.stringify(run.calls));
    assert.ok(run.events.some((event) => event.type === "task-log" && /^working on n\d$/.test(event.text)));
  });

  test("short tasks share a job", async (context) => {
    const project = await clusterProject(context, { rows: 7, steps: "  work: {uses: work}\n" });
    const run = await project.run({ slurm: { tasksPerJob: 3 } });
    assert.equal(run.summary.outcome, "done");
    assert.equal(new Set([...project.jobs.values()].flat()).size, 3);
    assert.deepEqual(await project.timesDone(), rowsOf(7));
  });

  test("a task that is cancelled from outside failed, and says so; the others go on", async (context) => {
    const project = await clusterProject(context, {
      rows: 2,
      steps: "  work: {uses: work, with: {seconds: 6}}\n",
    });
    let cancelled = false;
    const run = await project.run({
      keepGoing: true,
      sink(event: RunEvent) {
        if (event.type !== "task-started" || event.task !== "work@r1" || cancelled) return;
        cancelled = true;
        void cluster.ask("scancel", project.jobs.get("work@r1")![0]!);
      },
    });
    assert.deepEqual(run.outcomes, { "work@r0": "done", "work@r1": "failed" });
    assert.equal(errorOf(run, "work@r1").code, "job-cancelled");
    assert.match(
      errorOf(run, "work@r1").message,
      /^somebody cancelled the task in Slurm \(job \d+_\d on n\d\)$/,
    );
  });

  test("a task over its memory is named, and gets twice as much at the next try", async (context) => {
    const steps = "  work: {uses: work, with: {megabytes: 500}, resources: {memory: 300MiB}, retries: 2}\n";
    const project = await clusterProject(context, { rows: 1, steps });
    const run = await project.run();
    assert.deepEqual(retries(run), ["out-of-memory"]);
    assert.deepEqual(run.outcomes, { "work@r0": "done" });
    const first = run.events.find((event) => event.type === "task-retrying");
    assert.match(
      first?.type === "task-retrying" ? first.error.message : "",
      /^the task needed more than the 315 MB that Slurm gave it \(job \d+ on n\d\)$/,
    );
  });

  test("a task over its time is named, stops at a safe point, and goes on with twice as much", async (context) => {
    const steps =
      "  work: {uses: work, with: {firstSeconds: 60, seconds: 3}, resources: {time: 8}, retries: 1}\n";
    const project = await clusterProject(context, { rows: 1, steps });
    const run = await project.run();
    assert.deepEqual(retries(run), ["time-limit"]);
    assert.deepEqual(run.outcomes, { "work@r0": "done" });
  });

  test("a job that Slurm itself ends for its time is over its time", async (context) => {
    const project = await clusterProject(context, {
      rows: 1,
      steps: "  work: {uses: work, with: {seconds: 300}}\n",
    });
    const run = await project.run({ slurm: { options: ["--time=1", "--signal=B:CONT@1"] } });
    assert.deepEqual(run.outcomes, { "work@r0": "failed" });
    assert.equal(errorOf(run, "work@r0").code, "time-limit");
  });

  test("what cannot be started says why, and is not tried for ever", async (context) => {
    const project = await clusterProject(context, { rows: 1, steps: "  work: {uses: work}\n" });
    const run = await project.run({ slurm: { node: "/nowhere/node" } });
    assert.deepEqual(retries(run), Array(5).fill("launch-failed"));
    const { code, message } = errorOf(run, "work@r0");
    assert.equal(code, "launch-failed");
    assert.match(message, /\/nowhere\/node/);
  });

  test("what Slurm refuses is told with its words", async (context) => {
    const project = await clusterProject(context, { rows: 1, steps: "  work: {uses: work}\n" });
    const run = await project.run({ slurm: { partition: "nowhere" } });
    const { code, message, hint } = errorOf(run, "work@r0");
    assert.equal(code, "slurm-refused");
    assert.match(message, /invalid partition specified: nowhere/);
    assert.match(hint!, /sinfo/);
  });
});
