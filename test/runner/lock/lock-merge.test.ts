/** The lock file under real git merges. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Lock, type LockedTask, parseLock } from "../../../src/runner/lock/lock.ts";
import { tomoflow } from "../../support/command-line.ts";
import { gitRepository } from "../../support/git-repository.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

/** Three steps: the two that read the first one do not read each other. */
const text = (suffix: string, join_: string) =>
  shoutFiles["workflow.yaml"]
    .replace('suffix: "!"', `suffix: "${suffix}"`)
    .replace("measure: {uses: measure, from: shout}", "again: {uses: shout, from: tomograms}")
    .replace("join: {uses: join, from: shout}", `join: {uses: join, from: shout${join_}}`);

test("two branches that change different steps merge, and what both made is fresh", async (context) => {
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": text("!", "") });
  const { git, commit } = gitRepository(project.folder);
  await project.write(".gitignore", "results/\n");
  await project.run();
  commit("base");

  git("checkout", "-q", "-b", "left");
  await project.write("workflow.yaml", text("?", ""));
  await project.run();
  commit("another suffix: shout and join change");
  git("checkout", "-q", "-b", "right", "main");
  const again = text("!", "").replace(
    "{uses: shout, from: tomograms}",
    '{uses: shout, from: tomograms, with: {suffix: "."}}',
  );
  await project.write("workflow.yaml", again);
  await project.run();
  commit("again changes");
  git("merge", "-q", "--no-edit", "left");

  const merged = parseLock("lock", await readFile(project.lockPath, "utf8"));
  assert.equal(merged.get("shout@a")!.parameters.suffix, "?");
  assert.equal(merged.get("again@b")!.parameters.suffix, ".");
  const { counts } = (await project.run()).summary;
  assert.deepEqual([counts.done, counts.failed], [0, 0], "nothing is computed again after the merge");
  assert.equal((await project.plan()).counts.fresh, 5);
});

const locked = (seed: number): LockedTask => {
  const hash = (part: string) =>
    `${seed}${part}`
      .repeat(64)
      .replace(/[^0-9a-f]/g, "a")
      .slice(0, 64);
  return {
    key: hash("key"),
    kind: "toy",
    version: 1 + (seed % 3),
    parameters: { epochs: seed, filters: [16, seed], radii: { 1: seed, 2: 4 } },
    classes: { 1: { name: "ribosome", radius: 9 } },
    rows: {},
    inputs: { tomogram: { path: "data/t.mrc", sha256: hash("in"), size: seed } },
    outputs: { labels: { path: "labels.mrc", sha256: hash("out"), size: 7 } },
    metrics: { metrics: { macro: { f1: seed / 100 } } },
    seconds: seed / 10,
    tomoflow: "0.1.0",
  };
};

test("any two branches that change, add or remove rows of different steps merge to both changes", async (context) => {
  const folder = await temporaryFolder(context);
  // one of three: left's steps, right's steps, and steps in between that stay
  const steps = ["align", "bin", "cluster", "denoise", "evaluate", "filter", "segment", "target", "train"];
  const owner = (step: string) => ["left", "none", "right"][steps.indexOf(step) % 3]!;
  let state = 42;
  const random = (below: number) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  for (let round = 0; round < 40; round++) {
    const base = new Map<string, LockedTask>();
    for (const step of steps)
      for (let row = 0; row < 1 + random(4); row++) base.set(`${step}@t${row}`, locked(random(1000)));
    const changed = (side: string) => {
      const tasks = new Map(base);
      for (const id of base.keys()) {
        if (owner(id.split("@")[0]!) !== side) continue;
        const fate = random(5);
        // a step that goes as a whole may touch what comes beside it
        if (fate === 0 && !id.endsWith("@t0")) tasks.delete(id);
        else if (fate < 4) tasks.set(id, locked(1000 + random(1000)));
        if (fate === 4) tasks.set(`${id}-new`, locked(2000 + random(1000)));
      }
      return tasks;
    };
    const [left, right] = [changed("left"), changed("right")];
    const files = await Promise.all(
      [left, base, right].map(async (tasks, index) => {
        const path = join(folder, `${round}-${index}.lock.yaml`);
        const lock = await Lock.open(path);
        for (const [id, task] of tasks) lock.set(id, task);
        await lock.save();
        return path;
      }),
    );
    const { status, stdout } = spawnSync("git", ["merge-file", "-p", ...files], { encoding: "utf8" });
    assert.equal(status, 0, `round ${round}: ${stdout.slice(stdout.indexOf("<<<<<<<")).slice(0, 6000)}`);
    const ofSide = (tasks: ReadonlyMap<string, LockedTask>, side: string) =>
      [...tasks].filter(([id]) => owner(id.split("@")[0]!) === side);
    const expected = [...ofSide(left, "left"), ...ofSide(right, "right"), ...ofSide(base, "none")].sort();
    const merged = parseLock("merged", stdout);
    assert.deepEqual(Object.fromEntries(merged), Object.fromEntries(expected));
  }
});

test("a conflict in one and the same task is told with its line, and either side can be taken", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const { git, commit } = gitRepository(project.folder);
  await project.write(".gitignore", "results/\n");
  await project.run();
  commit("base");
  for (const suffix of ["?", "."]) {
    git("checkout", "-q", "-b", suffix === "?" ? "ask" : "dot", "main");
    await project.write("workflow.yaml", shoutFiles["workflow.yaml"].replace('"!"', `"${suffix}"`));
    await project.run();
    commit(suffix);
  }
  assert.throws(() => git("merge", "ask"), /Command failed: git merge/);
  await project.write("workflow.yaml", shoutFiles["workflow.yaml"].replace('"!"', '"."'));
  const lines = (await readFile(project.lockPath, "utf8")).split("\n");
  const line = lines.findIndex((each) => each.startsWith("<<<<<<<")) + 1;

  for (const look of [() => project.plan(), () => project.run()])
    await assert.rejects(look(), (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, "lock-conflict");
      assert.ok(error.message.includes(`workflow.lock.yaml:${line} has merge conflict marks`), error.message);
      assert.match(error.hint!, /git checkout --ours workflow\.lock\.yaml/);
      return true;
    });
  git("checkout", "-q", "--ours", "workflow.lock.yaml");
  assert.equal((await project.plan()).counts.fresh, 5);
  git("checkout", "-q", "--theirs", "workflow.lock.yaml");
  const { summary } = await project.run();
  assert.deepEqual([summary.outcome, summary.counts.done], ["done", 0], "the cache has both");
});

test("at the command line a conflict ends with exit code 2 and what to type", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(
    join(folder, "workflow.yaml"),
    "version: 1\ntomograms: [{id: t0}]\nsteps: {simulate: {uses: simulate}}\n",
  );
  await writeFile(
    join(folder, "workflow.lock.yaml"),
    "version: 1\n<<<<<<< HEAD\n||||||| base\n=======\n>>>>>>> x\n",
  );
  execFileSync("git", ["init", "-q"], { cwd: folder });
  for (const command of ["plan", "status", "run", "graph"]) {
    const { code, stderr } = await tomoflow([command], { folder });
    assert.equal(code, 2, `${command}: ${stderr}`);
    assert.match(
      stderr,
      /error: .*workflow\.lock\.yaml:2 has merge conflict marks\nhint: take either side/,
      command,
    );
  }
});
