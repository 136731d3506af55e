/** One object list for several rows, through the real command line. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { writeObjects } from "../../src/objects/formats.ts";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { openShell } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { editWorkflow } from "./workflow.ts";

const shell = openShell();
after(() => shell[Symbol.asyncDispose]());

const workflow = `version: 1
name: one
classes: {1: {name: ribosome, radius: 2}}
tomograms:
  - {id: t0, tomogram: t0.mrc, objects: all.csv, found: found.csv}
  - {id: t1, tomogram: t1.mrc, objects: all.csv, found: found.csv}
steps:
  target: {uses: target}
  evaluate: {uses: evaluate, with: {detections: "\${row.found}"}}
`;

const at = (tomogramId: string, x: number, more: object = {}) => ({
  label: 1,
  x,
  y: 5,
  z: 4,
  tomogramId,
  ...more,
});

async function project(context: TestContext) {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow);
  for (const id of ["t0", "t1"])
    await writeVolume(join(folder, `${id}.mrc`), {
      shape: [8, 10, 24],
      voxelSizeAngstrom: [10, 10, 10],
      originAngstrom: [0, 0, 0],
      data: new Int8Array(8 * 10 * 24),
    });
  const write = (name: string, list: Parameters<typeof writeObjects>[1]) =>
    writeObjects(join(folder, name), list);
  await write("all.csv", [at("t0", 4), at("t0", 12), at("t1", 18)]);
  await write("found.csv", [at("t0", 4), at("t1", 18), at("t1", 9)]);
  return { folder, write, type: (...words: string[]) => shell.type(words, folder) };
}

test("every row is painted and scored with its own objects", async (context) => {
  const { folder, type } = await project(context);
  const run = await type("run", "--json");
  assert.equal(run.code, 0, run.stderr);
  const labelsAlong = async (id: string) => {
    const { data, shape } = await readVolume(join(folder, `results/one/target/${id}/target.mrc`));
    return [4, 12, 18].map((x) => data[(4 * shape[1] + 5) * shape[2] + x]);
  };
  assert.deepEqual(await labelsAlong("t0"), [1, 1, 0]);
  assert.deepEqual(await labelsAlong("t1"), [0, 0, 1]);
  const metrics = JSON.parse(await readFile(join(folder, "results/one/evaluate/metrics.json"), "utf8"));
  const countsOf = ({ tp, fp, fn }: Record<string, number>) => [tp, fp, fn];
  assert.deepEqual(
    [countsOf(metrics.tomograms.t0.micro), countsOf(metrics.tomograms.t1.micro)],
    [
      [1, 0, 1],
      [1, 1, 0],
    ],
  );
});

test("a row that the list does not name is a mistake at its cell, before anything runs", async (context) => {
  const { folder, type } = await project(context);
  await editWorkflow(folder, "id: t1,", "id: t9,");
  const run = await type("run");
  assert.equal(run.code, 2);
  assert.match(
    run.stderr,
    /workflow\.yaml:6:\d+: error: all\.csv for t9: the list has no objects of tomo_id t9: it holds those of t0, t1\n {4}- \{id: t9, tomogram: t1\.mrc, objects: all\.csv, found: found\.csv\}\n {42}\^{7}\n/,
  );
  assert.match(run.stderr, /found\.csv for t9/);
});

test("an id that is corrected makes the scores stale", async (context) => {
  const { folder, type, write } = await project(context);
  const own = ({ tomogramId: _, ...object }: ReturnType<typeof at>) => object;
  await write("a.csv", [own(at("", 4))]);
  await write("b.csv", [own(at("", 18))]);
  await editWorkflow(
    folder,
    "objects: all.csv, found: found.csv}\n  - {id: t1, tomogram: t1.mrc, objects: all.csv, found: found.csv",
    "objects: a.csv, found: a.csv}\n  - {id: t1, tomogram: t1.mrc, objects: b.csv, found: b.csv",
  );
  assert.equal((await type("run")).code, 0);
  await editWorkflow(folder, "id: t1,", "id: t9,");
  const plan = JSON.parse((await type("plan", "--json", "--only", "evaluate")).stdout);
  const [{ state, reasons }] = plan.tasks.filter(({ id }: { id: string }) => id === "evaluate");
  assert.equal(state, "run");
  assert.deepEqual(reasons.map(({ text }: { text: string }) => text).slice(0, 2), [
    "row t1 is gone",
    "new row t9",
  ]);
});

test("a step on its own asks which tomogram of a list is meant", async (context) => {
  const { type } = await project(context);
  const words = ["step", "target", "--objects", "all.csv", "--size", "8,10,24", "--class", "1:ribosome:2"];
  const none = await type(...words);
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /the list holds objects of several tomograms: t0, t1\n {2}hint: say which is meant with --id/,
  );
  assert.equal((await type(...words, "--id", "t0")).code, 0);
  const wrong = await type(...words, "--id", "t7");
  assert.match(wrong.stderr, /no objects of tomo_id t7: it holds those of t0, t1/);
});

test("a mask and a volume are of one tomogram", async (context) => {
  const { type, folder } = await project(context);
  const none = await type("objects", "clip", "all.csv", "in.csv", "--size", "8,10,15");
  assert.notEqual(none.code, 0);
  assert.match(none.stderr, /several tomograms: t0, t1\n.*say which is meant with --tomogram/s);
  assert.equal(
    (await type("objects", "clip", "all.csv", "in.csv", "--size", "8,10,10", "--tomogram", "t0")).code,
    0,
  );
  assert.equal((await readFile(join(folder, "in.csv"), "utf8")).trimEnd().split("\n").length, 2);
});
