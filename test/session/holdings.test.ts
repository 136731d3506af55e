/** What files hold, with the real kinds: told by `validate` before any work, and in no task's key. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatDiagnostic } from "../../src/core/diagnostic.ts";
import { withDefaults } from "../../src/schema/values/input-ports.ts";
import { openSession } from "../../src/session/index.ts";
import { stepKinds } from "../../src/steps/catalog.ts";
import { folderWith } from "../support/workflow-folder.ts";

/** `fields` are added to the step that makes a volume of each text. */
const workflow = (fields: string, labels: string) => `version: 1
name: held
classes: {1: {name: ribosome, radius: 3}}
tomograms: [{id: a, text: a.txt}]
steps:
  make:
    uses: command
    with:
      inputs: [text]
      outputs: {made: made.out, figures: figures.out}
      run: [node, -e, "const {copyFileSync: c, writeFileSync: w} = require('fs'), a = process.argv; c(a[1], a[2]); w(a[3], '{}')", "{inputs.text}", "{outputs.made}", "{outputs.figures}"]
${fields}  cluster: {uses: cluster, from: make, with: {labels: "${labels}"}}
`;

async function open(context: TestContext, fields: string, labels: string) {
  const folder = await folderWith(context, { "a.txt": "text\n" });
  const path = join(folder, "workflow.yaml");
  const write = async (text: string) => {
    await writeFile(path, text);
    return openSession(path);
  };
  const opened = await write(workflow(fields, labels));
  const messages = opened.diagnostics.map((one) => formatDiagnostic(one).replaceAll(`${folder}/`, ""));
  return { folder, opened, messages, write };
}

test("outputs of a command are checked where it says what they hold, and not where it does not", async (context) => {
  const { messages } = await open(context, "      holds: {made: picture}\n", "${row.made}");
  assert.deepEqual(messages, [
    `workflow.yaml:13:56: error: \${row.made} holds a picture, but labels of step cluster takes a label map
    cluster: {uses: cluster, from: make, with: {labels: "\${row.made}"}}
                                                         ^^^^^^^^^^^
  hint: no earlier step writes a label map: name a file that holds it`,
  ]);
  for (const fields of ["", "      holds: {made: labels}\n", "      holds: {figures: picture}\n"])
    assert.deepEqual((await open(context, fields, "${row.made}")).messages, [], fields);
});

test("a command can hold nothing that it does not have, and nothing unknown", async (context) => {
  const { messages } = await open(context, "      holds: {maed: labels, text: lables}\n", "${row.made}");
  assert.equal(messages.length, 1);
  assert.match(messages[0]!, /12:35: error: text .*"lables".*\n.*\n.*\n {2}hint: did you mean labels\?/);
  const unknown = await open(context, "      holds: {maed: labels}\n", "${row.made}");
  assert.match(
    unknown.messages[0]!,
    /12:21: error: there is no input or output maed\n.*\n.*\n {2}hint: did you mean made\?/,
  );
});

test("what a file holds is in no key: it can be said later, and nothing runs again", async (context) => {
  const { folder, opened, write } = await open(context, "", "${row.made}");
  assert.ok(opened.ok);
  const only = { only: ["make"] };
  const summary = await opened.value.run({ ...only, sink: () => undefined });
  assert.equal(summary.outcome, "done");
  const lock = await readFile(join(folder, "workflow.lock.yaml"), "utf8").catch(() =>
    readFile(join(folder, "held.lock.yaml"), "utf8"),
  );
  assert.doesNotMatch(lock, /holds/);
  const later = await write(workflow("      holds: {made: labels, figures: metrics}\n", "${row.made}"));
  assert.ok(later.ok);
  const plan = await later.value.plan(only);
  assert.deepEqual(
    plan.tasks.map(({ id, state, holds }) => [id, state, holds]),
    [["make@a", "fresh", { made: "labels", figures: "metrics" }]],
  );
});

test("every file of the kinds that come with tomoflow says what it holds", () => {
  const silent: string[] = [];
  for (const kind of stepKinds.values()) {
    const properties = Object.entries(kind.parameters.properties);
    const switches = properties.filter(([, { type }]) => type === "boolean").map(([name]) => [name, true]);
    const { inputs, outputs } = kind.ports(withDefaults(kind, Object.fromEntries(switches)));
    for (const { name, holds } of [...inputs, ...outputs]) if (!holds) silent.push(`${kind.name}.${name}`);
    for (const [name, schema] of properties)
      if (schema["x-file"] && !schema["x-holds"]) silent.push(`${kind.name}.${name}`);
  }
  assert.deepEqual(silent, ["command.files"], "those are any files of any program");
});
