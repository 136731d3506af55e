import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { layoutOf, listRuns, type RunRecord, readRun } from "../../../../src/runner/index.ts";
import { isProcess, until } from "../../../support/process-life.ts";
import { startToyHead } from "../../../support/toy-head-process.ts";
import { type ToyProject, toyProject } from "../../../support/toy-project.ts";

const learning = (pauseAt: number) => `version: 1
tomograms: [{id: a, text: data/a.txt}]
steps:
  learn: {uses: learn, from: tomograms, with: {epochs: 6, pauseAt: ${pauseAt}}}
`;

const layout = ({ workflowPath: path, folder }: ToyProject) => layoutOf({ path, folder });

/** A run in another process, ended at the end of the test. */
function startHead(context: TestContext, project: ToyProject) {
  const { child: head, ended } = startToyHead(project.folder);
  // the whole group: its workers too
  context.after(() => isProcess(head.pid!) && process.kill(-head.pid!, "SIGKILL"));
  return { head, ended };
}

const firstRun = (project: ToyProject) =>
  until(async () => (await listRuns(layout(project)))[0]).then(({ id }) => id);

const metricsOf = (records: readonly RunRecord[]): number[] =>
  records.flatMap(({ event }) => (event.type === "task-metrics" ? [event.step!] : []));

test("a reader follows a run of another process to its end, and sees each event once", async (context) => {
  const project = await toyProject(context, { "data/a.txt": "one\n", "workflow.yaml": learning(3) });
  const { head, ended } = startHead(context, project);
  const id = await firstRun(project);
  const records: RunRecord[] = [];
  for await (const record of readRun(layout(project), id, { follow: true })) {
    records.push(record);
    if (record.event.type === "task-metrics" && record.event.step === 3) {
      assert.equal((await listRuns(layout(project)))[0]!.state, "running");
      head.kill("SIGINT");
    }
  }
  await ended;
  assert.deepEqual(
    records.map(({ number }) => number),
    records.map((_, index) => index + 1),
  );
  assert.deepEqual(metricsOf(records), [1, 2, 3]);
  const last = records.at(-1)!.event;
  assert.ok(last.type === "run-ended");
  assert.equal(last.outcome, "interrupted");

  // the next goes on from there; one who comes back takes up where they were
  const { summary } = await project.run();
  assert.equal(summary.outcome, "done");
  const [second] = await listRuns(layout(project));
  const all: RunRecord[] = [];
  for await (const record of readRun(layout(project), second!.id)) all.push(record);
  assert.deepEqual(metricsOf(all), [4, 5, 6]);
});

test("a run that is killed is told as lost, and whoever follows it is let go", async (context) => {
  const project = await toyProject(context, { "data/a.txt": "one\n", "workflow.yaml": learning(2) });
  const { head, ended } = startHead(context, project);
  const id = await firstRun(project);
  const records: RunRecord[] = [];
  for await (const record of readRun(layout(project), id, { follow: true })) {
    records.push(record);
    if (record.event.type === "task-metrics" && record.event.step === 2) head.kill("SIGKILL");
  }
  await ended;
  assert.deepEqual(metricsOf(records), [1, 2]);
  const [run] = await listRuns(layout(project));
  assert.equal(run!.state, "lost");
  assert.equal(run!.end, undefined);
  assert.equal(run!.records, records.length);
});

test("a reader who no longer wants to follow is let go at once", async (context) => {
  const project = await toyProject(context, { "data/a.txt": "one\n", "workflow.yaml": learning(2) });
  startHead(context, project);
  const id = await firstRun(project);
  const stop = new AbortController();
  let count = 0;
  for await (const { event } of readRun(layout(project), id, { follow: true, signal: stop.signal })) {
    count++;
    if (event.type === "task-metrics" && event.step === 2) setTimeout(() => stop.abort(), 150);
  }
  assert.ok(count >= 4);
  assert.equal((await listRuns(layout(project)))[0]!.state, "running");
});
