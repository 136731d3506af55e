import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { indexPage, stepPage } from "../../scripts/step-page.ts";
import { stepKinds } from "../../src/steps/catalog.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const folder = join(repositoryRoot, "docs/steps");
const advice = "out of date: npm run docs:steps";

test("there is a page for every step kind, and no other", () => {
  const wanted = ["README.md", ...[...stepKinds.keys()].map((name) => `${name}.md`)];
  assert.deepEqual(readdirSync(folder).sort(), wanted.sort(), advice);
});

for (const kind of stepKinds.values())
  test(`docs/steps/${kind.name}.md says what the schema says`, () =>
    assert.equal(readFileSync(join(folder, `${kind.name}.md`), "utf8"), stepPage(kind), advice));

test("the index lists every step", () =>
  assert.equal(readFileSync(join(folder, "README.md"), "utf8"), indexPage([...stepKinds.values()]), advice));

test("every parameter is described, in its page and in the schema", () => {
  for (const kind of stepKinds.values())
    for (const [name, { description }] of Object.entries(kind.parameters.properties))
      assert.ok(description.length > 5 && stepPage(kind).includes(`| \`${name}\` |`), `${kind.name}.${name}`);
});
