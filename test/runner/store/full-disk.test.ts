import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { explainSystemError } from "../../../src/core/error.ts";
import { writeDurably } from "../../../src/runner/store/durable.ts";
import { fillDisk, smallDisk } from "../../support/small-disk.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { openToyProject, shoutFiles } from "../../support/toy-project.ts";

test("a full disk: one clear message, the old results stay, and the run goes on once there is space", async (context) => {
  const folder = await smallDisk(context);
  if (folder === undefined) {
    context.diagnostic("no right to mount a small disk here: checking with /dev/full instead");
    const error = await writeFile("/dev/full", "x").catch((cause) => explainSystemError(cause, "/dev/full"));
    assert.equal((error as { code?: string }).code, "disk-full");
    return;
  }
  const project = openToyProject(folder);
  for (const [path, text] of Object.entries(shoutFiles)) await project.write(path, text);
  assert.equal((await project.run()).summary.outcome, "done");
  const lock = await project.read("workflow.lock.yaml");

  await project.write("data/a.txt", "two\n");
  await fillDisk(join(folder, "filler"), folder);
  const run = await project.run({ jobs: 1 });
  assert.equal(run.summary.outcome, "failed");
  const errors = run.events.flatMap((event) =>
    event.type === "task-ended" && event.error ? [event.error] : [],
  );
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["disk-full"],
  );
  assert.match(errors[0]?.hint ?? "", /free space/);
  assert.equal(await project.read("workflow.lock.yaml"), lock);
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "ONE!1:10\n");
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith(".tmp")),
    [],
  );

  await rm(join(folder, "filler"));
  assert.equal((await project.run()).summary.outcome, "done");
  assert.equal(await project.read("results/toy/shout/a/loud.txt"), "TWO!1:10\n");
});

test("a failed write leaves the old file and no temporary one", async (context) => {
  const folder = await smallDisk(context);
  const place = folder ?? (await temporaryFolder(context));
  const path = join(place, "state.json");
  await writeDurably(path, "old");
  if (folder === undefined) {
    context.diagnostic("no right to mount a small disk here: checking with a name that cannot be written");
    await mkdir(join(place, "taken"));
    await assert.rejects(writeDurably(join(place, "taken"), "new"));
    assert.deepEqual((await readdir(place)).sort(), ["state.json", "taken"]);
    return;
  }
  await fillDisk(join(place, "filler"), place);
  await assert.rejects(writeDurably(path, "new".repeat(10_000)), { code: "disk-full" });
  assert.equal(await readFile(path, "utf8"), "old");
  assert.deepEqual((await readdir(place)).sort(), ["filler", "state.json"]);
});
