import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { removeLeftovers, temporaryBeside } from "../../../src/runner/store/durable.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

/** The name that a process of this machine which has ended would have used. */
function ofEndedProcess(path: string): string {
  const pid = execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).trim();
  return temporaryBeside(path).replace(/-\d+-(\d+)\.tmp$/, `-${pid}-$1.tmp`);
}

test("only what an ended process of this machine left of the same file is removed", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "t0-labels.mrc");
  const stays = [
    temporaryBeside(path),
    ofEndedProcess(join(folder, "labels.mrc")),
    ofEndedProcess(path).replace(/-[0-9a-f]{8}-/, "-00000000-"),
    path,
    join(folder, ".t0-labels.mrc-notes.tmp"),
  ];
  for (const each of [...stays, ofEndedProcess(path)]) await writeFile(each, "");
  await removeLeftovers(path);
  assert.deepEqual((await readdir(folder)).map((name) => join(folder, name)).sort(), [...stays].sort());
  await removeLeftovers(join(folder, "nowhere", "at-all"));
});

test("the next run leaves nothing of a killed one beside its results and its lock", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const results = join(project.folder, "results/toy/shout/a");
  for (const path of [join(results, "loud.txt"), project.lockPath])
    await writeFile(ofEndedProcess(path), "half of it");
  await project.write("workflow.yaml", shoutFiles["workflow.yaml"].replace('suffix: "!"', 'suffix: "?"'));
  assert.equal((await project.run()).summary.outcome, "done");
  assert.deepEqual(await readdir(results), ["loud.txt"]);
  assert.deepEqual(
    (await readdir(project.folder)).filter((name) => name.endsWith(".tmp")),
    [],
  );
});
