import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { RecordedRun, RunRecord } from "../../../../src/runner/index.ts";
import type {
  LogAnswer,
  PlanAnswer,
  ResultsAnswer,
  Training,
} from "../../../../src/studio/protocol/workflow.ts";
import { isProcess } from "../../../support/process-life.ts";
import { startToyHead } from "../../../support/toy-head-process.ts";
import { shoutFiles, type ToyProject, toyCatalogPath, toyProject } from "../../../support/toy-project.ts";
import { openStudio, type StudioClient, type StudioConnection } from "../../support/studio-client.ts";

const learning = (pauseAt: number, epochs = 6) => `version: 1
tomograms: [{id: a, text: data/a.txt}]
steps:
  learn: {uses: learn, from: tomograms, with: {epochs: ${epochs}, pauseAt: ${pauseAt}}}
`;

async function studioOf(context: TestContext, project: ToyProject): Promise<StudioClient> {
  const web = join(project.folder, ".web");
  await mkdir(join(web, "assets"), { recursive: true });
  await writeFile(join(web, "index.html"), "<!doctype html>");
  return openStudio(context, { root: project.folder, web, catalogPath: toyCatalogPath });
}

const ask = async <T>(studio: StudioClient, path: string): Promise<T> => {
  const answer = await studio.fetch(path);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as T;
};

const path = "workflow.yaml";

/** Records of a run until one fits, in messages as they come. */
async function recordsUntil(
  connection: StudioConnection,
  run: string,
  fits: (record: RunRecord) => boolean,
): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for (;;) {
    const news = await connection.message(({ type, run: of }) => type === "records" && of === run);
    records.push(...(news.records as RunRecord[]));
    if (records.some(fits)) return records;
  }
}

const isEpoch = (step: number) => (record: RunRecord) =>
  record.event.type === "task-metrics" && record.event.step === step;
const isEnd = ({ event }: RunRecord) => event.type === "run-ended";
const numbersOf = (records: readonly RunRecord[]) => records.map(({ number }) => number);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("the plan says what would run and why; a run does it, and its log and results are there", async (context) => {
  const workflow = `${shoutFiles["workflow.yaml"]}variants: {ask: {suffix: "?"}}\n`;
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": workflow });
  const studio = await studioOf(context, project);
  const plan = await ask<PlanAnswer>(studio, `/api/workflow/plan?path=${path}`);
  assert.deepEqual(plan.counts, { fresh: 0, restore: 0, run: 2, pending: 3 });
  assert.deepEqual(plan.variants, ["ask"]);
  assert.deepEqual(
    plan.steps.map(({ id, dependsOn }) => [id, dependsOn]),
    [
      ["shout", []],
      ["measure", ["shout"]],
      ["join", ["shout"]],
    ],
  );
  assert.equal(plan.tasks.find(({ id }) => id === "join")!.reasons[0]!.text, "waits for 2 tasks of shout");
  assert.deepEqual(await studio.post("/api/workflow/check", { path }), { diagnostics: [] });

  const connection = await studio.connect();
  const { run } = await studio.post<{ run: string }>("/api/workflow/run", {
    path,
    only: ["shout@a"],
    set: { suffix: "loud" },
  });
  connection.send({ channel: "events", path, run, after: 0 });
  const records = await recordsUntil(connection, run, isEnd);
  assert.deepEqual(numbersOf(records), upTo(records.length));
  const asked = records[0]!.event;
  assert.ok(asked.type === "run-asked");
  assert.deepEqual([asked.options, asked.params], [{ only: ["shout@a"] }, { suffix: "loud" }]);
  const ended = records.map(({ event }) => event).find((event) => event.type === "task-ended")!;
  assert.deepEqual(ended.outputs, { loud: "results/toy/shout/a/loud.txt" }, "below the root");
  assert.match(await project.read("results/toy/shout/a/loud.txt"), /^ONEloud/);

  const log = await ask<LogAnswer>(studio, `/api/workflow/log?path=${path}&task=shout@a`);
  assert.match(log.text, /shouting ONE\n/);
  const rest = await ask<LogAnswer>(
    studio,
    `/api/workflow/log?path=${path}&task=shout@a&from=${log.end - 5}`,
  );
  assert.equal(rest.text, log.text.slice(-5));
  const results = await ask<ResultsAnswer>(studio, `/api/workflow/results?path=${path}`);
  assert.deepEqual(
    results.files.map(({ task, port, path: file, kind, bytes }) => [task, port, file, kind, bytes]),
    [["shout@a", "loud", "results/toy/shout/a/loud.txt", "other", 12]],
  );
});

test("a window that loses its connection misses no event and gets none twice", async (context) => {
  const project = await toyProject(context, { "data/a.txt": "one\n", "workflow.yaml": learning(3) });
  const studio = await studioOf(context, project);
  const { run } = await studio.post<{ run: string }>("/api/workflow/run", { path });
  const first = await studio.connect();
  first.send({ channel: "events", path, run });
  const before = await recordsUntil(first, run, isEpoch(2));
  first.socket.terminate();
  const has = before.at(-1)!.number;
  const second = await studio.connect();
  second.send({ channel: "events", path, run, after: has });
  const waiting = recordsUntil(second, run, isEnd);
  // the task waits after its third epoch until it is stopped at a safe point
  await until(async () => {
    const { text } = await ask<LogAnswer>(studio, `/api/workflow/log?path=${path}&task=learn`);
    return text.includes("found 0 epochs");
  });
  assert.deepEqual(await studio.post("/api/workflow/stop", { path, run }), { stage: "stopping" });
  const after = await waiting;
  assert.deepEqual(numbersOf([...before, ...after]), upTo(before.length + after.length));
  const end = after.at(-1)!.event;
  assert.ok(end.type === "run-ended" && end.outcome === "interrupted");
  assert.equal((await second.message(({ type }) => type === "run-over")).run, run);
  const news = await second.message(
    ({ type, runs }) => type === "runs" && (runs as RecordedRun[])[0]!.state === "interrupted",
  );
  assert.equal((news.runs as RecordedRun[])[0]!.id, run);

  // what goes on from the checkpoint is one curve with what was before
  const { run: next } = await studio.post<{ run: string }>("/api/workflow/run", { path });
  second.send({ channel: "events", path, run: next });
  await recordsUntil(second, next, isEnd);
  const { trainings } = await ask<{ trainings: Training[] }>(studio, `/api/workflow/trainings?path=${path}`);
  assert.deepEqual(
    trainings.map(({ task, run: last, points }) => [task, last, points.map(({ step }) => step)]),
    [["learn", next, [1, 2, 3, 4, 5, 6]]],
  );
  assert.deepEqual(trainings[0]!.points[3]!.values, { loss: 0.25 });
});

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 30_000; !(await holds().catch(() => false)); )
    if (Date.now() > end) assert.fail("it did not come");
};

test("one run of a workflow at a time; a second stop kills", async (context) => {
  const project = await toyProject(context, { "data/a.txt": "one\n", "workflow.yaml": learning(2) });
  const studio = await studioOf(context, project);
  const { run } = await studio.post<{ run: string }>("/api/workflow/run", { path });
  await assert.rejects(studio.post("/api/workflow/run", { path }), /422 .*run-goes-on/);
  const connection = await studio.connect();
  connection.send({ channel: "events", path, run });
  await recordsUntil(connection, run, isEpoch(2));
  assert.deepEqual(await studio.post("/api/workflow/stop", { path, run }), { stage: "stopping" });
  const second = await studio.post("/api/workflow/stop", { path, run }).catch(String);
  assert.ok(JSON.stringify(second).includes("killing") || String(second).includes("run-over"));
  connection.send({ channel: "events", path, run });
  await recordsUntil(connection, run, isEnd);
  await assert.rejects(studio.post("/api/workflow/stop", { path, run }), /422 .*run-over/);
});

test("a run of another process is watched and stopped like one's own", async (context) => {
  const project = await toyProject(context, { "data/a.txt": "one\n", "workflow.yaml": learning(2) });
  const studio = await studioOf(context, project);
  const connection = await studio.connect();
  connection.send({ channel: "events", path });
  const { child, ended } = startToyHead(project.folder);
  context.after(() => isProcess(child.pid!) && process.kill(-child.pid!, "SIGKILL"));
  const news = await connection.message(({ runs }) => (runs as RecordedRun[] | undefined)?.length === 1);
  const [{ id: run, state }] = news.runs as [RecordedRun];
  assert.equal(state, "running");
  connection.send({ channel: "events", path, run, after: 0 });
  await recordsUntil(connection, run, isEpoch(2));
  assert.deepEqual(await studio.post("/api/workflow/stop", { path, run }), { stage: "stopping" });
  await connection.message(({ runs }) => (runs as RecordedRun[] | undefined)?.[0]?.state === "interrupted");
  await ended;
});

test("mistakes come back as validate words them, and nothing outside of the project is opened", async (context) => {
  const project = await toyProject(context, { ...shoutFiles, "outside/x.svg": "<svg/>" });
  await project.write("wrong.yaml", "version: 1\nsteps: {shout: {uses: shoot}}\n");
  await project.write("inner/workflow.yaml", shoutFiles["workflow.yaml"]);
  const inner = { ...project, folder: join(project.folder, "inner") };
  const studio = await studioOf(context, project);
  const wrong = await studio.fetch("/api/workflow/plan?path=wrong.yaml");
  assert.equal(wrong.status, 422);
  const { diagnostics } = (await wrong.json()) as {
    diagnostics: { message: string; location: { line: number } }[];
  };
  assert.ok(diagnostics.some(({ message, location }) => message.includes("shoot") && location.line === 2));

  const closed = await studioOf(context, inner);
  await symlink(join(project.folder, "outside"), join(inner.folder, "link"));
  for (const [route, status] of [
    ["plan?path=../workflow.yaml", 403],
    ["picture?path=../outside/x.svg", 403],
    ["picture?path=link/x.svg", 403],
    ["picture?path=workflow.yaml", 404],
    ["thumbnail?path=../x.mrc", 403],
    ["plan?path=data/a.txt", 422],
    ["log?path=workflow.yaml&task=..%2F..%2Fx", 400],
    ["results?path=", 400],
  ] as const)
    assert.equal((await closed.fetch(`/api/workflow/${route}`)).status, status, route);
  const picture = await studio.fetch("/api/workflow/picture?path=outside/x.svg");
  assert.equal(picture.headers.get("content-type"), "image/svg+xml");
  assert.match(picture.headers.get("content-security-policy")!, /default-src 'none'.*sandbox/);
  await assert.rejects(studio.post("/api/workflow/run", { path, jobs: "2" }), /400/);
});

test("the machine's use comes while somebody looks", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const studio = await studioOf(context, project);
  const connection = await studio.connect();
  connection.send({ channel: "machine", on: true });
  const use = await connection.message(({ channel }) => channel === "machine");
  assert.ok((use.cores as number) >= 1 && (use.busyCores as number) <= (use.cores as number));
  assert.ok(
    (use.usedMemoryBytes as number) > 0 && (use.usedMemoryBytes as number) < (use.memoryBytes as number),
  );
});
