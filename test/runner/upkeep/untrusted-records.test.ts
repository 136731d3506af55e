/** Locks and records under `.tomoflow` that somebody else wrote, or that were cut short. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkoutLock, collectGarbage } from "../../../src/runner/upkeep/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

const loudA = "results/toy/shout/a/loud.txt";

test("checkout writes nowhere but in the project and where the workflow says", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const lock = await project.read("workflow.lock.yaml");
  const outside = await temporaryFolder(context);
  await symlink(outside, join(project.folder, "way"));
  for (const path of [join(outside, "x"), "../x", "way/x", "way/deep/x", ".tomoflow/cache/x"]) {
    await project.write("workflow.lock.yaml", lock.replaceAll(`path: ${loudA}`, `path: ${path}`));
    await assert.rejects(checkoutLock(await project.load()), { code: "lock-unreadable" }, path);
  }
  assert.deepEqual(await readdir(outside), []);
  await project.write("workflow.lock.yaml", lock.replace("  shout@a:", '  "../../shout@a":'));
  await assert.rejects(checkoutLock(await project.load()), { code: "lock-unreadable" });
});

test("checkout writes outside of the project where the workflow says so", async (context) => {
  const outside = join(await temporaryFolder(context), "loud");
  const text = shoutFiles["workflow.yaml"].replace("from: tomograms,", `from: tomograms, out: "${outside}",`);
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": text });
  await project.run();
  await writeFile(join(outside, "a/loud.txt"), "mine");
  const [file] = await checkoutLock(await project.load(), { only: ["shout@a"] });
  assert.equal(file?.outcome, "restored");
});

for (const [name, from, to] of [
  ["seconds that are no number", /seconds: \S+/, "seconds: .nan"],
  ["negative seconds", /seconds: \S+/, "seconds: -1"],
  ["seconds that are a text", /seconds: \S+/, 'seconds: "soon"'],
  ["a hash that is a path", /sha256: [0-9a-f]{64}/, "sha256: ../../x"],
  ["a file of null", /\{path: results[^}]*\}/, "null"],
] as const)
  test(`a lock with ${name} is refused with its place and a way out`, async (context) => {
    const project = await toyProject(context, shoutFiles);
    await project.run();
    await project.write("workflow.lock.yaml", (await project.read("workflow.lock.yaml")).replace(from, to));
    await assert.rejects(project.plan(), { code: "lock-unreadable" });
  });

test("manifests of any other shape are as good as none: run and gc go on", async (context) => {
  const project = await toyProject(context, shoutFiles);
  await project.run();
  const folder = join(project.folder, ".tomoflow/cache/manifests");
  const manifests = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".json"),
  );
  const texts = ['{"version":1,"outputs":null}', "null", "[]", '{"version":1,', "7"];
  for (const [index, name] of manifests.entries())
    await writeFile(join(folder, name), texts[index % texts.length]!);
  await collectGarbage(await project.load(), { olderThanSeconds: 1000 });
  await project.remove("workflow.lock.yaml");
  assert.equal((await project.run()).summary.counts.done, 5);
});

test("records of troubles and leases of any other shape stop nothing", async (context) => {
  const project = await toyProject(context, shoutFiles);
  for (const text of ["null", "[]", '{"outcome":7}', "{"])
    await project.write(`.tomoflow/state/workflow/shout@a.json`, text);
  await mkdir(join(project.folder, ".tomoflow/leases/x"), { recursive: true });
  await writeFile(join(project.folder, ".tomoflow/leases/x/null.json"), "null");
  await collectGarbage(await project.load());
  assert.equal((await project.run()).summary.outcome, "done");
});

for (const name of ["state", "cache", "leases", "attempts"])
  test(`a file called .tomoflow/${name} is told with a way out`, async (context) => {
    const project = await toyProject(context, { ...shoutFiles, [`.tomoflow/${name}`]: "" });
    await assert.rejects(project.run(), {
      code: "cache-in-the-way",
      message: new RegExp(`${name} is a file`),
    });
  });
