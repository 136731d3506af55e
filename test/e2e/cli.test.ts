/** The real program on a real workflow, from an empty folder to scores, and everything a user does next. */
import assert from "node:assert/strict";
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { editWorkflow, writeSmallWorkflow } from "./workflow.ts";

interface JsonPlan {
  readonly tasks: readonly {
    readonly id: string;
    readonly state: string;
    readonly reasons: { text: string }[];
  }[];
  readonly counts: Readonly<Record<string, number>>;
}

async function smallProject(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  await writeSmallWorkflow(folder);
  return folder;
}

async function statesOf(folder: string, ...words: string[]): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await tomoflow(["plan", "--json", ...words], { folder });
  assert.equal(code, 0, stderr);
  const plan = JSON.parse(stdout) as JsonPlan;
  return Object.fromEntries(plan.tasks.map(({ id, state }) => [id, state]));
}

const all = (state: string): Record<string, string> =>
  Object.fromEntries(
    ["simulate@t0", "simulate@t1", "target@t0", "target@t1", "cluster@t0", "cluster@t1", "evaluate"].map(
      (id) => [id, state],
    ),
  );

test("from an empty folder to scores, and then only what is stale", async (context) => {
  const folder = await smallProject(context);

  const valid = await tomoflow(["validate"], { folder });
  assert.deepEqual([valid.code, valid.stderr], [0, ""]);
  assert.deepEqual(await statesOf(folder), { ...all("pending"), "simulate@t0": "run", "simulate@t1": "run" });

  const first = await tomoflow(["run"], { folder });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /✔ done in [\d.]+ s: 7 run\n/);
  assert.match(first.stdout, / {2}results +results\/small\n/);
  assert.match(first.stdout, / {2}evaluate +macro\.f1 /);
  const metrics = JSON.parse(await readFile(join(folder, "results/small/evaluate/metrics.json"), "utf8")) as {
    macro: { f1: number };
    classes: Record<string, { tp: number; fp: number; fn: number }>;
  };
  assert.equal(metrics.macro.f1, 1);
  assert.deepEqual(
    Object.values(metrics.classes).map(({ tp, fp, fn }) => [tp, fp, fn]),
    [
      [8, 0, 0],
      [8, 0, 0],
    ],
  );

  const again = await tomoflow(["run"], { folder });
  assert.match(again.stdout, /^✔ everything is fresh \(7 tasks, .*\)\n$/);
  assert.equal(again.code, 0);
  assert.deepEqual(await statesOf(folder), all("fresh"));

  const status = await tomoflow(["status", "--json"], { folder });
  const { metrics: locked } = JSON.parse(status.stdout) as {
    metrics: Record<string, { metrics: typeof metrics }>;
  };
  assert.equal(locked.evaluate.metrics.macro.f1, 1);

  await editWorkflow(folder, "radii: {1: 5, 2: 3}", "radii: {1: 4, 2: 3}");
  const changed = await tomoflow(["plan"], { folder });
  assert.match(changed.stdout, /target@t0 +run .*radii\S* .*5.*→.*4/);
  const third = await tomoflow(["run", "--json"], { folder });
  const events = third.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; task?: string });
  assert.equal(events[0].type, "run-started");
  assert.equal(events.at(-1)?.type, "run-ended");
  const started = events.filter(({ type }) => type === "task-started").map(({ task }) => task);
  assert.deepEqual(started.sort(), ["cluster@t0", "cluster@t1", "evaluate", "target@t0", "target@t1"]);

  await editWorkflow(folder, "radii: {1: 4, 2: 3}", "radii: {1: 5, 2: 3}");
  const back = await tomoflow(["run", "--json"], { folder });
  assert.equal(back.code, 0);
  assert.doesNotMatch(back.stdout, /"task-started"/);
  assert.deepEqual(await statesOf(folder), all("fresh"));
});

test("a touched file runs nothing, a deleted result comes back from the cache", async (context) => {
  const folder = await smallProject(context);
  assert.equal((await tomoflow(["run"], { folder })).code, 0);
  await utimes(join(folder, "results/small/simulate/t0/objects.xml"), new Date(), new Date());
  assert.deepEqual(await statesOf(folder), all("fresh"));
  const deleted = join(folder, "results/small/cluster/t1/detections.xml");
  const content = await readFile(deleted);
  await rm(deleted);
  const states = await statesOf(folder);
  assert.equal(states["cluster@t1"], "restore");
  const run = await tomoflow(["run"], { folder });
  assert.match(run.stdout, /1 restored/);
  assert.deepEqual(await readFile(deleted), content);
});

test("the plan changes nothing on disk, and --set, --only and --force change the plan", async (context) => {
  const folder = await smallProject(context);
  await statesOf(folder);
  assert.deepEqual(await readdir(folder), ["workflow.yaml"]);
  assert.equal((await tomoflow(["run", "--only", "simulate"], { folder })).code, 0);
  assert.deepEqual(await statesOf(folder), {
    ...all("pending"),
    "simulate@t0": "fresh",
    "simulate@t1": "fresh",
    "target@t0": "run",
    "target@t1": "run",
  });
  assert.deepEqual(await statesOf(folder, "--only", "target@t1"), {
    "simulate@t1": "fresh",
    "target@t1": "run",
  });
  assert.equal((await statesOf(folder, "--force", "simulate@t0"))["simulate@t0"], "run");
  assert.equal((await tomoflow(["run"], { folder })).code, 0);
  const states = await statesOf(folder, "--set", "minSize=4");
  assert.deepEqual([states["target@t0"], states["cluster@t0"]], ["fresh", "run"]);
});

test("wrong workflows: one message each, exit code 2, nothing written", async (context) => {
  const folder = await smallProject(context);
  const refused = async (from: string, to: string, message: RegExp): Promise<void> => {
    await editWorkflow(folder, from, to);
    const { code, stdout, stderr } = await tomoflow(["run"], { folder });
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.doesNotMatch(stderr, /\n {4}at /);
    await editWorkflow(folder, to, from);
  };
  await refused(
    "counts: 4",
    "count: 4",
    /workflow\.yaml:\d+:\d+: error: unknown key count.*\^.*did you mean counts\?/s,
  );
  await refused("size: [32, 64, 72]", "size: big", /error: size must be a list of 3 whole numbers/);
  await refused("from: target", "from: targets", /error: .*targets.*did you mean target\?/s);
  await refused("{id: t1,", "{id: t0,", /error: two rows have the id t0/);
  assert.deepEqual(await readdir(folder), ["workflow.yaml"]);
});

/** Hands the objects on, but for t1 what another program might leave behind. */
const pickingModule = `import { copyFile, writeFile } from "node:fs/promises";
export default {
  name: "pick",
  version: 1,
  summary: "Picks objects.",
  scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({
    inputs: [{ name: "objects", required: true, description: "Objects." }],
    outputs: [{ name: "picks", file: "picks.xml", description: "Picked objects." }],
    columns: ["id"],
    classFields: [],
  }),
  run: ({ rows: [{ id, files }], outputs }) =>
    id === "t1" ? writeFile(outputs.picks, "<objlist><object x='1'") : copyFile(files.objects, outputs.picks),
};
`;

test("a task that fails: its message, the rest goes on with --keep-going, exit code 1", async (context) => {
  const folder = await smallProject(context);
  await writeFile(join(folder, "pick.mjs"), pickingModule);
  await editWorkflow(folder, "  target: {", "  pick: {uses: ./pick.mjs, from: simulate}\n  target: {");
  await editWorkflow(
    folder,
    "from: simulate, with: {radii",
    'from: pick, with: {objects: "${row.picks}", radii',
  );
  const { code, stdout, stderr } = await tomoflow(["run", "--keep-going"], { folder });
  assert.match(stdout, /✖ target@t1: results\/small\/pick\/t1\/picks\.xml:1:\d+: the file ends too early/);
  assert.match(stdout, /cluster@t0 done/);
  assert.match(stdout, /evaluate skipped/);
  assert.equal(code, 1);
  assert.doesNotMatch(stdout + stderr, /\n {4}at /);
});

test("a broken file that is there from the start is found before anything runs, exit code 2", async (context) => {
  const folder = await smallProject(context);
  await writeFile(join(folder, "broken.xml"), "<objlist><object x='1'");
  await editWorkflow(folder, "{id: t1, split: test}", "{id: t1, split: test, picks: broken.xml}");
  await editWorkflow(folder, "{id: t0, split: train}", "{id: t0, split: train, picks: broken.xml}");
  await editWorkflow(
    folder,
    "from: simulate, with: {radii",
    'from: simulate, with: {objects: "${row.picks}", radii',
  );
  const { code, stdout, stderr } = await tomoflow(["run", "--keep-going"], { folder });
  assert.match(stderr, /^broken\.xml:1:\d+: error: the file ends too early.*\n.*\n +\^\n {2}hint: [^\n]*\n$/);
  assert.match(stdout, /✖ nothing was run/);
  assert.equal(code, 2);
});

test("Ctrl-C ends with 130, and the next run goes on", async (context) => {
  const folder = await smallProject(context);
  let signalled = false;
  const stopped = await tomoflow(["run", "--plain"], {
    folder,
    onOutput: (stdout, kill) => {
      if (signalled || !stdout.includes("simulate@t1 started")) return;
      signalled = true;
      kill("SIGINT");
    },
  });
  assert.equal(stopped.code, 130, stopped.stdout + stopped.stderr);
  assert.match(stopped.stderr, /stopping at a safe point/);
  assert.match(stopped.stdout, /■ interrupted after/);
  const states = await statesOf(folder);
  assert.equal(states["simulate@t0"], "fresh");
  assert.notEqual(states.evaluate, "fresh");
  assert.equal((await tomoflow(["run"], { folder })).code, 0);
  assert.deepEqual(await statesOf(folder), all("fresh"));
});

test("logs of tasks: listed, shown, or their path", async (context) => {
  const folder = await smallProject(context);
  assert.match((await tomoflow(["logs"], { folder })).stderr, /no task has run yet/);
  await tomoflow(["run", "--only", "target@t1"], { folder });
  const list = await tomoflow(["logs"], { folder });
  assert.match(list.stdout, /target@t1 +1 .*\.tomoflow\/logs\/workflow\/target@t1\/1\.log/);
  const shown = await tomoflow(["logs", "target"], { folder });
  assert.match(shown.stdout, /^# target@t1, attempt 1/);
  const path = await tomoflow(["logs", "workflow.yaml", "target@t1", "--path"], { folder });
  assert.match(await readFile(path.stdout.trim(), "utf8"), /^# target@t1, attempt 1/);
  const none = await tomoflow(["logs", "targte"], { folder });
  assert.deepEqual(
    [none.code, none.stderr],
    [2, "error: there is no log of targte\nhint: did you mean target?\n"],
  );
});
