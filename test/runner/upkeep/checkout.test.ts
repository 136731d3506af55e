import assert from "node:assert/strict";
import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CheckoutOptions, checkoutLock } from "../../../src/runner/upkeep/index.ts";
import { shoutFiles, type ToyProject, toyProject } from "../../support/toy-project.ts";

const loudA = "results/toy/shout/a/loud.txt";
const all = "results/toy/join/all.txt";
const withSuffix = (suffix: string) =>
  shoutFiles["workflow.yaml"].replace('suffix: "!"', `suffix: "${suffix}"`);

const checkout = async (project: ToyProject, options?: CheckoutOptions) =>
  checkoutLock(await project.load(), options);

/** `port@task` by outcome. */
async function outcomes(project: ToyProject, options?: CheckoutOptions) {
  const files = await checkout(project, options);
  const those = (outcome: string) => files.filter((file) => file.outcome === outcome).map(({ path }) => path);
  return { restored: those("restored"), absent: those("absent"), same: those("same").length };
}

test("the lock of another revision brings its results back, and nothing has to run", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const lock = await project.read("workflow.lock.yaml");
  await project.write("workflow.yaml", withSuffix("?"));
  await project.run();
  assert.equal(await project.read(loudA), "ONE?1:10\n");

  await project.write("workflow.lock.yaml", lock);
  await project.write("workflow.yaml", withSuffix("!"));
  const back = await outcomes(project);
  assert.deepEqual(back, { restored: [all, loudA, loudA.replace("/a/", "/b/")], absent: [], same: 3 });
  assert.equal(await project.read(loudA), "ONE!1:10\n");
  assert.equal((await project.plan()).counts.fresh, 5);
  assert.equal(await project.read("workflow.lock.yaml"), lock, "the lock is only read");
  assert.deepEqual(await outcomes(project), { restored: [], absent: [], same: 6 });
});

test("what was edited by hand is kept", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.write(loudA, "my own words");
  const [file] = await checkout(project, { only: ["shout@a"] });
  assert.equal(file?.outcome, "restored");
  assert.match(file?.keptAs ?? "", /^\.tomoflow\/replaced\/shout@a\/[0-9a-f]{8}-loud\.txt$/);
  assert.equal(await project.read(file?.keptAs ?? ""), "my own words");
  assert.equal(await project.read(loudA), "ONE!1:10\n");
});

test("what is not in the cache, or damaged there, is told, and the edited file in its place stays", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  await project.remove("results/toy/join");
  await project.write(loudA, "my own words");
  const lock = await project.read("workflow.lock.yaml");
  const blobOf = (file: string) => {
    const [, hash = ""] = new RegExp(`${file}, sha256: ([0-9a-f]{64})`).exec(lock) ?? [];
    return `.tomoflow/cache/blobs/${hash.slice(0, 2)}/${hash}`;
  };
  const damaged = blobOf("join/all.txt");
  const text = await project.read(damaged);
  await project.remove(damaged);
  await project.write(damaged, text.toLowerCase());
  await project.remove(blobOf("shout/a/loud.txt"));
  assert.deepEqual(await outcomes(project), {
    restored: ["results/toy/join/metrics.json"],
    absent: [all, loudA],
    same: 3,
  });
  assert.equal(await project.read(loudA), "my own words");
});

test("only some: a step, a task, a file, a folder; a wrong name is told with what was meant", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const restored = async (...only: string[]) => {
    await project.remove("results");
    return (await outcomes(project, { only })).restored.map((path) => path.replace("results/toy/", ""));
  };
  assert.deepEqual(await restored("measure"), ["measure/a/length.txt", "measure/b/length.txt"]);
  assert.deepEqual(await restored("shout@b", "join"), [
    "join/all.txt",
    "join/metrics.json",
    "shout/b/loud.txt",
  ]);
  assert.deepEqual(await restored(join(project.folder, all)), ["join/all.txt"]);
  assert.deepEqual(await restored(join(project.folder, "results/toy/shout/")), [
    "shout/a/loud.txt",
    "shout/b/loud.txt",
  ]);
  await assert.rejects(checkout(project, { only: ["shoot"] }), { code: "unknown-output", hint: /shout/ });
});

test("links are made as the workflow says, and replaced links leave their targets alone", async (context) => {
  const linked = `${shoutFiles["workflow.yaml"]}cache: {link: symlink}\n`;
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": linked });
  await project.run();
  await project.remove("results");
  await checkout(project);
  const path = join(project.folder, loudA);
  assert.equal(lstatSync(path).isSymbolicLink(), true);
  assert.equal(statSync(path).mode & 0o777, 0o444);
});

test("without a lock, and with one that points outside the project, nothing is written", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await assert.rejects(checkout(project), { code: "no-lock" });
  await project.run();
  const lock = await project.read("workflow.lock.yaml");
  await project.write("workflow.lock.yaml", lock.replaceAll(`{path: ${loudA}`, "{path: ../evil.txt"));
  await assert.rejects(checkout(project), { code: "lock-unreadable" });
});
