/** Step kinds of the user's own: their code is part of the key, all of it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { toyProject } from "../support/toy-project.ts";

const greet = `
import { writeFile } from "node:fs/promises";
import { greeting } from "./lib/words.mjs";
export default {
  name: "greet", version: 1, summary: "Greets.", scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({ inputs: [], outputs: [{ name: "greeting", file: "greeting.txt", description: "It." }], columns: ["id"], classFields: [] }),
  cpus: () => 1,
  run: ({ rows, outputs }) => writeFile(outputs.greeting, greeting(rows[0].id)),
};
`;
const words = (word: string) =>
  `import { mark } from "./mark.mjs";\nexport const greeting = (id) => "${word} " + id + mark;\n`;
const mark = (text: string) => `export const mark = "${text}";\n`;

const files = {
  "greet.mjs": greet,
  "lib/words.mjs": words("hello"),
  "lib/mark.mjs": mark("!"),
  "workflow.yaml": `
version: 1
name: mine
tomograms: [{id: a}, {id: b}]
steps:
  greet: {uses: ./greet.mjs}
`,
};
const result = "results/mine/greet/b/greeting.txt";

test("a file that a user's module imports counts, also one that this imports", async (context) => {
  const project = await toyProject(context, files);
  await project.run();
  assert.equal(await project.read(result), "hello b!");
  await project.write("lib/mark.mjs", mark("?"));
  assert.match(await project.why("greet@a"), /^run: lib\/mark\.mjs changed [0-9a-f]{4}… → [0-9a-f]{4}…$/);
  assert.equal((await project.run()).summary.counts.done, 2);
  assert.equal(await project.read(result), "hello b?");
  await project.write("lib/mark.mjs", mark("!"));
  assert.equal((await project.run()).summary.counts.restored, 2, "the code of before, the result of before");
  assert.equal(await project.read(result), "hello b!");
  assert.equal((await project.run()).summary.counts.fresh, 2);
});

test("an import that comes or goes is told as a reason", async (context) => {
  const project = await toyProject(context, files);
  await project.run();
  await project.write("lib/words.mjs", 'export const greeting = (id) => "hi " + id;\n');
  const why = await project.why("greet@a");
  assert.match(
    why,
    /^run: lib\/words\.mjs changed .*; code:lib\/mark\.mjs lib\/mark\.mjs is no longer an input$/,
  );
});

test("code that changes during a run is never taken from a process that has loaded the old one", async (context) => {
  const project = await toyProject(context, files);
  const run = await project.run({
    jobs: 1,
    keepGoing: true,
    sink: (event) => {
      if (event.type === "task-ended" && event.task === "greet@a")
        writeFileSync(join(project.folder, "lib/mark.mjs"), mark("?"));
    },
  });
  assert.deepEqual(Object.keys(run.outcomes).sort(), ["greet@a", "greet@b"]);
  await project.run();
  assert.equal((await project.run()).summary.counts.fresh, 2);
  assert.equal(await project.read("results/mine/greet/a/greeting.txt"), "hello a?");
  assert.equal(await project.read(result), "hello b?");
});

test("a kind that reads the row's id or a column without declaring it fails, and says what to add", async (context) => {
  const silent = greet.replace('columns: ["id"]', "columns: []");
  const project = await toyProject(context, { ...files, "greet.mjs": silent });
  const { outcomes, events } = await project.run({ keepGoing: true });
  assert.deepEqual(outcomes, { "greet@a": "failed", "greet@b": "failed" });
  assert.match(JSON.stringify(events), /reads the row's id, which its ports do not declare/);
  await project.write("greet.mjs", silent.replace("greeting(rows[0].id)", "greeting(rows[0].values.size)"));
  const again = await project.run({ keepGoing: true });
  assert.match(JSON.stringify(again.events), /reads the column size, which its ports do not declare/);
  await project.write(
    "greet.mjs",
    silent.replace("greeting(rows[0].id)", "greeting(Object.keys(rows[0]).join())"),
  );
  assert.equal((await project.run()).summary.outcome, "done");
});
