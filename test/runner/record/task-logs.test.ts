import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lastLogs, logOfTask } from "../../../src/runner/index.ts";
import { openToyProject, shoutFiles, type ToyProject, toyProject } from "../../support/toy-project.ts";

const withSuffix = (suffix: string) =>
  shoutFiles["workflow.yaml"].replace('suffix: "!"', `suffix: "${suffix}"`);

async function textOf(project: ToyProject, task: string, attempt?: number): Promise<string> {
  const found = await logOfTask(await project.load(), task, { attempt });
  return found ? readFile(found.log.path, "utf8") : "none";
}

const suffixIn = (text: string): string | undefined => /"suffix":"(.)"/.exec(text)?.[1];

test("two workflows in one folder do not mix their logs and troubles", async (context) => {
  const one = await toyProject(context, shoutFiles);
  const other = openToyProject(one.folder, { file: "other.yaml" });
  await one.write("other.yaml", withSuffix("?"));
  await one.run();
  await other.run();
  assert.equal(suffixIn(await textOf(one, "shout@a")), "!");
  assert.equal(suffixIn(await textOf(other, "shout@a")), "?");
  assert.deepEqual(
    (await lastLogs(await one.load())).map(({ attempt }) => attempt),
    [1, 1, 1, 1, 1],
  );
  await one.write("workflow.yaml", withSuffix("fail"));
  const { outcomes } = await one.run({ keepGoing: true });
  assert.equal(outcomes["shout@a"], "failed");
  assert.match(await one.why("shout@a"), /boom/);
  await other.remove("results");
  await other.write("other.yaml", withSuffix("."));
  assert.doesNotMatch(await other.why("shout@a"), /boom/);
});

test("after a restore the log is that of the attempt that made the result, not the latest", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.write("workflow.yaml", withSuffix("?"));
  await project.run();
  assert.equal(suffixIn(await textOf(project, "shout@a")), "?");
  await project.write("workflow.yaml", withSuffix("!"));
  assert.equal((await project.run()).outcomes["shout@a"], "restored");
  const found = await logOfTask(await project.load(), "shout@a");
  assert.deepEqual([found?.log.attempt, found?.latest], [1, 2]);
  assert.equal(suffixIn(await textOf(project, "shout@a")), "!");
  assert.equal(suffixIn(await textOf(project, "shout@a", 2)), "?");
  assert.equal(await logOfTask(await project.load(), "shout@a", { attempt: 7 }), undefined);
});

test("an attempt that failed is told before the result that it did not replace", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.write("workflow.yaml", withSuffix("fail"));
  await project.run({ keepGoing: true });
  assert.match(await textOf(project, "shout@a"), /# failed\n.*boom/s);
});

test("a result that another workflow made leads to the log there", async (context) => {
  const one = await toyProject(context, shoutFiles);
  await one.run();
  const twin = openToyProject(one.folder, { file: "twin.yaml" });
  await copyFile(one.workflowPath, join(one.folder, "twin.yaml"));
  await one.remove("results");
  assert.equal((await twin.run()).outcomes["shout@a"], "restored");
  const found = await logOfTask(await twin.load(), "shout@a");
  assert.equal(found?.log.path, join(one.folder, ".tomoflow/logs/workflow/shout@a/1.log"));
});
