import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { folderWith } from "../support/workflow-folder.ts";

const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

function tomoflow(folder: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", tsx, main, ...words], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  return { status, stdout, stderr };
}

const startFiles = ["data/t0.mrc", "data/t1.mrc", "data/t2.mrc", "data/t0.xml", "data/t1.xml"];

test("init writes a workflow that validates as soon as its files are there, and never writes over one", async (context) => {
  const folder = await folderWith(context, []);
  assert.equal(tomoflow(folder, "init").status, 0);
  const text = await readFile(join(folder, "workflow.yaml"), "utf8");
  const schemaLine = /^# yaml-language-server: \$schema=(.*)\n/.exec(text);
  assert.ok(schemaLine, text.slice(0, 100));
  const schema = JSON.parse(await readFile(resolve(folder, schemaLine[1]), "utf8"));
  assert.equal(schema.title, "tomoflow workflow");

  const again = tomoflow(folder, "init");
  assert.equal(again.status, 2);
  assert.equal(
    again.stderr,
    "error: workflow.yaml is there already\nhint: name another file: tomoflow init NAME.yaml\n",
  );
  assert.equal(await readFile(join(folder, "workflow.yaml"), "utf8"), text);

  const early = tomoflow(folder, "validate");
  assert.equal(early.status, 2);
  assert.match(early.stderr, /data\/t0\.mrc does not exist/);
  const ready = await folderWith(context, startFiles);
  await writeFile(join(ready, "workflow.yaml"), text);
  const { status, stdout, stderr } = tomoflow(ready, "validate");
  assert.deepEqual(
    { status, stderr, stdout },
    {
      status: 0,
      stderr: "",
      stdout: "workflow.yaml is right: 3 tomograms, 2 classes, 4 steps\n",
    },
  );
  assert.equal(parse(text).params.epochs, 100);
});

test("validate shows every mistake on standard error, and exits with 2", async (context) => {
  const text = "version: 1\ntomograms: [{id: t0, tomogram: t0.mrc}]\nsteps: {a: {uses: sgment}}\n";
  const folder = await folderWith(context, { "a.yaml": text });
  const { status, stdout, stderr } = tomoflow(folder, "validate", "a.yaml");
  assert.deepEqual([status, stdout], [2, ""]);
  assert.equal(
    stderr,
    [
      "a.yaml:3:19: error: there is no step kind sgment",
      "  steps: {a: {uses: sgment}}",
      "                    ^^^^^^",
      "  hint: did you mean segment?",
      "1 problem in a.yaml",
      "",
    ].join("\n"),
  );
});

test("--json prints the diagnostics as data", async (context) => {
  const folder = await folderWith(context, { "workflow.yaml": "version: 1\nsteps: {}\n" });
  const { status, stdout } = tomoflow(folder, "validate", "--json");
  const { ok, diagnostics } = JSON.parse(stdout);
  assert.deepEqual([status, ok], [2, false]);
  assert.deepEqual(
    diagnostics.map(({ code, location }: { code: string; location: { line: number } }) => [
      code,
      location.line,
    ]),
    [
      ["missing-key", 1],
      ["wrong-value", 2],
    ],
  );
});

test("a workflow that is not there", async (context) => {
  const folder = await folderWith(context, []);
  const { status, stderr } = tomoflow(folder, "validate", "none.yaml");
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^none\.yaml: error: there is no such file\n {2}hint: tomoflow init writes one to start from\n/,
  );
});
