import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { compareLocks, readLockHistory } from "../../../src/runner/revisions/index.ts";
import { gitRepository } from "../../support/git-repository.ts";
import { openToyProject, shoutFiles, toyProject } from "../../support/toy-project.ts";

const workflowWith = (suffix: string) => shoutFiles["workflow.yaml"].replace('"!"', JSON.stringify(suffix));

/** Two commits: suffix `!`, then `???` and other data. */
async function twoCommits(context: TestContext) {
  const project = await toyProject(context, shoutFiles);
  const repository = gitRepository(project.folder);
  await project.run();
  await project.write(".gitignore", "results/\n");
  const first = repository.commit("with one mark");
  await project.write("workflow.yaml", workflowWith("???"));
  await project.write("data/b.txt", "seven\n");
  await project.run();
  const second = repository.commit("with three, and other data");
  const { path, folder } = await project.load();
  return { project, repository, first, second, place: { path, folder } };
}

test("history: newest first, with what changed", async (context) => {
  const { project, repository, first, second, place } = await twoCommits(context);
  await project.write("notes.txt", "nothing of the lock");
  repository.commit("a commit that does not touch the lock");
  const revisions = await readLockHistory(place);
  assert.deepEqual(
    revisions.map(({ commit, author, subject, changed }) => [commit, author, subject, changed]),
    [
      [second, "Ada", "with three, and other data", ["join.metrics.nested.letters"]],
      [first, "Ada", "with one mark", []],
    ],
  );
  assert.match(revisions[0]!.date!, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(
    revisions.map(({ metrics }) => metrics),
    [
      { join: { metrics: { rows: 2, nested: { letters: 36 } } } },
      { join: { metrics: { rows: 2, nested: { letters: 32 } } } },
    ],
  );
  // the last one shown still tells what changed in it
  const [only, ...none] = await readLockHistory(place, { limit: 1 });
  assert.deepEqual([only!.changed, none], [["join.metrics.nested.letters"], []]);
});

test("history: what is not committed comes first, a deleted and a conflicted lock are told", async (context) => {
  const { project, repository, place } = await twoCommits(context);
  await project.write("workflow.yaml", workflowWith("?"));
  await project.run();
  const [now] = await readLockHistory(place);
  assert.deepEqual([now!.commit, now!.changed], [undefined, ["join.metrics.nested.letters"]]);
  await project.write("workflow.lock.yaml", "<<<<<<< ours\nversion: 1\n=======\n>>>>>>> theirs\n");
  repository.commit("conflict by mistake");
  await rm(project.lockPath);
  repository.commit("away");
  const [away, conflict] = await readLockHistory(place);
  assert.equal(away!.problem, "the lock is deleted here");
  assert.match(conflict!.problem!, /workflow\.lock\.yaml:1 has merge conflict marks/);
});

test("outside git, without commits and without the lock: each says what to do", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const { path, folder } = await project.load();
  const place = { path, folder };
  await assert.rejects(readLockHistory(place), { code: "not-in-git", hint: /git init/ });
  const repository = gitRepository(folder);
  await assert.rejects(readLockHistory(place), { code: "no-commits" });
  repository.commit("no lock yet");
  await assert.rejects(readLockHistory(place), { code: "no-history", hint: /git add workflow\.lock\.yaml/ });
  await assert.rejects(compareLocks(place), { code: "not-in-revision" });
  await assert.rejects(compareLocks(place, { variants: ["a", "b"] }), {
    code: "no-lock",
    hint: /--variant [ab]/,
  });
});

test("compare: parameters, data and metrics of two revisions, what differs first", async (context) => {
  const { first, second, place, project } = await twoCommits(context);
  const { sides, parameters, data, metrics } = await compareLocks(place, { revisions: ["HEAD~1", "main"] });
  assert.deepEqual(
    sides.map(({ label, commit }) => [label, commit]),
    [
      ["HEAD~1", first],
      ["main", second],
    ],
  );
  assert.deepEqual(parameters[0], { name: "shout.suffix", values: ["!", "???"], differs: true });
  assert.deepEqual(
    parameters.slice(1).filter(({ differs }) => differs),
    [],
  );
  assert.ok(parameters.some(({ name, values }) => name === "shout.classes.1.radius" && values[0] === 10));
  assert.ok(parameters.some(({ name, values }) => name === "join.rows" && values[0] === "a, b"));
  assert.deepEqual(
    data.map(({ name, differs }) => [name, differs]),
    [
      ["data/b.txt", true],
      ["data/a.txt", false],
    ],
  );
  assert.deepEqual(metrics, [
    { name: "join.metrics.nested.letters", values: [32, 36], differs: true },
    { name: "join.metrics.rows", values: [2, 2], differs: false },
  ]);

  const withNow = await compareLocks(place, { revisions: [first] });
  assert.deepEqual(
    withNow.sides.map(({ label }) => label),
    [first, "working tree"],
  );
  await project.remove("data");
  assert.deepEqual(
    (await compareLocks(place)).metrics.filter(({ differs }) => differs),
    [],
  );
});

test("compare: a parameter that only one row has changed is told of that row", async (context) => {
  const project = await toyProject(context, {
    ...shoutFiles,
    "workflow.yaml": shoutFiles["workflow.yaml"]
      .replaceAll("split:", 'mark: "!", split:')
      .replace("${params.suffix}", "${row.mark}"),
  });
  await project.run();
  const repository = gitRepository(project.folder);
  repository.commit("alike");
  const text = await project.read("workflow.yaml");
  await project.write("workflow.yaml", text.replace('mark: "!", split: valid', 'mark: "?", split: valid'));
  await project.run();
  const { path, folder } = await project.load();
  const { parameters } = await compareLocks({ path, folder });
  assert.deepEqual(
    parameters.filter(({ name }) => name.startsWith("shout") && name.endsWith("suffix")),
    [
      { name: "shout@b.suffix", values: ["!", "?"], differs: true },
      { name: "shout@a.suffix", values: ["!", "!"], differs: false },
    ],
  );
});

test("compare: variants side by side, and one with the plain workflow", async (context) => {
  const text = `${shoutFiles["workflow.yaml"]}variants: {ask: {suffix: "??"}, dot: {suffix: "..."}}\n`;
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": text });
  await project.run();
  for (const variant of ["ask", "dot"]) await openToyProject(project.folder, { variant }).run();
  const { path, folder } = await project.load();
  const two = await compareLocks({ path, folder }, { variants: ["ask", "dot"] });
  assert.deepEqual(
    two.sides.map(({ label, variant }) => [label, variant]),
    [
      ["ask", "ask"],
      ["dot", "dot"],
    ],
  );
  assert.deepEqual(two.parameters[0], { name: "shout.suffix", values: ["??", "..."], differs: true });
  const one = await compareLocks({ path, folder }, { variants: ["ask"] });
  assert.deepEqual(one.metrics[0], { name: "join.metrics.nested.letters", values: [32, 34], differs: true });
  const three = ["main", "main~1", "main~2"];
  await assert.rejects(compareLocks({ path, folder }, { revisions: three }), { code: "compare-what" });
});

test("a revision that looks like an option is a revision that is not there", async (context) => {
  const { place } = await twoCommits(context);
  for (const name of ["--output=/tmp/x", "no-such-branch", "HEAD~9"])
    await assert.rejects(compareLocks(place, { revisions: [name] }), { code: "unknown-revision" });
});
