import assert from "node:assert/strict";
import { lstat, readdir, rename, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary.ts";
import { openToyProject, shoutFiles, toyProject } from "../support/toy-project.ts";

const none = { fresh: 0, restored: 0, done: 0, tainted: 0, failed: 0, interrupted: 0, skipped: 0 };

test("runs everything once, then nothing", async (context) => {
  const project = await toyProject(context, shoutFiles);
  assert.deepEqual((await project.plan()).counts, { fresh: 0, restore: 0, run: 2, pending: 3 });
  const first = await project.run();
  assert.deepEqual(first.outcomes, {
    "shout@a": "done",
    "shout@b": "done",
    "measure@a": "done",
    "measure@b": "done",
    join: "done",
  });
  assert.equal(first.summary.outcome, "done");
  assert.equal(first.summary.resultsFolder, join(project.folder, "results/toy"));
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
  assert.equal(await project.read("results/toy/join/all.txt"), "train ONE!1:10\nvalid THREE!1:10\n");
  const lock = await project.read("workflow.lock.yaml");

  const second = await project.run();
  assert.equal(second.summary.outcome, "done");
  assert.deepEqual(second.summary.counts, { ...none, fresh: 5 });
  assert.deepEqual((await project.plan()).counts, { fresh: 5, restore: 0, run: 0, pending: 0 });
  assert.equal(await project.read("workflow.lock.yaml"), lock);
  assert.deepEqual(await readdir(join(project.folder, ".tomoflow/attempts")), []);
});

test("rows are taken to their end one after another; what all rows wait for comes first", async (context) => {
  const project = await toyProject(context, {
    ...shoutFiles,
    "data/c.txt": "five\n",
    "workflow.yaml": shoutFiles["workflow.yaml"].replace(
      "params:",
      "  - {id: c, text: data/c.txt, split: test}\nparams:",
    ),
  });
  const { events } = await project.run({ jobs: 1 });
  const started = events.flatMap((event) => (event.type === "task-started" ? [event.task] : []));
  assert.deepEqual(started, ["shout@a", "measure@a", "shout@b", "measure@b", "shout@c", "join", "measure@c"]);
});

test("a parameter changed runs its step, changed back it is restored", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.write("workflow.yaml", shoutFiles["workflow.yaml"].replace('suffix: "!"', 'suffix: "?"'));
  assert.equal(await project.why("shout@a"), "run: shout.suffix ! → ?");
  assert.equal(await project.why("join"), "pending: waits for 2 tasks of shout");
  const changed = await project.run();
  // as long as before, so `measure` reads another text but writes the same number
  assert.deepEqual(changed.summary.counts, { ...none, done: 5 });
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE?1:10\n");

  await project.write("workflow.yaml", shoutFiles["workflow.yaml"]);
  assert.deepEqual((await project.plan()).counts, { fresh: 0, restore: 5, run: 0, pending: 0 });
  assert.equal(await project.why("shout@b"), "restore: shout.suffix ? → !");
  const back = await project.run();
  assert.deepEqual(back.summary.counts, { ...none, restored: 5 });
  assert.equal(await project.read("results/toy/join/all.txt"), "train ONE!1:10\nvalid THREE!1:10\n");
  assert.deepEqual((await project.run()).summary.counts, { ...none, fresh: 5 });
});

test("an output that comes out the same stops the cascade", async (context) => {
  const files = {
    "data/a.txt": "abc",
    "workflow.yaml": `
version: 1
name: cutoff
tomograms: [{id: a, text: data/a.txt}]
steps:
  shout: {uses: shout, from: tomograms, with: {suffix: ""}}
  measure: {uses: measure, from: shout}
  again: {uses: shout, from: measure, with: {text: "\${row.length}"}}
`,
  };
  const project = await toyProject(context, files);
  assert.equal((await project.run()).summary.outcome, "done");
  await project.write("data/a.txt", "xyz");
  const { outcomes } = await project.run();
  assert.deepEqual(outcomes, { "shout@a": "done", "measure@a": "done", "again@a": "fresh" });
});

test("touching a file hashes it once and runs nothing; an edit of the same size runs", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const old = new Date(Date.now() - 60_000);
  const input = join(project.folder, "data/a.txt");
  await utimes(input, old, old);
  await project.run();
  const touched = new Date(Date.now() - 30_000);
  await utimes(input, touched, touched);
  assert.deepEqual((await project.run()).summary.counts, { ...none, fresh: 5 });

  await project.write("data/a.txt", "two\n");
  await utimes(input, touched, touched);
  assert.match(await project.why("shout@a"), /^run: data\/a\.txt changed [0-9a-f]{4}… → [0-9a-f]{4}…$/);
  const { outcomes } = await project.run();
  assert.deepEqual(outcomes, {
    "shout@a": "done",
    "shout@b": "fresh",
    "measure@a": "done",
    "measure@b": "fresh",
    join: "done",
  });
});

test("an output deleted comes back, an output edited by hand comes back and the edit is kept", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.remove("results/toy/shout/a");
  await project.write("results/toy/join/all.txt", "my own words");
  assert.equal(await project.why("shout@a"), "restore: results/toy/shout/a/loud.txt is missing");
  assert.match(await project.why("join"), /^restore: results\/toy\/join\/all\.txt was edited \(/);
  const { events, summary } = await project.run();
  assert.deepEqual(summary.counts, { ...none, fresh: 3, restored: 2 });
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
  assert.equal(await project.read("results/toy/join/all.txt"), "train ONE!1:10\nvalid THREE!1:10\n");
  const ended = events.find((event) => event.type === "task-ended" && event.task === "join");
  const detail = ended?.type === "task-ended" ? ended.detail : undefined;
  const kept = /kept as (\S+)$/.exec(detail ?? "")?.[1];
  assert.equal(await project.read(kept ?? "nothing kept"), "my own words");
});

test("a new row runs its own tasks and the whole-table step", async (context) => {
  const project = await toyProject(context, { ...shoutFiles, "data/c.txt": "five\n" });
  await project.run();
  const row = "  - {id: b, text: data/b.txt, split: valid}\n";
  const grown = shoutFiles["workflow.yaml"].replace(row, `${row}  - {id: c, text: data/c.txt}\n`);
  await project.write("workflow.yaml", grown);
  assert.equal(await project.why("shout@c"), "run: new row c");
  assert.equal(await project.why("join"), "pending: waits for shout@c; new row c");
  assert.deepEqual((await project.run()).summary.counts, { ...none, fresh: 4, done: 3 });

  await project.write("workflow.yaml", shoutFiles["workflow.yaml"]);
  assert.equal(await project.why("join"), "restore: row c is gone");
  assert.deepEqual((await project.run()).summary.counts, { ...none, fresh: 4, restored: 1 });
  assert.doesNotMatch(await project.read("workflow.lock.yaml"), /@c/);
});

test("row order, paths, ids and speed do not matter, columns, classes and versions do", async (context) => {
  const project = await toyProject(context, { ...shoutFiles, "elsewhere/a.txt": "one\n" });
  await project.run();
  const yaml = shoutFiles["workflow.yaml"];
  const [a, b] = [/ {2}- \{id: a.*\n/, / {2}- \{id: b.*\n/].map((row) => row.exec(yaml)?.[0] ?? "");
  const same = yaml
    .replace(a! + b!, b! + a!)
    .replace("data/a.txt", "elsewhere/a.txt")
    .replace('"${params.suffix}"', '"${params.suffix}", speed: 9');
  await project.write("workflow.yaml", same);
  assert.deepEqual((await project.plan()).counts, { fresh: 5, restore: 0, run: 0, pending: 0 });

  await project.write("workflow.yaml", yaml.replace("split: valid", "split: test"));
  assert.equal(await project.why("join"), "run: row b.split valid → test");
  await project.write("workflow.yaml", yaml.replace("radius: 10", "radius: 12"));
  assert.equal(await project.why("shout@a"), "run: class 1 radius 10 → 12");
  assert.equal(await project.why("join"), "pending: waits for 2 tasks of shout");
  await project.write("workflow.yaml", yaml.replace("ribosome", "proteasome"));
  assert.deepEqual((await project.plan()).counts, { fresh: 5, restore: 0, run: 0, pending: 0 });
});

test("a project folder moved elsewhere stays fresh", async (context) => {
  const parent = await temporaryFolder(context);
  const project = openToyProject(join(parent, "before"));
  for (const [path, text] of Object.entries(shoutFiles)) await project.write(path, text);
  await project.run();
  await rename(project.folder, join(parent, "after"));
  const moved = openToyProject(join(parent, "after"));
  assert.deepEqual((await moved.run()).summary.counts, { ...none, fresh: 5 });
});

test("results survive the loss of the cache, and the cache the loss of the lock", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.remove("workflow.lock.yaml");
  const before = await stat(join(project.folder, "results/toy/join/all.txt"));
  assert.deepEqual((await project.run()).summary.counts, { ...none, restored: 5 });
  assert.equal(
    (await stat(join(project.folder, "results/toy/join/all.txt"))).ino,
    before.ino,
    "not copied again",
  );
  await project.remove(".tomoflow");
  assert.deepEqual((await project.run()).summary.counts, { ...none, fresh: 5 });
});

test("a damaged cache is noticed and the task runs again", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const lock = await project.read("workflow.lock.yaml");
  const hash = /shout\/a\/loud\.txt, sha256: ([0-9a-f]{64}), size: 9\}/.exec(lock)?.[1] ?? "";
  const blob = `.tomoflow/cache/blobs/${hash.slice(0, 2)}/${hash}`;
  await project.remove(blob);
  await project.write(blob, "ONE!1:99\n");
  await project.remove("results/toy/shout/a/loud.txt");
  const { outcomes } = await project.run();
  assert.equal(outcomes["shout@a"], "done");
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
});

test("--force runs, --only leaves the rest, --verify hashes again", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const only = await project.run({ only: ["measure@a"] });
  assert.deepEqual(only.outcomes, { "shout@a": "done", "measure@a": "done" });
  const forced = await project.run({ force: ["shout@a"] });
  assert.deepEqual(forced.outcomes, {
    "shout@a": "done",
    "shout@b": "done",
    "measure@a": "fresh",
    "measure@b": "done",
    join: "done",
  });
  assert.equal(await project.why("shout", {}), "no such task");
  await assert.rejects(project.plan({ only: ["shuot"] }), { code: "unknown-task" });
  assert.deepEqual((await project.run({ verify: true })).summary.counts, { ...none, fresh: 5 });
});

test("a file parameter counts by its content", async (context) => {
  const files = {
    "a.txt": "one ",
    "tail.txt": "end",
    "other/end.txt": "end",
    "workflow.yaml": `
version: 1
name: tails
tomograms: [{id: a, text: a.txt}]
steps:
  append: {uses: append, from: tomograms, with: {tail: tail.txt}}
  twice: {uses: append, from: tomograms, with: {tail: "\${append.longer}"}}
`.replace('"${append.longer}"', "other/end.txt"),
  };
  const project = await toyProject(context, files);
  const { outcomes } = await project.run({ jobs: 1 });
  // the same work under another name is taken from the cache
  assert.deepEqual(outcomes, { "append@a": "done", "twice@a": "restored" });
  assert.equal(await project.read("results/tails/append/a/longer.txt"), "one end");
  await project.write("tail.txt", "END");
  assert.match(await project.why("append@a"), /^run: tail\.txt changed/);
  assert.match(await project.why("twice@a"), /^fresh/);
});

test("metrics and the engine are in the lock", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const lock = await project.read("workflow.lock.yaml");
  assert.match(lock, / {4}metrics:\n {6}metrics:\n {8}nested:\n {10}letters: 32\n {8}rows: 2\n/);
  assert.match(lock, / {2}shout@a:\n(?: {4}.*\n)* {4}engine: toy \(CPU\)\n/);
  assert.doesNotMatch(lock, new RegExp(project.folder));
});

test("a step of the user's own runs in a worker, and its code counts", async (context) => {
  const module = (word: string) => `
import { writeFile } from "node:fs/promises";
export default {
  name: "greet", version: 1, summary: "Greets.", scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({ inputs: [], outputs: [{ name: "greeting", file: "greeting.txt", description: "It." }], columns: ["id"], classFields: [] }),
  run: ({ rows, outputs }) => writeFile(outputs.greeting, "${word} " + rows[0].id),
};
`;
  const project = await toyProject(context, {
    "my-step.mjs": module("hello"),
    "workflow.yaml": `
version: 1
name: mine
tomograms: [{id: a}, {id: b}]
steps:
  greet: {uses: ./my-step.mjs, from: tomograms}
`,
  });
  assert.equal((await project.run()).summary.outcome, "done");
  assert.equal(await project.read("results/mine/greet/b/greeting.txt"), "hello b");
  await project.write("my-step.mjs", module("good day"));
  assert.match(await project.why("greet@a"), /^run: my-step\.mjs changed/);
  await project.run();
  assert.equal(await project.read("results/mine/greet/b/greeting.txt"), "good day b");
});

for (const link of ["copy", "hardlink", "symlink"])
  test(`results given by ${link} are the same, and fresh`, async (context) => {
    const yaml = `${shoutFiles["workflow.yaml"]}cache: {link: ${link}}\n`;
    const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": yaml });
    await project.run();
    assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
    const stats = await lstat(join(project.folder, "results/toy/shout/a/loud.txt"));
    assert.equal(stats.isSymbolicLink(), link === "symlink");
    assert.equal(stats.nlink, link === "hardlink" ? 2 : 1);
    await project.remove("results/toy/shout/a/loud.txt");
    assert.deepEqual((await project.run()).summary.counts, { ...none, fresh: 4, restored: 1 });
    assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
  });
