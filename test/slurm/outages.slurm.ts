/** What a cluster does on a bad day: nodes that go, a controller that is away, jobs that have to make room. One after the other. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { RunEvent } from "../../src/runner/index.ts";
import { startCluster, type TestCluster } from "./cluster.ts";
import { type ClusterRun, clusterProject } from "./cluster-project.ts";

let cluster: TestCluster;
before(async () => {
  cluster = await startCluster();
});
after(() => cluster?.stop());

const retries = (run: ClusterRun): readonly string[] =>
  run.events.flatMap((event) => (event.type === "task-retrying" ? [event.error.code] : []));

/** Where a task says that it works, in order. */
const nodesOf = (run: ClusterRun): readonly string[] =>
  run.events.flatMap((event) =>
    event.type === "task-log" ? (/^working on (n\d)$/.exec(event.text)?.slice(1) ?? []) : [],
  );

test("a task whose node goes is done on another, without retries of its own", async (context) => {
  const steps = "  work: {uses: work, with: {firstSeconds: 120, seconds: 1}}\n";
  const project = await clusterProject(context, { rows: 1, steps });
  let cut: string | undefined;
  const run = await project.run({
    sink(event: RunEvent) {
      const node = event.type === "task-log" ? /^working on (n\d)$/.exec(event.text)?.[1] : undefined;
      if (node === undefined || cut !== undefined) return;
      cut = node;
      cluster.cutNode(node);
    },
  });
  assert.deepEqual(run.outcomes, { "work@r0": "done" });
  assert.deepEqual(retries(run), ["node-failed"]);
  const [first, second] = nodesOf(run);
  assert.equal(first, cut);
  assert.notEqual(second, cut);
  assert.deepEqual(await project.timesDone(), { r0: 1 });
  cluster.startNode(cut!);
});

test("a job that has to make room is submitted again, and goes on", async (context) => {
  const steps = "  work: {uses: work, with: {firstSeconds: 120, seconds: 1}}\n";
  const project = await clusterProject(context, { rows: 1, steps });
  let isAsked = false;
  const run = await project.run({
    sink(event: RunEvent) {
      const node = event.type === "task-log" ? /^working on (n\d)$/.exec(event.text)?.[1] : undefined;
      if (node === undefined || isAsked) return;
      isAsked = true;
      const words = ["--partition=urgent", `--nodelist=${node}`, "--exclusive", "--wrap", "sleep 5"];
      void cluster.ask("sbatch", "--output=/dev/null", ...words);
    },
  });
  assert.deepEqual(run.outcomes, { "work@r0": "done" });
  assert.deepEqual(retries(run), ["preempted"]);
});

test("a controller that is away is waited for, by jobs that run and by tasks that are to be submitted", async (context) => {
  const steps = "  work: {uses: work, with: {seconds: 4}}\n  measure: {uses: measure, from: work}\n";
  const project = await clusterProject(context, { rows: 2, steps });
  let away = false;
  const run = await project.run({
    sink(event: RunEvent) {
      if (event.type !== "task-started" || event.step !== "work" || away) return;
      away = true;
      cluster.stopController();
      void wait(28_000).then(() => cluster.startController());
    },
  });
  assert.equal(run.summary.outcome, "done");
  assert.deepEqual(await project.timesDone(), { r0: 1, r1: 1 });
  assert.deepEqual(retries(run), []);
  const told = run.events.flatMap((event) => (event.type === "diagnostic" ? [event.diagnostic.message] : []));
  assert.match(told.join("\n"), /^Slurm (does not answer|takes no jobs at the moment) \(.*\): /);
});
