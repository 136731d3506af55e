import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { errorDiagnostic, warningDiagnostic } from "../../../src/core/diagnostic.ts";
import { type ToyRun, toyProject } from "../../support/toy-project.ts";

const stumbling = (how: string, more = "") => ({
  "good.txt": "fine\n",
  "bad.txt": "oh no\n",
  "workflow.yaml": `
version: 1
name: falls
tomograms: [{id: bad, text: bad.txt}, {id: good, text: good.txt}]
steps:
  walk: {uses: stumble, from: tomograms, with: {how: ${how}}${more}}
  shout: {uses: shout, from: walk, with: {text: "\${row.out}"}}
`,
});

const errorOf = ({ events }: ToyRun, task: string) => {
  const ended = events.find((event) => event.type === "task-ended" && event.task === task);
  return ended?.type === "task-ended" ? ended.error : undefined;
};

const falls: [how: string, code: string, message: RegExp][] = [
  ["throw", "toy-trouble", /^the toy is broken$/],
  ["bug", "step-error", /^x is not a function$/],
  ["exit", "worker-crashed", /exit code 3: last words$/],
  ["kill", "out-of-memory", /SIGKILL/],
];
for (const [how, code, message] of falls)
  test(`a step that fails by ${how} is told as ${code}`, async (context) => {
    const project = await toyProject(context, stumbling(how));
    const run = await project.run({ jobs: 1 });
    assert.equal(run.summary.outcome, "failed");
    assert.equal(errorOf(run, "walk@bad")?.code, code);
    assert.match(errorOf(run, "walk@bad")?.message ?? "", message);
    assert.equal(run.outcomes["shout@bad"], "skipped");
    assert.equal(run.outcomes["walk@good"], "skipped", "nothing starts after a failure");
    assert.match(await project.why("walk@bad"), /^run: has not run yet; the last attempt failed: /);
    assert.match(await project.read(".tomoflow/logs/workflow/walk@bad/1.log"), /\n# failed\n# /);
    assert.deepEqual(await readdir(join(project.folder, ".tomoflow/attempts")), []);
  });

test("--keep-going does what does not depend on the failure", async (context) => {
  const project = await toyProject(context, stumbling("exit"));
  const { outcomes, summary } = await project.run({ jobs: 1, keepGoing: true });
  assert.deepEqual(outcomes, {
    "walk@bad": "failed",
    "walk@good": "done",
    "shout@bad": "skipped",
    "shout@good": "done",
  });
  assert.equal(summary.outcome, "failed");
  await project.write("bad.txt", "fine\n");
  // both rows hold the same text now, so the other row's result serves
  assert.deepEqual((await project.run()).summary.counts.restored, 2);
  assert.deepEqual((await project.run()).summary.counts.fresh, 4);
});

test("a failed attempt leaves the last good output and its log, never half a result", async (context) => {
  const project = await toyProject(context, stumbling("half"));
  await project.write("bad.txt", "fine\n");
  await project.run();
  await project.write("bad.txt", "now it falls\n");
  const run = await project.run();
  assert.equal(run.outcomes["walk@bad"], "failed");
  assert.equal(await project.read("results/falls/walk/bad/out.txt"), "fine");
  await project.write("bad.txt", "fine\n");
  assert.equal((await project.run()).summary.counts.fresh, 4);
});

test("retries try again in this run", async (context) => {
  const project = await toyProject(context, stumbling("once", ", retries: 1"));
  const run = await project.run({ retryDelaySeconds: () => 0 });
  assert.equal(run.summary.outcome, "done");
  const attempts = run.events.filter((event) => event.type === "task-started" && event.task === "walk@bad");
  assert.deepEqual(
    attempts.map((event) => event.type === "task-started" && event.attempt),
    [1, 2],
  );
  assert.match(await project.read(".tomoflow/logs/workflow/walk@bad/1.log"), /not at the first try/);
});

test("a result whose input changed underneath is tainted: kept, not cached, and made again", async (context) => {
  const project = await toyProject(context, stumbling("change-input"));
  const run = await project.run({ keepGoing: true });
  assert.equal(run.outcomes["walk@bad"], "tainted");
  assert.equal(run.outcomes["shout@bad"], "skipped");
  assert.equal(run.summary.outcome, "failed");
  assert.equal(await project.read("results/falls/walk/bad/out.txt"), "oh no");
  assert.match(await project.why("walk@bad"), /the last attempt tainted: bad\.txt changed while/);
  await project.write("bad.txt", "oh no\n");
  assert.match(await project.why("walk@bad"), /^run: /, "not taken from the cache");
});

for (const [how, outcome] of [
  ["change-input-and-back", "tainted"],
  ["change-input-and-back-and-throw", "failed"],
] as const)
  test(`an input changed and changed back while it was read, its time too: ${outcome}, and nothing of it is used again`, async (context) => {
    const project = await toyProject(context, stumbling(how));
    const run = await project.run({ keepGoing: true });
    assert.equal(run.outcomes["walk@bad"], outcome);
    assert.equal(run.outcomes["shout@bad"], "skipped");
    assert.match(await project.why("walk@bad"), /^run: /, "not taken from the cache");
    const checkpoints = readdirSync(join(project.folder, ".tomoflow/checkpoints"), { recursive: true });
    assert.deepEqual(
      checkpoints.filter((name) => String(name).endsWith("seen")),
      [],
      "it would go on from what it read of the other content",
    );
  });

for (const how of ["link-output", "hard-link-output"])
  test(`${how}: the user's input stays as it is, and the cache has a file of its own`, async (context) => {
    const project = await toyProject(context, stumbling(how));
    const before = await stat(join(project.folder, "bad.txt"));
    assert.equal((await project.run({ keepGoing: true })).outcomes["walk@bad"], "done");
    const after = await stat(join(project.folder, "bad.txt"));
    assert.deepEqual(
      [after.mode, after.mtimeMs, after.ino, after.nlink],
      [before.mode, before.mtimeMs, before.ino, 1],
    );
    assert.equal(await project.read("results/falls/walk/bad/out.txt"), "oh no\n");
  });

test("a step that puts a link in the place of its folder cannot have a file of the user taken into the cache", async (context) => {
  const project = await toyProject(context, stumbling("move-attempt"));
  const run = await project.run({ keepGoing: true });
  const end = run.events.find((event) => event.type === "task-ended" && event.task === "walk@bad");
  assert.ok(end?.type === "task-ended");
  assert.equal(end.error?.code, "output-elsewhere");
  assert.equal(await project.read("out.txt"), "theirs");
});

test("an error of the preflight stops the run before anything starts", async (context) => {
  const project = await toyProject(context, stumbling("throw"));
  const seen: string[] = [];
  const run = await project.run({
    preflight: async ({ taskId, kind, rows, pending }) => {
      const files = Object.entries(rows[0]!.files).map(
        ([port, path]) => `${port}${pending.has(path) ? " to come" : ""}`,
      );
      seen.push(`${taskId} ${kind} ${files}`);
      return taskId === "walk@bad" ? [errorDiagnostic("toy-mistake", "do not walk there")] : [];
    },
  });
  assert.deepEqual(seen.sort(), [
    "shout@bad shout text to come",
    "shout@good shout text to come",
    "walk@bad stumble text",
    "walk@good stumble text",
  ]);
  assert.equal(run.summary.outcome, "failed");
  assert.deepEqual(
    run.summary.diagnostics.map(({ code }) => code),
    ["toy-mistake"],
  );
  assert.equal(run.summary.counts.skipped, 4);
  assert.deepEqual(
    run.events.map(({ type }) => type),
    ["run-started", "diagnostic", "run-ended"],
  );
});

test("a task that waited for others is looked over again when its turn comes; a warning is told once", async (context) => {
  const project = await toyProject(context, stumbling("throw"));
  await project.write("bad.txt", "fine\n");
  const run = await project.run({
    jobs: 1,
    preflight: async ({ taskId, pending }) =>
      taskId !== "shout@bad"
        ? []
        : [
            warningDiagnostic("toy-warning", "do not whisper"),
            ...(pending.size === 0 ? [errorDiagnostic("toy-mistake", "do not shout")] : []),
          ],
  });
  const told = run.events.filter(({ type }) => type === "diagnostic");
  assert.equal(told.length, 1);
  assert.equal(run.outcomes["walk@bad"], "done");
  assert.equal(errorOf(run, "shout@bad")?.code, "preflight");
});

test("a missing input stops the run before anything starts", async (context) => {
  const project = await toyProject(context, stumbling("throw"));
  const workflow = await project.load();
  await project.remove("bad.txt");
  const { runWorkflow } = await import("../../../src/runner/index.ts");
  const summary = await runWorkflow(workflow, { sink: () => undefined });
  assert.equal(summary.outcome, "failed");
  assert.equal(summary.diagnostics[0]?.message, "bad.txt does not exist; walk@bad reads it");
  assert.equal(summary.counts.skipped, 4);
});

test("results that cannot be written are told before anything starts", async (context) => {
  const project = await toyProject(context, stumbling("throw"));
  await project.write("results", "a file where the folder should be");
  const run = await project.run();
  assert.equal(run.summary.outcome, "failed");
  assert.match(run.summary.diagnostics[0]?.message ?? "", /results/);
  assert.equal(run.summary.counts.skipped, 4);
});

test("a GPU that the machine lacks is told before anything starts", async (context) => {
  const project = await toyProject(context, stumbling("throw", ", resources: {gpu: 99}"));
  const run = await project.run();
  assert.deepEqual(
    run.summary.diagnostics.map(({ code, location }) => [code, location?.line]),
    [["not-enough-gpus", 6]],
  );
});
