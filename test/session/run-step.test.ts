import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readObjects } from "../../src/objects/formats.ts";
import { runStep } from "../../src/session/run-step.ts";
import type { StepReport } from "../../src/steps/step-kind.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

const classes = { 1: { name: "barrel", radius: 6, shape: "barrel" } };

async function simulated(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  const result = await runStep("simulate", {
    classes,
    folder,
    parameters: { size: [24, 40, 48], counts: 3 },
  });
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  assert.deepEqual(result.value.outputs, {
    tomogram: join(folder, "tomogram.mrc"),
    objects: join(folder, "objects.xml"),
    truth: join(folder, "truth.mrc"),
  });
  return folder;
}

const codesOf = ({ diagnostics }: { diagnostics: readonly { code: string; message: string }[] }) =>
  diagnostics.map(({ code, message }) => `${code}: ${message}`);

test("a step runs from a program, its outputs where they are asked for, told as it goes", async (context) => {
  const folder = await simulated(context);
  const reports: StepReport[] = [];
  const result = await runStep("cluster", {
    classes,
    folder,
    id: "t7",
    inputs: { labels: "truth.mrc" },
    outputs: { detections: "found.csv" },
    report: (report) => reports.push(report),
  });
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  assert.deepEqual(result.value.outputs, { detections: join(folder, "found.csv") });
  const found = await readObjects(join(folder, "found.csv"));
  assert.deepEqual([found.length, found[0]!.label, found[0]!.tomogramId], [3, 1, "t7"]);
  assert.ok(reports.some(({ type }) => type === "log" || type === "progress"));
});

test("what a step is not given rightly is told before it runs, all at once", async (context) => {
  const folder = await temporaryFolder(context);
  const none = await runStep("cluster", { folder, classes, parameters: { radius: -1 } });
  assert.ok(!none.ok);
  assert.match(codesOf(none).join("\n"), /radius/);
  const missing = await runStep("cluster", { folder, classes });
  assert.deepEqual(codesOf(missing), ["missing-input: the input labels is missing"]);
  assert.equal(missing.diagnostics[0]!.hint?.startsWith("give its file as inputs.labels: "), true);
  const mistyped = await runStep("cluster", { folder, inputs: { labels: "x.mrc", score: "s.h5" }, classes });
  assert.deepEqual(codesOf(mistyped), ["unknown-input: there is no input score"]);
  const output = await runStep("cluster", {
    folder,
    inputs: { labels: "x.mrc" },
    outputs: { found: "f.xml" },
    classes,
  });
  assert.deepEqual(codesOf(output), ["unknown-output: there is no output found"]);
  const two = await runStep("cluster", { folder, rows: [{ inputs: {} }, { inputs: {} }], classes });
  assert.deepEqual(codesOf(two), ["wrong-rows: cluster works on one tomogram and is given 2 rows"]);
  const both = await runStep("train", { folder, rows: [], inputs: {}, classes });
  assert.deepEqual(codesOf(both), ["wrong-rows: train is given both inputs and rows"]);
  assert.deepEqual(codesOf(await runStep("train", { folder, rows: [], classes })), [
    "no-rows: there is no tomogram to work on",
  ]);
  await assert.rejects(runStep("clutser"), { code: "unknown-kind" });
  assert.deepEqual(await readdir(folder), []);
});

test("a step that fails throws its error, and one that is stopped an AbortError", async (context) => {
  const folder = await simulated(context);
  await writeFile(join(folder, "bad.mrc"), "no volume");
  const bad = await runStep("cluster", { folder, classes, inputs: { labels: "bad.mrc" } });
  assert.ok(!bad.ok);
  const abort = new AbortController();
  const stopped = runStep("simulate", {
    classes,
    folder,
    parameters: { size: [64, 128, 128], counts: 20, seed: 2 },
    outputs: { tomogram: "second.mrc" },
    signal: abort.signal,
    report: () => abort.abort(),
  });
  await assert.rejects(stopped, { name: "AbortError" });
  assert.ok(!(await readdir(folder)).includes("second.mrc"));
});

test("examples/library/whole-method.mjs goes through all steps", async (context) => {
  const folder = await temporaryFolder(context);
  const script = join(repositoryRoot, "examples", "library", "whole-method.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^evaluate \{/m);
  const files = await readdir(folder);
  for (const file of ["best.h5", "labels.mrc", "detections.xml", "metrics.json"])
    assert.ok(files.includes(file), file);
});
