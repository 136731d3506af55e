import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { acquireLease } from "../../../src/runner/claims/lease.ts";
import { newMark } from "../../../src/runner/store/process-mark.ts";
import { collectGarbage, type GcOptions } from "../../../src/runner/upkeep/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { openToyProject, shoutFiles, type ToyProject, toyProject } from "../../support/toy-project.ts";

const gc = async (project: ToyProject, options: GcOptions = {}) =>
  collectGarbage(await project.load(), options);

const withSuffix = (suffix: string) =>
  shoutFiles["workflow.yaml"].replace('suffix: "!"', `suffix: "${suffix}"`);

/** Results for `!` and then `?`, which the lock holds. */
async function twoVersions(project: ToyProject): Promise<void> {
  await project.run();
  await project.write("workflow.yaml", withSuffix("?"));
  await project.run();
}

const filesIn = (project: ToyProject, folder: string): number =>
  readdirSync(join(project.folder, folder), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;

test("--keep-locked removes the other version, whose tasks then run again; the lock's come from the cache", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await twoVersions(project);
  const lengths = await stat(join(project.folder, "results/toy/measure/a/length.txt"));
  assert.equal(lengths.size, 2);

  const asked = await gc(project, { keepLocked: true, dryRun: true });
  assert.equal(filesIn(project, ".tomoflow/cache/manifests"), 10, "a dry run removes nothing");
  // the texts of `shout` and `join`; the lengths and the metrics are the same files in both versions
  const texts = ["ONE!1:10\n", "THREE!1:10\n", "train ONE!1:10\nvalid THREE!1:10\n"];
  assert.deepEqual(asked.removed.results, { count: 5, bytes: texts.join("").length });
  const { dryRun: _, ...told } = asked;
  const { dryRun, ...done } = await gc(project, { keepLocked: true });
  assert.equal(dryRun, false);
  assert.deepEqual(done, told, "does what it said");
  assert.equal(filesIn(project, ".tomoflow/cache/manifests"), 5);

  await project.remove("results");
  assert.equal((await project.run()).summary.counts.restored, 5);
  await project.write("workflow.yaml", withSuffix("!"));
  assert.equal((await project.plan()).counts.run, 2, "the other version is gone");
});

test("every lock of the project counts, and one that cannot be read stops it", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.write("other.lock.yaml", await project.read("workflow.lock.yaml"));
  await project.write("workflow.yaml", withSuffix("?"));
  await project.run();
  assert.equal((await gc(project, { keepLocked: true, dryRun: true })).removed.results.count, 0);
  await project.write("other.lock.yaml", "<<<<<<< ours\n");
  await assert.rejects(gc(project, { keepLocked: true }), { code: "lock-conflict" });
});

test("--keep-locked keeps what the lock of a variant refers to", async (context) => {
  const workflow = `${shoutFiles["workflow.yaml"]}variants: {ask: {suffix: "?"}}\n`;
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": workflow });
  const variant = openToyProject(project.folder, { variant: "ask" });
  await project.run();
  await variant.run();
  assert.equal(basename(variant.lockPath), "workflow@ask.lock.yaml");
  assert.equal((await gc(project, { keepLocked: true })).removed.results.count, 0);
  await project.remove("results");
  assert.equal((await variant.run()).summary.counts.restored, 5);
  await project.remove("workflow@ask.lock.yaml");
  // its two texts, their lengths and the table of them
  assert.equal((await gc(project, { keepLocked: true })).removed.results.count, 5);
  assert.equal((await project.plan()).counts.restore, 5);
});

test("a result that was taken from the cache counts as used", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await twoVersions(project);
  const manifests = join(project.folder, ".tomoflow/cache/manifests");
  const old = new Date(Date.now() - 40 * 86_400_000);
  for (const name of readdirSync(manifests, { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".json")) await utimes(join(manifests, name), old, old);
  await project.write("workflow.yaml", withSuffix("!"));
  assert.equal((await project.run()).summary.counts.restored, 5);
  const { removed } = await gc(project, { olderThanSeconds: 30 * 86_400 });
  assert.equal(removed.results.count, 5);
  assert.equal((await project.plan()).counts.fresh, 5, "working copies stay");
});

test("files of a result being published by a run at work stay, and go when it is gone", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const blob = join(project.folder, ".tomoflow/cache/blobs/ab", "ab".repeat(32));
  await mkdir(join(blob, ".."), { recursive: true });
  await writeFile(blob, "not yet a result");
  const { signal } = new AbortController();
  const nothing = () => undefined;
  const leases = join(project.folder, ".tomoflow/leases");
  const lease = await acquireLease(join(leases, "work"), {
    task: "a",
    signal,
    onWait: nothing,
    onTakeOver: nothing,
  });
  assert.equal((await gc(project)).freedBytes, 0);
  await lease.release();
  const { pid } = await promisify(execFile)(process.execPath, ["-p", "process.pid"]).then(({ stdout }) => ({
    pid: Number(stdout),
  }));
  // the first of a process that has ended, one of another machine, where a process of that number may be at work
  const ended = newMark().replace(/-\d+-\d+$/, `-${pid}-0`);
  for (const mark of [ended, `-00000000-${pid}-0`]) {
    const attempt = join(project.folder, ".tomoflow/attempts", `shout@a${mark}`);
    await mkdir(attempt, { recursive: true });
    await writeFile(join(attempt, "loud.txt"), "half");
  }
  const report = await gc(project);
  assert.deepEqual(report.removed.results, { count: 0, bytes: 16 });
  assert.deepEqual(report.removed.attempts, { count: 1, bytes: 4 });
  assert.equal(report.freedBytes, 20);
  await assert.rejects(readFile(blob));
  assert.equal((await project.plan()).counts.fresh, 5);
});

test("no working copy is left as a link to nothing", async (context) => {
  const linked = `${shoutFiles["workflow.yaml"]}cache: {link: symlink}\n`;
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": linked });
  await project.run();
  await symlink("nowhere", join(project.folder, "results/stray"));
  const report = await gc(project, { maxBytes: 0 });
  assert.equal(report.removed.results.count, 0);
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
});

const linkedTo = (out: string) =>
  `${shoutFiles["workflow.yaml"].replace("from: tomograms,", `from: tomograms, out: "${out}",`)}cache: {link: symlink}\n`;

test("links that no lock names any more keep their files, inside the project and outside", async (context) => {
  for (const out of ["results/loud", join(await temporaryFolder(context), "loud")]) {
    const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": linkedTo(out) });
    await project.run();
    const copies = ["a", "b"].map((row) => resolve(project.folder, out, row, "loud.txt"));
    const show = () => Promise.all(copies.map((path) => readFile(path, "utf8")));
    const before = await show();
    await project.write("workflow.yaml", linkedTo(out).replace(/^ {2}- \{id: b.*\n/m, ""));
    await project.run();
    assert.doesNotMatch(await project.read("workflow.lock.yaml"), /shout@b/, "the row is gone");
    await gc(project, { keepLocked: true });
    assert.deepEqual(await show(), before, "a row was removed");
    await project.remove("workflow.lock.yaml");
    await gc(project, { keepLocked: true });
    await gc(project, { maxBytes: 0 });
    assert.deepEqual(await show(), before, "the lock was deleted");
  }
});

test("the link to a tainted result keeps its file", async (context) => {
  const project = await toyProject(context, {
    "bad.txt": "oh no\n",
    "workflow.yaml": `
version: 1
name: falls
cache: {link: symlink}
tomograms: [{id: bad, text: bad.txt}]
steps:
  walk: {uses: stumble, with: {how: change-input}}
`,
  });
  assert.equal((await project.run()).outcomes["walk@bad"], "tainted");
  await gc(project, { keepLocked: true });
  assert.equal(await project.read("results/falls/walk/bad/out.txt"), "oh no");
});

test("links below a results folder that is a link itself lead to the cache, and are known", async (context) => {
  const linked = `${shoutFiles["workflow.yaml"]}cache: {link: symlink}\n`;
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": linked });
  await symlink(await temporaryFolder(context), join(project.folder, "results"));
  await project.run();
  await project.remove("workflow.lock.yaml");
  await gc(project, { keepLocked: true });
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
});

test("the log of the attempt that made the lock's result stays, though later ones made others", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await twoVersions(project);
  await project.write("workflow.yaml", withSuffix("@"));
  await project.run();
  await project.write("workflow.yaml", withSuffix("!"));
  assert.equal((await project.run()).outcomes["shout@a"], "restored");
  const logs = () => readdirSync(join(project.folder, ".tomoflow/logs/workflow/shout@a")).sort();
  assert.deepEqual(logs(), ["1.log", "2.log", "3.log"]);
  const longAgo = new Date(Date.now() - 45 * 86_400_000);
  for (const name of logs())
    await utimes(join(project.folder, ".tomoflow/logs/workflow/shout@a", name), longAgo, longAgo);
  assert.equal((await gc(project)).removed.logs.count, 1);
  assert.deepEqual(logs(), ["1.log", "3.log"]);
});

test("slices half made by a killed server go, those being made stay; a journal goes only when old, and not while it is open", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const gone = 2 ** 22 + 1;
  const old = new Date(Date.now() - 3 * 3_600_000);
  const write = async (path: string): Promise<void> => {
    await project.write(path, "0123456789");
    await utimes(join(project.folder, path), old, old);
  };
  const slices = ".tomoflow/cache/slices";
  for (const name of [`a.part-${gone}-1`, `b.part-${process.pid}-1`, "c"]) {
    await write(`${slices}/${name}/level-0.cubes`);
    await utimes(join(project.folder, slices, name), old, old);
  }
  const studio = ".tomoflow/studio";
  for (const name of ["lists/open.jsonl", "lists/closed.jsonl", "originals/t1-2026.xml"])
    await write(`${studio}/${name}`);
  await project.write(`${studio}/lists/open.jsonl.claim`, `${process.pid} 1`);
  await project.write(`${studio}/lists/closed.jsonl.claim`, `${gone} 1`);

  const first = (await gc(project, { keepLocked: true })).removed;
  assert.deepEqual(
    [first.attempts, first.slices, first.studio],
    [
      { count: 1, bytes: 10 },
      { count: 0, bytes: 0 },
      { count: 0, bytes: 0 },
    ],
  );
  assert.deepEqual(readdirSync(join(project.folder, slices)).sort(), [`b.part-${process.pid}-1`, "c"]);
  const { removed } = await gc(project, { keepLocked: true, olderThanSeconds: 3600 });
  assert.deepEqual([removed.slices.count, removed.studio], [1, { count: 2, bytes: 20 }]);
  assert.deepEqual(readdirSync(join(project.folder, studio, "originals")), []);
  assert.ok(readdirSync(join(project.folder, studio, "lists")).includes("open.jsonl"));
});
