import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { writeObjects } from "../../src/objects/formats.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { programStart } from "../support/program-start.ts";
import { folderWith } from "../support/workflow-folder.ts";

function tomoflow(folder: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...programStart, ...words], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  return { status, stdout, stderr };
}

const shape = [64, 60, 62] as const;

/** What the starter workflow names: three tomograms, and objects of both classes in the first two. */
async function writeTinyData(folder: string): Promise<void> {
  await mkdir(folder);
  const data = Int8Array.from({ length: 64 * 60 * 62 }, (_, i) => (i * 7919) % 101);
  for (const id of ["t0", "t1", "t2"])
    await writeVolume(join(folder, `${id}.mrc`), {
      data,
      shape,
      voxelSizeAngstrom: [10, 10, 10],
      originAngstrom: [0, 0, 0],
    });
  for (const [index, id] of ["t0", "t1"].entries())
    await writeObjects(join(folder, `${id}.xml`), [
      { label: 1, x: 30, y: 31, z: 32 + index },
      { label: 2, x: 12, y: 13, z: 14 + index },
    ]);
}

test("init begins from the templates that it lists, each with the schema of where it lies", async (context) => {
  const folder = await folderWith(context, []);
  const listed = JSON.parse(tomoflow(folder, "init", "--templates", "--json").stdout) as { name: string }[];
  const names = listed.map(({ name }) => name);
  for (const name of ["starter", "deepfinder", "quickstart"]) assert.ok(names.includes(name), name);
  for (const name of names) {
    assert.equal(tomoflow(folder, "init", `${name}-copy.yaml`, "--template", name).status, 0, name);
    const text = await readFile(join(folder, `${name}-copy.yaml`), "utf8");
    const schemaLine = /^# yaml-language-server: \$schema=(.*)\n/.exec(text);
    assert.ok(schemaLine, name);
    assert.ok(existsSync(resolve(folder, schemaLine[1])), name);
    assert.match(text, new RegExp(`^name: "?${name}-copy"?\\s`, "m"));
  }
  const { status, stderr } = tomoflow(folder, "init", "x.yaml", "--template", "nothing");
  assert.equal(status, 2);
  assert.match(stderr, /^error: there is no template nothing\nhint: choose one of starter, /);
  assert.ok(!existsSync(join(folder, "x.yaml")));
});

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
  const ready = await folderWith(context, []);
  await writeTinyData(join(ready, "data"));
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

test("what is in the files is looked at too: labels beyond the table, rows without objects, places outside", async (context) => {
  const text = `version: 1
classes: {1: {name: a, radius: 3}}
tomograms:
  - {id: t0, tomogram: data/t0.mrc, objects: data/t0.xml, split: train}
steps:
  target: {uses: target}
`;
  const folder = await folderWith(context, { "workflow.yaml": text });
  await writeTinyData(join(folder, "data"));
  await writeObjects(join(folder, "data/t0.xml"), [
    { label: 1, x: 30, y: 31, z: 32 },
    { label: 8, x: 1, y: 2, z: 3 },
    { label: 1, x: 30, y: 61, z: 3 },
  ]);
  const { status, stdout, stderr } = tomoflow(folder, "validate");
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(
    stderr,
    /data\/t0\.xml: error: 1 object is of a class that the class table does not list: 8\n/,
  );
  assert.match(stderr, /outside/);
  const json = JSON.parse(tomoflow(folder, "validate", "--json").stdout);
  assert.equal(json.ok, false);
  assert.ok(json.diagnostics.length >= 2);
});

test("a training whose targets are yet to be made is looked at as far as can be: classes without objects, NaN", async (context) => {
  const text = `version: 1
classes: {1: {name: a, radius: 3}, 2: {name: b, radius: 3}}
tomograms:
  - {id: t0, tomogram: data/t0.mrc, objects: data/t0.xml, split: train}
  - {id: t1, tomogram: data/nan.mrc, objects: data/t1.xml, split: valid}
steps:
  target: {uses: target}
  train: {uses: train, from: target, with: {patchSize: 16}}
`;
  const folder = await folderWith(context, { "workflow.yaml": text });
  await writeTinyData(join(folder, "data"));
  const voxels = new Float32Array(64 * 60 * 62);
  voxels[7] = Number.NaN;
  await writeVolume(join(folder, "data/nan.mrc"), {
    data: voxels,
    shape,
    voxelSizeAngstrom: [10, 10, 10],
    originAngstrom: [0, 0, 0],
  });
  for (const id of ["t0", "t1"])
    await writeObjects(join(folder, `data/${id}.xml`), [{ label: 1, x: 30, y: 31, z: 32 }]);
  const { status, stdout } = tomoflow(folder, "validate", "--json");
  const { ok, diagnostics } = JSON.parse(stdout);
  assert.deepEqual([status, ok], [2, false]);
  const messages = diagnostics.map(
    ({ severity, message }: { severity: string; message: string }) => `${severity}: ${message}`,
  );
  assert.ok(
    messages.includes("error: no training tomogram has an object of class 2 (b)"),
    messages.join("\n"),
  );
  assert.ok(
    messages.some((message: string) => /^error: .*1 .*NaN/.test(message)),
    messages.join("\n"),
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
