import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { traceFile } from "../../../src/runner/provenance/index.ts";
import { gitRepository } from "../../support/git-repository.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { openToyProject, shoutFiles, type ToyProject, toyProject } from "../../support/toy-project.ts";

async function doneProject(context: TestContext): Promise<ToyProject> {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  return project;
}

const traceIn = async (project: ToyProject, path: string) =>
  traceFile(await project.load(), join(project.folder, path));

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

test("an output: its task, and all the way up to the files of the user", async (context) => {
  const project = await doneProject(context);
  const { origin, madeBy, content, tasks, readBy } = await traceIn(project, "results/toy/join/all.txt");
  const text = "train ONE!1:10\nvalid THREE!1:10\n";
  assert.deepEqual([origin, madeBy, readBy], ["output", "join.all", []]);
  assert.deepEqual(content, { sha256: hashOf(text), size: text.length });
  assert.deepEqual(
    tasks.map(({ id, state, lock }) => [id, state, lock]),
    ["join", "shout@a", "shout@b"].map((id) => [id, "fresh", "workflow.lock.yaml"]),
  );
  const [join_, shoutA] = tasks;
  assert.deepEqual(
    join_!.inputs.map(({ role, madeBy: maker, now }) => [role, maker, now]),
    [
      ["a/loud", "shout@a.loud", "same"],
      ["b/loud", "shout@b.loud", "same"],
    ],
  );
  assert.deepEqual(shoutA!.parameters, { suffix: "!" });
  assert.deepEqual(shoutA!.classes, { 1: { radius: 10 } });
  assert.equal(shoutA!.engine, "toy (CPU)");
  assert.deepEqual(shoutA!.inputs, [
    { role: "text", path: "data/a.txt", sha256: hashOf("one\n"), size: 4, now: "same" },
  ]);
});

test("a copy in another folder is known by its content", async (context) => {
  const project = await doneProject(context);
  const copy = join(await temporaryFolder(context), "mine.txt");
  await copyFile(join(project.folder, "results/toy/shout/b/loud.txt"), copy);
  const { origin, madeBy, home, path, readBy } = await traceFile(await project.load(), copy);
  assert.deepEqual([origin, madeBy, path], ["copy", "shout@b.loud", copy]);
  assert.equal(home, "results/toy/shout/b/loud.txt");
  assert.deepEqual(readBy, ["join (b/loud)", "measure@b (loud)"]);
});

test("edited, missing, input and unknown files are told apart", async (context) => {
  const project = await doneProject(context);
  await project.write("results/toy/shout/a/loud.txt", "mine\n");
  await project.remove("results/toy/shout/b/loud.txt");
  await project.write("other.txt", "nobody's\n");
  const edited = await traceIn(project, "results/toy/shout/a/loud.txt");
  assert.deepEqual([edited.origin, edited.madeBy], ["edited", "shout@a.loud"]);
  assert.match(edited.tasks[0]!.reasons[0]!.text, /was edited/);
  const missing = await traceIn(project, "results/toy/shout/b/loud.txt");
  assert.deepEqual([missing.origin, missing.madeBy, missing.content], ["missing", "shout@b.loud", undefined]);
  const source = await traceIn(project, "data/b.txt");
  assert.deepEqual([source.origin, source.readBy, source.tasks], ["source", ["shout@b (text)"], []]);
  await assert.rejects(traceIn(project, "other.txt"), { code: "unknown-file" });
  await assert.rejects(traceIn(project, "nowhere.txt"), { code: "file-missing" });
});

test("an input that changed since is marked all the way down", async (context) => {
  const project = await doneProject(context);
  await project.write("data/a.txt", "four\n");
  const { tasks } = await traceIn(project, "results/toy/join/all.txt");
  const shout = tasks.find(({ id }) => id === "shout@a")!;
  assert.equal(shout.inputs[0]!.now, "changed");
  assert.equal(shout.state, "run");
  assert.equal(tasks[0]!.state, "pending");
});

test("a result of before: from the lock of a commit, and without git from the cache", async (context) => {
  const project = await doneProject(context);
  const kept = join(project.folder, "kept.txt");
  await copyFile(join(project.folder, "results/toy/shout/a/loud.txt"), kept);
  const change = () => project.write("workflow.yaml", shoutFiles["workflow.yaml"].replace('"!"', '"?"'));

  const repository = gitRepository(project.folder);
  const first = repository.commit("with !");
  await change();
  await project.run();
  repository.commit("with ?");
  const traced = await traceIn(project, "kept.txt");
  assert.deepEqual([traced.origin, traced.madeBy], ["copy", "shout@a.loud"]);
  const [task] = traced.tasks;
  assert.deepEqual(task!.parameters, { suffix: "!" });
  assert.equal(task!.state, undefined);
  const { git } = repository;
  assert.ok([first, git("rev-parse", "HEAD").trim()].includes(task!.commit!));
  assert.match(git("show", `${task!.commit}:workflow.lock.yaml`), new RegExp(traced.content!.sha256));

  await project.remove(".git");
  const cached = await traceIn(project, "kept.txt");
  assert.deepEqual([cached.origin, cached.madeBy], ["earlier", "shout.loud"]);
  assert.deepEqual(cached.cached?.kind, "shout");
});

test("a result of a variant is found from the plain workflow", async (context) => {
  const project = await toyProject(context, {
    ...shoutFiles,
    "workflow.yaml": `${shoutFiles["workflow.yaml"]}variants: {ask: {suffix: "?"}}\n`,
  });
  await openToyProject(project.folder, { variant: "ask" }).run();
  const { madeBy, tasks } = await traceIn(project, "results/toy@ask/shout/a/loud.txt");
  assert.equal(madeBy, "shout@a.loud");
  assert.equal(tasks[0]!.lock, "workflow@ask.lock.yaml");
  assert.equal(tasks[0]!.state, undefined);
});
