import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openSession } from "../../../../src/session/index.ts";
import { editText } from "../../../../src/studio/protocol/workflow-text/edit-text.ts";
import type { Operation } from "../../../../src/studio/protocol/workflow-text/operation.ts";
import { checkText } from "../../../../src/studio/server/editing/check-text.ts";
import { repositoryRoot } from "../../../support/source-tree.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const quickstart = await readFile(join(repositoryRoot, "examples/quickstart/workflow.yaml"), "utf8");

function changed(...operations: Operation[]): string {
  const result = editText(quickstart, operations);
  assert.ok(result.ok);
  return result.value;
}

const mistakes: readonly (readonly [string, string])[] = [
  [
    "a number that is too small",
    changed({ type: "set", path: ["steps", "train", "with", "patchSize"], value: 5 }),
  ],
  ["an unknown key", changed({ type: "set", path: ["steps", "cluster", "with", "minimum"], value: 5 })],
  [
    "a step that is not there",
    changed({ type: "set", path: ["steps", "segment", "from"], value: "nothing" }),
  ],
  ["a class without a name", changed({ type: "remove", path: ["classes", "2", "name"] })],
  ["two rows of one id", changed({ type: "set", path: ["tomograms", 1, "id"], value: "t1" })],
  ["a file that is missing", changed({ type: "set", path: ["tomograms", 0, "objects"], value: "no.xml" })],
  ["text that is no YAML", quickstart.replace("version: 1", "version: [1")],
  ["nothing", ""],
  [
    "several at once",
    changed(
      { type: "set", path: ["steps", "train", "with", "loss"], value: "tverski" },
      { type: "set", path: ["steps", "train", "with", "epochs"], value: -3 },
      { type: "set", path: ["classes", "1", "color"], value: "red" },
    ),
  ],
  ["none", quickstart],
];

for (const [name, text] of mistakes)
  test(`${name}: the check of a text says what validate says of the file`, async (context) => {
    const root = await temporaryFolder(context);
    const path = join(root, "quickstart.yaml");
    await writeFile(path, text);
    const session = await openSession(path);
    const validated = [...session.diagnostics, ...(session.ok ? await session.value.check() : [])];
    await writeFile(path, "another: text\n");
    const answer = await checkText({ path, text, root, quick: false });
    assert.equal(
      answer.ok,
      validated.every(({ severity }) => severity !== "error"),
    );
    assert.deepEqual(
      answer.mistakes.map(({ code, severity, message, hint, line, column }) => [
        code,
        severity,
        message,
        hint,
        line,
        column,
      ]),
      validated.map(({ code, severity, message, hint, location }) => [
        code,
        severity,
        message,
        hint,
        location?.line,
        location?.column,
      ]),
    );
    for (const { file } of answer.mistakes) assert.ok(file === undefined || file === "quickstart.yaml");
    if (name !== "none") assert.ok(answer.mistakes.length > 0);
  });

test("each mistake says to which value it belongs", async (context) => {
  const root = await temporaryFolder(context);
  const text = mistakes.find(([name]) => name === "several at once")![1];
  const { mistakes: found } = await checkText({ path: join(root, "w.yaml"), text, root, quick: true });
  assert.deepEqual(
    found.map(({ path, message }) => [path?.join("."), message.split(" ")[0]]),
    [
      ["classes.1.color", "color"],
      ["steps.train.with.loss", "loss"],
      ["steps.train.with.epochs", "epochs"],
    ],
  );
});

test("rows of a table file and of a pattern are told, with where they come from", async (context) => {
  const root = await temporaryFolder(context);
  const path = join(root, "w.yaml");
  await writeFile(join(root, "rows.csv"), "id,tomogram,split\na,data/a.mrc,train\nb,data/b.mrc,\n");
  await writeFile(join(root, "t1.mrc"), "");
  await writeFile(join(root, "t2.mrc"), "");
  const text = (tomograms: string) => `version: 1\ntomograms: ${tomograms}\nsteps: {a: {uses: target}}\n`;
  const { table } = await checkText({ path, text: text("rows.csv"), root, quick: true });
  assert.deepEqual(table, {
    source: "file",
    from: "rows.csv",
    columns: ["tomogram", "split"],
    count: 2,
    rows: [
      { id: "a", cells: { tomogram: "data/a.mrc", split: "train" } },
      { id: "b", cells: { tomogram: "data/b.mrc", split: null } },
    ],
  });
  const pattern = await checkText({ path, text: text('{glob: "*.mrc", split: test}'), root, quick: true });
  assert.deepEqual([pattern.table.source, pattern.table.from], ["glob", "*.mrc"]);
  assert.deepEqual(
    pattern.table.rows.map(({ id, cells }) => [id, cells.split]),
    [
      ["t1", "test"],
      ["t2", "test"],
    ],
  );
  assert.equal(dirname(path), root);
});
