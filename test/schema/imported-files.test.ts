import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { importedFiles } from "../../src/schema/imported-files.ts";
import { temporaryFolder } from "../support/temporary.ts";

const files = {
  "steps/mine.mjs": `
import { a } from "./a.mjs";
import {
  b,
} from '../shared/b.mjs';
import "./effect.mjs";
export * from "./again.mjs";
const lazy = () => import(/* later */ "./lazy.mjs");
const table = new URL("./table.json", import.meta.url);
import settings from "./settings.json" with { type: "json" };
import fs from "node:fs";
import pack from "some-package";
const text = "from nowhere";
const missing = "import './not-there.mjs'";
`,
  "steps/a.mjs": 'import "./mine.mjs"; import "./deep/c.mjs";',
  "steps/deep/c.mjs":
    'import { createRequire } from "node:module";\nconst d = createRequire(import.meta.url)("../d");require("../d")',
  "steps/d.cjs": "module.exports = 1",
  "shared/b.mjs": "",
  "steps/effect.mjs": "",
  "steps/again.mjs": "",
  "steps/lazy.mjs": "",
  "steps/table.json": '{"from": "./unrelated.mjs"}',
  "steps/settings.json": "{}",
  "steps/unrelated.mjs": "",
};

test("a module's files are found through every form of import, in circles too", async (context) => {
  const folder = await temporaryFolder(context);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const found = await importedFiles(join(folder, "steps/mine.mjs"));
  const names = [
    "../shared/b.mjs",
    "a.mjs",
    "again.mjs",
    "d.cjs",
    "deep/c.mjs",
    "effect.mjs",
    "lazy.mjs",
    "settings.json",
    "table.json",
  ];
  assert.deepEqual(found, Object.fromEntries(names.map((name) => [name, join(folder, "steps", name)])));
});

test("a module that is not there has no files", async (context) => {
  assert.deepEqual(await importedFiles(join(await temporaryFolder(context), "no.mjs")), {});
});
