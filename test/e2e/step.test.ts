/** `tomoflow step`: steps on files, without a workflow, as the workflow would run them. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { smallWorkflow } from "./workflow.ts";

const classes = ["--class", "1:barrel:6:shape=barrel", "--class", "2:rod:4:shape=rod"];

/** Simulates a tomogram into the folder. */
async function simulate(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  const words = ["step", "simulate", ...classes, "--size", "32,64,72", "--counts", "1=4,2=3", "--id", "t0"];
  const { code, stdout, stderr } = await tomoflow(words, { folder });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "tomogram  tomogram.mrc\nobjects   objects.xml\ntruth     truth.mrc\n");
  return folder;
}

test("from a simulated tomogram to detections and scores, file by file", async (context) => {
  const folder = await simulate(context);
  assert.deepEqual((await readdir(folder)).sort(), ["objects.xml", "tomogram.mrc", "truth.mrc"]);
  const target = [
    "step",
    "target",
    "--objects",
    "objects.xml",
    "--tomogram",
    "tomogram.mrc",
    "--radii",
    "1=5,2=3",
  ];
  assert.equal((await tomoflow([...target, ...classes], { folder })).code, 0);
  const cluster = ["step", "cluster", "--labels", "target.mrc", "--detections", "found/all.csv", "--json"];
  const clustered = await tomoflow([...cluster, ...classes], { folder });
  assert.equal(clustered.code, 0, clustered.stderr);
  const { outputs } = JSON.parse(clustered.stdout) as { outputs: Record<string, string> };
  assert.deepEqual(outputs, { detections: join(folder, "found/all.csv") });
  const lines = (await readFile(outputs.detections, "utf8")).trim().split("\n");
  assert.equal(lines.length, 1 + 7);
  const evaluate = [
    "step",
    "evaluate",
    "--detections",
    "found/all.csv",
    "--objects",
    "objects.xml",
    "--out-dir",
    "scores",
  ];
  const evaluated = await tomoflow([...evaluate, ...classes], { folder });
  assert.equal(evaluated.code, 0, evaluated.stderr);
  const metrics = JSON.parse(await readFile(join(folder, "scores/metrics.json"), "utf8")) as {
    macro: { f1: number };
  };
  assert.equal(metrics.macro.f1, 1);
});

test("classes of a workflow, and the same result as in it", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), smallWorkflow);
  assert.equal((await tomoflow(["run", "--only", "simulate@t0"], { folder })).code, 0);
  const words = [
    "step",
    "simulate",
    "--classes",
    "workflow.yaml",
    "--size",
    "[32, 64, 72]",
    "--counts",
    "4",
    "--id",
    "t0",
  ];
  assert.equal((await tomoflow([...words, "--out-dir", "alone"], { folder })).code, 0);
  for (const file of ["tomogram.mrc", "objects.xml", "truth.mrc"])
    assert.deepEqual(
      await readFile(join(folder, "alone", file)),
      await readFile(join(folder, "results/small/simulate/t0", file)),
      file,
    );
});

test("mistakes are collected, with the flag to mend; exit code 2, nothing written", async (context) => {
  const folder = await simulate(context);
  const before = await readdir(folder);
  const refused = async (words: string[], ...messages: RegExp[]): Promise<void> => {
    const { code, stdout, stderr } = await tomoflow(["step", ...words], { folder });
    for (const message of messages) assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.doesNotMatch(stderr, /\n {4}at /);
  };
  await refused(
    ["cluster", "--labels", "truth.mrc", "--radius", "-1", "--method", "guess"],
    /error: radius must be at least 0\.5.*\n +hint: the flag is --radius/,
    /error: method must be one of mean-shift, components, peaks: "guess" is not/,
  );
  await refused(
    ["cluster"],
    /error: the input labels is missing\n +hint: give its file with --labels: Label map/,
  );
  await refused(
    ["cluster", "--labels", "truth.mrc", "--radius", "5", "--detections", "d.foo"],
    /^error: d\.foo: the output detections/,
  );
  await refused(["cluster", "--labels", "none.mrc"], /--labels: .*none\.mrc does not exist/);
  await refused(
    ["cluster", "--label", "truth.mrc"],
    /unknown option '--label'\nhint: did you mean --labels\?/,
  );
  await refused(["clustre"], /error: unknown command 'clustre'\nhint: did you mean cluster\?/);
  await refused(["cluster", "--labels", "objects.xml", "--radius", "5"], /objects\.xml/);
  await refused(["cluster", "--labels", "truth.mrc", "--threads", "0"], /--threads must be a whole number/);
  assert.deepEqual(await readdir(folder), before);
});
