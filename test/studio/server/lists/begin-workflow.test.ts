import assert from "node:assert/strict";
import { test } from "node:test";
import { listTemplates, textOfTemplate } from "../../../../src/session/workflow-templates.ts";
import { dataOf, parseText } from "../../../../src/studio/protocol/workflow-text/text-document.ts";
import { beginWith } from "../../../../src/studio/server/lists/begin-workflow.ts";

const row = { tomogram: "/project/raw/a b.mrc", list: "/project/objects/a.xml", split: "valid" } as const;
const workflow = "/project/flows/w.yaml";

test("every template begins with the tomogram in place of its examples, and with the classes made so far", async () => {
  for (const { name } of await listTemplates()) {
    const text = await textOfTemplate(name, workflow);
    const classes = [
      { label: 1, name: "ribosome", color: "#112233", radius: 5 },
      { label: 2, name: "proteasome" },
    ];
    const begun = dataOf(parseText(beginWith(text, { workflow, row, classes }))) as Record<string, unknown>;
    assert.deepEqual(
      begun.tomograms,
      [{ id: "a-b", tomogram: "../raw/a b.mrc", objects: "../objects/a.xml", split: "valid" }],
      name,
    );
    assert.deepEqual(
      begun.classes,
      { 1: { name: "ribosome", color: "#112233", radius: 5 }, 2: { name: "proteasome" } },
      name,
    );
    const before = dataOf(parseText(text)) as Record<string, unknown>;
    assert.deepEqual(begun.steps, before.steps, name);
  }
});

test("without classes of one's own those of the template stay, and so does every comment outside the examples", async () => {
  const text = await textOfTemplate("starter", workflow);
  const begun = beginWith(text, { workflow, row, classes: [] });
  assert.match(begun, /1: \{name: ribosome, radius: 10\} {4}# radius in voxels\n/);
  for (const comment of text.match(/^\s*#.*/gm)!) assert.ok(begun.includes(comment), comment);
});
