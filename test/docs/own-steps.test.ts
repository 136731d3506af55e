/** The step kind that docs/own-steps.md shows works as it stands there. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("the step kind of the page on one's own steps runs", async (context) => {
  const folder = await temporaryFolder(context);
  const page = await readFile(join(repositoryRoot, "docs/own-steps.md"), "utf8");
  const [, module] = /^```js\n(.*?)^```$/ms.exec(page)!;
  await writeFile(join(folder, "my-step.mjs"), module!);
  await writeFile(join(folder, "list.csv"), "a,b\n1,2\n3,4\n5,6\n");
  const workflow = `version: 1
name: own
tomograms:
  - {id: t0, list: list.csv}
steps:
  count: {uses: ./my-step.mjs, from: tomograms}
`;
  await writeFile(join(folder, "workflow.yaml"), workflow);
  const { code, stdout, stderr } = await tomoflow(["run", "--plain"], { folder });
  assert.equal(code, 0, stdout + stderr);
  assert.equal(await readFile(join(folder, "results/own/count/t0/count.txt"), "utf8"), "3\n");
});
