import assert from "node:assert/strict";
import { test } from "node:test";
import { writeSmallWorkflow } from "../e2e/workflow.ts";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("graph in every format, within 80 columns", async (context) => {
  const folder = await temporaryFolder(context);
  await writeSmallWorkflow(folder);
  const text = await tomoflow(["graph"], { folder });
  assert.deepEqual([text.code, text.stderr], [0, ""]);
  assert.equal(
    text.stdout,
    `●  simulate    2 to run
├─●  target    2 waiting  reads simulate
│ ●  cluster   2 waiting  reads target
●─╯  evaluate  1 waiting  reads simulate, cluster

small: 7 tasks
`,
  );
  const tasks = await tomoflow(["graph", "--tasks"], { folder });
  assert.match(tasks.stdout, / {2}cluster@t1 +waiting {2}reads target@t1\n/);
  for (const line of [...text.stdout.split("\n"), ...tasks.stdout.split("\n")]) assert.ok(line.length <= 80);
  const svg = await tomoflow(["graph", "--format", "svg"], { folder });
  assert.match(svg.stdout, /^<svg xmlns[^>]*>[\s\S]*<\/svg>\n$/);
  const mermaid = await tomoflow(["graph", "--format", "mermaid"], { folder });
  assert.match(mermaid.stdout, /^flowchart LR\n/);
  const wrong = await tomoflow(["graph", "--format", "png"], { folder });
  assert.equal(wrong.code, 2);
});
