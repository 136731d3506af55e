import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ignoreResults } from "../../src/session/ignored-results.ts";
import { temporaryFolder } from "../support/temporary.ts";

const heading = "# tomoflow: what it computes; the lock files (*.lock.yaml) belong into git\n";

test("git add -A takes the workflow and its lock, and no result", async (context) => {
  const folder = await temporaryFolder(context);
  const git = (...words: string[]) => execFileSync("git", words, { cwd: folder, encoding: "utf8" });
  git("init", "-q");
  for (const name of ["results/w/segment", ".tomoflow/cache", "data/results"])
    await mkdir(join(folder, name), { recursive: true });
  for (const name of [
    "workflow.yaml",
    "workflow.lock.yaml",
    "results/w/segment/labels.mrc",
    ".tomoflow/cache/blob",
    "data/results/own.csv",
  ])
    await writeFile(join(folder, name), name);
  assert.equal(ignoreResults(folder)?.isNew, true);
  git("add", "-A");
  assert.deepEqual(git("ls-files").trim().split("\n"), [
    ".gitignore",
    "data/results/own.csv",
    "workflow.lock.yaml",
    "workflow.yaml",
  ]);
});

test("a .gitignore that is there is extended, once, and keeps what it holds", async (context) => {
  const folder = await temporaryFolder(context);
  const file = join(folder, ".gitignore");
  await writeFile(file, "*.log\nresults");
  assert.deepEqual(ignoreResults(folder), { file, lines: ["/.tomoflow/"], isNew: false });
  assert.equal(await readFile(file, "utf8"), `*.log\nresults\n\n${heading}/.tomoflow/\n`);
  assert.equal(ignoreResults(folder), undefined);
  await writeFile(file, "*.log\r\n");
  ignoreResults(folder);
  assert.ok((await readFile(file, "utf8")).endsWith("git\r\n/results/\r\n/.tomoflow/\r\n"));
  await writeFile(file, "!/results/\n.tomoflow/**\n");
  assert.equal(ignoreResults(folder), undefined);
});

test("a .gitignore that is a link stays as it is", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "elsewhere"), "*.log\n");
  await symlink("elsewhere", join(folder, ".gitignore"));
  assert.equal(ignoreResults(folder), undefined);
  assert.equal(await readFile(join(folder, "elsewhere"), "utf8"), "*.log\n");
});
