import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sha256 } from "../../../../src/core/hash.ts";
import { toolVersion } from "../../../../src/core/version.ts";
import {
  layoutOf,
  listRuns,
  type ReadRunOptions,
  type RecordedEvent,
  type RunRecord,
  readRun,
} from "../../../../src/runner/index.ts";
import { pruneRuns } from "../../../../src/runner/record/runs/prune-runs.ts";
import { collectGarbage } from "../../../../src/runner/upkeep/index.ts";
import { openToyProject, shoutFiles, type ToyProject, toyProject } from "../../../support/toy-project.ts";

const layout = ({ workflowPath: path, folder }: ToyProject) => layoutOf({ path, folder });

const idsOf = async (project: ToyProject): Promise<string[]> =>
  (await listRuns(layout(project))).map(({ id }) => id);

async function recordsOf(project: ToyProject, id: string, options?: ReadRunOptions): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const record of readRun(layout(project), id, options)) records.push(record);
  return records;
}

const eventsOf = async (project: ToyProject, id: string): Promise<RecordedEvent[]> =>
  (await recordsOf(project, id)).map(({ event }) => event);

const pathOf = (project: ToyProject, id: string): string => join(layout(project).runs, `${id}.jsonl`);

test("a run leaves what was asked, every event with its number and time, and how it ended", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const { summary, events } = await project.run({ jobs: 1, only: ["measure"] });
  const [run] = await listRuns(layout(project));
  const records = await recordsOf(project, run!.id);
  assert.deepEqual(
    records.map(({ number }) => number),
    records.map((_, index) => index + 1),
  );
  assert.ok(records.every((record) => record.run === run!.id && !Number.isNaN(Date.parse(record.time))));
  const [asked, ...rest] = records.map(({ event }) => event);
  assert.ok(asked?.type === "run-asked");
  const { process: own, ...told } = asked;
  assert.deepEqual(told, {
    type: "run-asked",
    format: 1,
    workflowPath: "workflow.yaml",
    name: "toy",
    workflowSha256: sha256(await project.read("workflow.yaml")),
    params: { suffix: "!" },
    options: { only: ["measure"], jobs: 1 },
    tomoflow: toolVersion(),
  });
  assert.deepEqual([own.pid, own.host], [process.pid, hostname()]);
  assert.deepEqual(rest, JSON.parse(JSON.stringify(events)), "what the sink got");
  assert.deepEqual(rest[0]?.type === "run-started" && rest[0].run, run!.id);
  assert.equal(run!.state, "done");
  assert.ok(run!.end?.type === "run-ended");
  assert.deepEqual(run!.end.counts, summary.counts);
  assert.equal(run!.records, records.length);
});

test("a run with nothing to do writes three lines, however many tasks there are", async (context) => {
  const rows = Array.from(
    { length: 40 },
    (_, index) => `  - {id: r${index}, text: data/a.txt, split: train}`,
  );
  const workflow = shoutFiles["workflow.yaml"].replace(
    / {2}- \{id: a[\s\S]*?(?=params)/,
    `${rows.join("\n")}\n`,
  );
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": workflow });
  await project.run();
  await project.run();
  const [second] = await idsOf(project);
  const events = await eventsOf(project, second!);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["run-asked", "run-started", "run-ended"],
  );
  const started = events[1]!;
  assert.ok(started.type === "run-started");
  assert.deepEqual([started.tasks.length, started.counts.fresh], [0, 81]);
  assert.ok((await stat(pathOf(project, second!))).size < 2000);
});

test("a reader goes on behind the number it has, and gets no record of a torn or foreign line", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const [id] = await idsOf(project);
  const all = await recordsOf(project, id!);
  assert.deepEqual(await recordsOf(project, id!, { after: 5 }), all.slice(5));
  assert.deepEqual(await recordsOf(project, id!, { after: all.length }), []);
  const next = { ...all[1]!, number: all.length + 1 };
  await appendFile(pathOf(project, id!), `not a record\n${JSON.stringify({ ...next, run: "other" })}\n`);
  await appendFile(pathOf(project, id!), JSON.stringify(next).slice(0, -1));
  assert.deepEqual(await recordsOf(project, id!), all);
  const [run] = await listRuns(layout(project));
  assert.deepEqual([run!.state, run!.records], ["done", all.length], "the last line that is whole counts");
  // even one that happens to be whole JSON is not believed before its line ends
  await appendFile(pathOf(project, id!), `}${JSON.stringify(next)}`);
  assert.deepEqual(await recordsOf(project, id!), all);
});

test("two runs at once have two records, each with its own events only", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const [first, second] = await Promise.all([project.run(), project.run()]);
  const ids = await idsOf(project);
  assert.equal(ids.length, 2);
  for (const run of [first, second]) {
    const started = run.events[0]!;
    assert.ok(started.type === "run-started");
    const [, ...events] = await eventsOf(project, started.run!);
    const expected = run.events.filter((event) => event.type !== "task-ended" || event.outcome !== "fresh");
    assert.deepEqual(events, JSON.parse(JSON.stringify(expected)));
  }
});

test("environment variables stay out of records", async (context) => {
  process.env.TOY_TOKEN = "hush-hush-hush";
  context.after(() => delete process.env.TOY_TOKEN);
  const project = await toyProject(context, {
    ...shoutFiles,
    "workflow.yaml": shoutFiles["workflow.yaml"].replace('suffix: "!"', `suffix: "\${env.TOY_TOKEN}"`),
  });
  await project.run();
  const text = await readFile(pathOf(project, (await idsOf(project))[0]!), "utf8");
  assert.ok(!text.includes("hush"));
  assert.match(text, /"params":\{"suffix":"\$\{env\.TOY_TOKEN\}#[0-9a-f]{8}"\}/);
});

test("a run that breaks off is recorded with why", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.write(".tomoflow/attempts", "in the way");
  await assert.rejects(project.run(), { code: "cache-in-the-way" });
  const [run] = await listRuns(layout(project));
  assert.equal(run!.state, "failed");
  assert.ok(run!.end?.type === "run-broken");
  assert.equal(run!.end.error.code, "cache-in-the-way");
});

test("a run that cannot be recorded goes on and says so", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.write(".tomoflow/runs", "in the way");
  const { summary, events } = await project.run();
  assert.equal(summary.outcome, "done");
  const told = events.filter((event) => event.type === "diagnostic");
  assert.deepEqual(
    told.map(({ diagnostic }) => [diagnostic.severity, diagnostic.code]),
    [["warning", "run-not-recorded"]],
  );
  const idle = await project.run();
  assert.deepEqual(
    idle.events.filter((event) => event.type === "diagnostic"),
    [],
    "a run with nothing to do is not worth a warning",
  );
  assert.deepEqual(await idsOf(project), []);
});

test("of more than a thousand records the oldest go, those of runs that go on stay", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const [id] = await idsOf(project);
  const lines = (await readFile(pathOf(project, id!), "utf8")).split("\n");
  const asked = JSON.parse(lines[0]!);
  const runs = layout(project).runs;
  const older = (year: number, count: number) =>
    `${year}0101-0000${String(count).padStart(2, "0")}000-00000a`;
  const line = (run: string) => JSON.stringify({ ...asked, run });
  await writeFile(join(runs, `${older(2001, 0)}.jsonl`), `${line(older(2001, 0))}\n`);
  const dead = {
    ...asked,
    run: older(2001, 1),
    event: { ...asked.event, process: { ...asked.event.process, start: "1" } },
  };
  await writeFile(join(runs, `${older(2001, 1)}.jsonl`), `${JSON.stringify(dead)}\n`);
  await writeFile(join(runs, `${older(2001, 2)}.jsonl`), "no record at all\n");
  assert.deepEqual(
    (await listRuns(layout(project))).map(({ id: each, state }) => [each, state]),
    [
      [id, "done"],
      [older(2001, 1), "lost"],
      [older(2001, 0), "running"],
    ],
  );
  await pruneRuns(layout(project), 1);
  assert.deepEqual((await readdir(runs)).sort(), [`${older(2001, 0)}.jsonl`, `${id}.jsonl`]);
});

test("gc counts and removes old records, but the last ten of a workflow stay", async (context) => {
  const project = await toyProject(context, shoutFiles);
  for (let run = 0; run < 12; run++) await project.run();
  const ids = await idsOf(project);
  const inTwoMonths = () => Date.now() + 60 * 86_400_000;
  const workflow = await project.load();
  const oldest = await Promise.all(ids.slice(10).map(async (id) => (await stat(pathOf(project, id))).size));
  const { removed } = await collectGarbage(workflow, { now: inTwoMonths });
  assert.deepEqual(removed.runs, { count: 2, bytes: oldest[0]! + oldest[1]! });
  assert.deepEqual(await idsOf(project), ids.slice(0, 10));
});

test("variants and other workflows of the folder are told apart", async (context) => {
  const workflow = `${shoutFiles["workflow.yaml"]}variants: {ask: {suffix: "?"}}\n`;
  const project = await toyProject(context, {
    ...shoutFiles,
    "workflow.yaml": workflow,
    "other.yaml": workflow,
  });
  await project.run();
  await openToyProject(project.folder, { variant: "ask" }).run();
  await openToyProject(project.folder, { file: "other.yaml" }).run();
  const of = async (workflowPath: string, variant?: string) =>
    (await listRuns(layout(project), { of: { workflowPath, variant } })).map(({ asked }) => [
      asked.workflowPath,
      asked.variant,
      asked.params.suffix,
    ]);
  assert.deepEqual(await of("workflow.yaml"), [["workflow.yaml", undefined, "!"]]);
  assert.deepEqual(await of("workflow.yaml", "ask"), [["workflow.yaml", "ask", "?"]]);
  assert.deepEqual(await of("other.yaml"), [["other.yaml", undefined, "!"]]);
});

test("a name that is no run's is refused, whatever path it is", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await mkdir(layout(project).runs, { recursive: true });
  for (const id of ["20260101-000000000-000000", "../../data/a.txt", ""])
    await assert.rejects(recordsOf(project, id), { code: "no-run" });
});
