/** Results that would meet in one place though their paths are written differently. */
import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { placeFinder } from "../../../src/schema/checks/real-place.ts";
import { loadWorkflow } from "../../../src/schema/load-workflow.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { toyProject } from "../../support/toy-project.ts";
import { stepKinds } from "../../support/toy-steps.ts";

const workflow = (first: string, second: string) => `
version: 1
name: toy
tomograms: [{id: a, text: data/a.txt}]
steps:
  loud: {uses: shout, out: "${first}"}
  soft: {uses: shout, out: "${second}"}
`;

/** Lines `severity code message`; `link` makes links first, by name what they lead to. */
async function findings(
  context: TestContext,
  [first, second]: [string, string],
  links: Record<string, string>,
) {
  const files = { "data/a.txt": "one\n", "workflow.yaml": workflow(first, second) };
  const project = await toyProject(context, files);
  await mkdir(join(project.folder, "results"));
  for (const [name, target] of Object.entries(links)) await symlink(target, join(project.folder, name));
  const loaded = await loadWorkflow(project.workflowPath, { catalog: stepKinds });
  const found = loaded.diagnostics ?? [];
  return found.map(({ severity, code, message }) => `${severity} ${code} ${message}`);
}

test("two steps that write to one folder through a link, or one into the other's, are told", async (context) => {
  const same = await findings(context, ["results/x", "mirror/x"], { mirror: "results" });
  assert.equal(same.length, 1);
  assert.match(same[0]!, /^error shared-folder steps loud and soft both write to mirror\/x/);
  const inner = await findings(context, ["results", "mirror/a/deep"], { mirror: "results" });
  assert.match(inner.join("\n"), /^error shared-folder step soft writes inside the folder of step loud/);
  const dangling = await findings(context, ["later/x", "other/x"], { later: "made", other: "later" });
  assert.match(dangling.join("\n"), /^error shared-folder/, "links to what is not there yet");
  assert.deepEqual(await findings(context, ["results/x", "results/X"], {}), [], "two folders on this disk");
});

test("an out that a link leads to the cache or around the workflow is refused", async (context) => {
  const cache = await findings(context, ["mine/x", "results/y"], { mine: ".tomoflow/cache" });
  assert.match(cache.join("\n"), /^error unsafe-out .*mine\/x.* is where tomoflow keeps its cache$/);
});

test("an output in the place of an input is refused, also through a link", async (context) => {
  const project = await toyProject(context, {
    "data/a/loud.txt": "one\n",
    "workflow.yaml": workflow("mirror", "results/y").replace("data/a.txt", "data/a/loud.txt"),
  });
  await symlink("data", join(project.folder, "mirror"));
  await assert.rejects(
    project.load(),
    /the output loud of step loud would take the place of the input .*data\/a\/loud\.txt/,
  );
  await project.write(
    "workflow.yaml",
    workflow("data", "results/y").replace("data/a.txt", "data/a/loud.txt"),
  );
  await assert.rejects(project.load(), /loud\.txt is the output loud of step loud/);
});

test("places are found through circles of links, and keep what is written where nothing is yet", async (context) => {
  const folder = await temporaryFolder(context);
  const placeOf = placeFinder();
  await symlink("two", join(folder, "one"));
  await symlink("one", join(folder, "two"));
  assert.ok(placeOf(join(folder, "one", "x")).startsWith(folder));
  assert.equal(placeOf(join(folder, "New", "Names")), join(folder, "New", "Names"));
});

test("results that a link takes out of the project are told of, and not refused", async (context) => {
  const elsewhere = await temporaryFolder(context);
  const [warning, ...more] = await findings(context, ["big/x", "results/y"], { big: elsewhere });
  assert.match(warning ?? "", /^warning out-elsewhere big\/x\S* is elsewhere: a link leads to /);
  assert.deepEqual(more, []);
});
