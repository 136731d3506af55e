import assert from "node:assert/strict";
import { test } from "node:test";
import { openToyProject, shoutFiles, toyProject } from "../../support/toy-project.ts";

const asking = shoutFiles["workflow.yaml"].replace('suffix: "!"', 'suffix: "?"');

test("a copied workflow that writes over the results of the first is told so, once", async (context) => {
  const one = await toyProject(context, shoutFiles);
  assert.deepEqual((await one.run()).summary.diagnostics, []);
  const copy = openToyProject(one.folder, { file: "copy.yaml" });
  await one.write("copy.yaml", asking);
  const { summary } = await copy.run();
  assert.equal(summary.outcome, "done", "a warning stops nothing");
  assert.deepEqual(
    summary.diagnostics.map(({ severity, code, message, hint }) => [severity, code, message, hint]),
    [
      [
        "warning",
        "results-shared",
        "workflow.yaml has its results in results/toy/shout, too: each run puts its own in their place",
        "give one of the workflows another `name`, or its steps another `out`; what is replaced stays in the cache",
      ],
    ],
  );
  assert.deepEqual((await copy.run()).summary.diagnostics, [], "nothing to do, nothing to tell");
});

test("another name, a variant and the lock of a workflow that is gone are no reason to warn", async (context) => {
  const one = await toyProject(context, {
    ...shoutFiles,
    "workflow.yaml": `${shoutFiles["workflow.yaml"]}variants: {ask: {suffix: "?"}}\n`,
  });
  await one.run();
  const variant = openToyProject(one.folder, { variant: "ask" });
  assert.deepEqual((await variant.run()).summary.diagnostics, []);
  const named = openToyProject(one.folder, { file: "named.yaml" });
  await one.write("named.yaml", asking.replace("name: toy", "name: other"));
  assert.deepEqual((await named.run()).summary.diagnostics, []);
  await one.remove("workflow.yaml");
  const renamed = openToyProject(one.folder, { file: "renamed.yaml" });
  await one.write("renamed.yaml", asking);
  assert.deepEqual((await renamed.run()).summary.diagnostics, []);
});
