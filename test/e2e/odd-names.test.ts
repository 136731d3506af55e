/** Names that every object of JavaScript has, used as names of params, columns, rows, steps, inputs and outputs. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const kind = `export default {
  name: "count", version: 1, summary: "Counts.", scope: "table",
  parameters: { type: "object", additionalProperties: false, properties: { valueOf: { type: "number", default: 1, description: "x" } } },
  ports: () => ({ inputs: [{ name: "toString", required: true, description: "x" }], outputs: [{ name: "hasOwnProperty", file: "n.json", description: "x", metrics: true }], columns: ["isPrototypeOf"], classFields: [] }),
  async run({ parameters, rows, outputs }) {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(outputs.hasOwnProperty, JSON.stringify({ valueOf: parameters.valueOf, rows: rows.length }));
  },
};
`;

const workflow = `version: 1
name: odd
params: {constructor: 2}
tomograms:
  - {id: constructor, valueOf: a.txt}
  - {id: toString, valueOf: b.txt}
steps:
  constructor: {uses: command, with: {inputs: [valueOf], outputs: {toString: out.txt}, run: [cp, "{inputs.valueOf}", "{outputs.toString}"]}}
  toString: {uses: ./count.mjs, from: constructor, with: {valueOf: "\${params.constructor}"}}
`;

test("they are names like others: what is fresh stays so, and a change is seen and explained", async (context) => {
  const folder = await temporaryFolder(context);
  for (const [name, text] of Object.entries({
    "a.txt": "a",
    "b.txt": "b",
    "count.mjs": kind,
    "workflow.yaml": workflow,
  }))
    await writeFile(join(folder, name), text);
  const said = async (...words: string[]) => {
    const { stdout, stderr, code } = await tomoflow(words, { folder });
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const counts = async (...words: string[]) =>
    (JSON.parse(await said("plan", "--json", ...words)) as { counts: object }).counts;
  await said("run");
  assert.deepEqual(await counts(), { fresh: 3, restore: 0, run: 0, pending: 0 });
  assert.match(await said("plan", "--set", "constructor=3"), /toString\.valueOf 2 → 3/);
  await said("run", "--set", "constructor=3");
  const result = join(folder, "results/odd/toString/n.json");
  assert.deepEqual(JSON.parse(await readFile(result, "utf8")), { valueOf: 3, rows: 2 });
  assert.match(await said("run"), /1 restored/);
  assert.match(await said("why", result), /valueOf: 2|valueOf 2/);
});
