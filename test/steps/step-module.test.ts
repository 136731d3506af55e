import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openShell } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const workflow = `version: 1
tomograms: [{id: a}]
steps:
  mine: {uses: ./mine.mjs}
`;

const cases: readonly (readonly [
  title: string,
  module: string | undefined,
  message: string,
  hint: string,
])[] = [
  ["no module", undefined, "mine.mjs does not exist", "check the path; it is relative to the workflow file"],
  [
    "a file that it imports is missing",
    'import { a } from "./lib/a.mjs";\nexport default {};\n',
    "mine.mjs cannot be loaded: lib/a.mjs does not exist, which is imported from mine.mjs",
    "check the path in the import",
  ],
  [
    "a package that it imports is missing",
    'import a from "no-such-package-at-all";\nexport default {};\n',
    "mine.mjs cannot be loaded: the package no-such-package-at-all is not installed, which is imported from mine.mjs",
    "npm install no-such-package-at-all, beside the workflow",
  ],
  [
    "no JavaScript",
    "export default {\n",
    "mine.mjs cannot be loaded: Unexpected end of input",
    "node mine.mjs shows the mistake",
  ],
  [
    "it throws",
    'throw new Error("not today");\n',
    "mine.mjs cannot be loaded: not today",
    "node mine.mjs shows the mistake",
  ],
  [
    "no step kind",
    "export default {};\n",
    "mine.mjs does not export a step kind",
    "its default export must be an object with name, version, summary, scope, parameters, ports and run",
  ],
];

test("what is wrong with a step of one's own, once, with its place and what to do", async (context) => {
  await using shell = openShell();
  for (const [title, module, message, hint] of cases) {
    const folder = await temporaryFolder(context);
    await mkdir(join(folder, "lib"));
    await writeFile(join(folder, "workflow.yaml"), workflow);
    if (module !== undefined) await writeFile(join(folder, "mine.mjs"), module);
    const { code, stderr } = await shell.type(["validate"], folder);
    const caret = "    mine: {uses: ./mine.mjs}\n                 ^^^^^^^^^^";
    assert.equal(
      stderr,
      `workflow.yaml:4:16: error: ${message}\n${caret}\n  hint: ${hint}\n1 problem in workflow.yaml\n`,
      title,
    );
    assert.equal(code, 2);
  }
});
