import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lastLogs } from "../../../src/runner/index.ts";
import { openToyProject, shoutFiles, toyProject } from "../../support/toy-project.ts";

const files = {
  ...shoutFiles,
  "workflow.yaml": `${shoutFiles["workflow.yaml"].replace(
    "join: {uses: join, from: shout}",
    "join: {uses: join, from: shout, out: joined}",
  )}variants: {ask: {suffix: "?"}, same: {suffix: "!"}}\n`,
};

test("a variant has results, lock and logs of its own", async (context) => {
  const plain = await toyProject(context, files);
  const ask = openToyProject(plain.folder, { variant: "ask" });
  await plain.run();
  const lock = await readFile(plain.lockPath, "utf8");
  const { outcomes } = await ask.run();

  assert.deepEqual(outcomes["shout@a"], "done");
  assert.equal(await plain.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
  assert.equal(await plain.read("results/toy@ask/shout/a/loud.txt"), "ONE?1:10\n");
  assert.match(await plain.read("joined/all.txt"), /ONE!/);
  assert.match(await plain.read("joined@ask/all.txt"), /ONE\?/);
  assert.equal(await readFile(plain.lockPath, "utf8"), lock);
  assert.match(await readFile(ask.lockPath, "utf8"), /suffix: "\?"/);
  assert.equal(ask.lockPath, join(plain.folder, "workflow@ask.lock.yaml"));

  const [plainLogs, askLogs] = [await lastLogs(await plain.load()), await lastLogs(await ask.load())];
  const ids = (logs: typeof plainLogs) => logs.map(({ task }) => task).sort();
  assert.deepEqual(ids(plainLogs), ["join", "measure@a", "measure@b", "shout@a", "shout@b"]);
  assert.deepEqual(ids(askLogs), ["join", "measure@a", "measure@b", "shout@a", "shout@b"]);
  assert.notEqual(plainLogs[0]!.path, askLogs[0]!.path);
  for (const project of [plain, ask]) assert.deepEqual((await project.plan()).counts.fresh, 5);
});

test("what a variant does not change comes from the cache", async (context) => {
  const plain = await toyProject(context, files);
  await plain.run();
  const same = openToyProject(plain.folder, { variant: "same" });
  const { outcomes } = await same.run();
  assert.deepEqual([...new Set(Object.values(outcomes))], ["restored"]);
  assert.equal(await plain.read("results/toy@same/shout/b/loud.txt"), "THREE!1:10\n");
});

test("trouble of one variant is not told of another", async (context) => {
  const plain = await toyProject(context, files);
  const ask = openToyProject(plain.folder, { variant: "ask" });
  await plain.write(
    ".tomoflow/state/workflow/join.json",
    '{"outcome":"failed","key":"0","message":"boom"}\n',
  );
  assert.match(await plain.why("join"), /boom/);
  assert.doesNotMatch(await ask.why("join"), /boom/);
});
