import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { XMLValidator } from "fast-xml-parser";
import { writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import type { ClassDefinition } from "../../src/schema/step-description.ts";
import { type EvaluateParameters, evaluate } from "../../src/steps/evaluate.ts";
import type { StepReport, StepRow } from "../../src/steps/step-kind.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { temporaryFolder } from "../support/temporary.ts";

const defaults: EvaluateParameters = { match: "distance", beta: 4, rankBy: "auto" };
const classes: readonly ClassDefinition[] = [
  { label: 1, name: "ribo<some>", radius: 4 },
  { label: 2, name: "proteasome", radius: 2 },
];
const at = (label: number, x: number, more: object = {}) => ({ label, z: 5, y: 7, x, ...more });

async function runEvaluate(
  folder: string,
  rows: readonly { id: string; truth: ObjectList; detections: ObjectList }[],
  more: { parameters?: Partial<EvaluateParameters>; classes?: readonly ClassDefinition[] } = {},
) {
  const written: StepRow[] = [];
  for (const { id, truth, detections } of rows) {
    const files = { objects: join(folder, `${id}.csv`), detections: join(folder, `${id}.xml`) };
    await writeObjects(files.objects, truth);
    await writeObjects(files.detections, detections);
    written.push({ id, values: {}, files });
  }
  const outputs = Object.fromEntries(
    evaluate.ports({ ...defaults }).outputs.map(({ name, file }) => [name, join(folder, file)]),
  );
  const reports: StepReport[] = [];
  await evaluate.run({
    parameters: { ...defaults, ...more.parameters },
    rows: written,
    classes: more.classes ?? classes,
    outputs,
    checkpointFolder: folder,
    engine: "auto",
    threads: 1,
    memoryBytes: 1e9,
    signal: new AbortController().signal,
    report: (report) => reports.push(report),
    runProgram: () => assert.fail("it needs no program"),
  });
  return { metrics: JSON.parse(await readFile(outputs.metrics, "utf8")), outputs, reports };
}

const rows = [
  {
    id: "t0",
    truth: [at(1, 10), at(2, 50)],
    detections: [at(1, 14, { score: 0.9 }), at(2, 53, { score: 0.8 })],
  },
  { id: "t1", truth: [at(1, 20)], detections: [at(1, 20, { score: 0.7 })] },
];

test("distances are the class radii; every output is written", async (context) => {
  const { metrics, outputs, reports } = await runEvaluate(await temporaryFolder(context), rows);
  assert.equal(metrics.macro.f1, 0.5);
  assert.equal(metrics.micro.f1, 0.666667);
  assert.deepEqual([metrics.classes["1"].tp, metrics.classes["2"].fp, metrics.classes["2"].fn], [2, 1, 1]);
  assert.equal(metrics.tomograms.t1.localization.f1, 1);
  assert.equal(metrics.tomograms.t1.classes["2"].f1, null);
  assert.equal((await readFile(outputs.matches, "utf8")).trimEnd().split("\n").length, 5);
  const { classes: tuned } = JSON.parse(await readFile(outputs.thresholds, "utf8"));
  assert.deepEqual(tuned, { 1: { name: "ribo<some>", rankBy: "score", threshold: 0.7, fbeta: 1 } });
  assert.match(await readFile(outputs.confusion, "utf8"), /^ribo<some>,2,0,0$/m);
  for (const picture of [outputs.confusionPicture, outputs.curvesPicture]) {
    const text = await readFile(picture, "utf8");
    assert.equal(XMLValidator.validate(text), true, picture);
    assert.match(text, /ribo&lt;some&gt;/);
  }
  assert.deepEqual(reports.at(-1), {
    type: "metrics",
    values: { macroF1: 0.5, microF1: 2 / 3, localizationF1: 2 / 3 },
  });
});

test("a distance given, for all or by label, goes before the radius", async (context) => {
  const folder = await temporaryFolder(context);
  const all = await runEvaluate(folder, rows, { parameters: { distance: 3 } });
  assert.deepEqual([all.metrics.micro.tp, all.metrics.classes["2"].tp], [2, 1]);
  const some = await runEvaluate(folder, rows, { parameters: { distance: { 2: 3 } } });
  assert.deepEqual([some.metrics.micro.tp, some.metrics.classes["2"].tp], [3, 1]);
});

test("shapes: what lies inside the truth's turned mask matches", async (context) => {
  const folder = await temporaryFolder(context);
  const mask = join(folder, "rod.mrc");
  const data = new Uint8Array(15 ** 3);
  for (let x = 1; x < 14; x++)
    for (let y = 6; y < 9; y++) for (let z = 6; z < 9; z++) data[(z * 15 + y) * 15 + x] = 1;
  await writeVolume(mask, {
    data,
    shape: [15, 15, 15],
    voxelSizeAngstrom: [1, 1, 1],
    originAngstrom: [0, 0, 0],
  });
  const table = [{ label: 1, name: "rod", mask }];
  const truth = [at(1, 40, { phi: 90, psi: 0, the: 0 }), at(1, 80, { phi: 0, psi: 0, the: 0 })];
  const detections = [at(1, 40, { y: 12 }), at(1, 80, { y: 12 })];
  const { metrics } = await runEvaluate(folder, [{ id: "t0", truth, detections }], {
    parameters: { match: "shapes" },
    classes: table,
  });
  assert.deepEqual([metrics.micro.tp, metrics.micro.fp, metrics.micro.fn], [1, 1, 1]);
  assert.equal(metrics.match, "shapes");
});

test("nothing true and nothing found: nothing to report, and pictures all the same", async (context) => {
  const { metrics, outputs, reports } = await runEvaluate(await temporaryFolder(context), [
    { id: "t0", truth: [], detections: [] },
  ]);
  assert.equal(metrics.macro.f1, null);
  assert.deepEqual(reports.at(-1), { type: "metrics", values: {} });
  assert.match(await readFile(outputs.curvesPicture, "utf8"), /no class has both truth and detections/);
});

test("preflight reads the lists that are there already", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "bad.xml"), "hello");
  await writeObjects(join(folder, "good.xml"), [at(1, 3), at(9, 4)]);
  const check = async (objects: string, more: Partial<EvaluateParameters> = {}, table = classes) =>
    (
      await evaluate.preflight!({
        parameters: { ...defaults, ...more },
        rows: [
          {
            id: "t0",
            values: {},
            files: { objects: join(folder, objects), detections: join(folder, "later.xml") },
          },
        ],
        classes: table,
      })
    ).map(({ code }) => code);
  assert.deepEqual(await check("bad.xml"), ["objects-xml"]);
  assert.deepEqual(await check("good.xml"), ["label-unknown"]);
  assert.deepEqual(await check("later.xml"), []);
  const bare = [
    { label: 1, name: "a" },
    { label: 9, name: "b", radius: 3 },
  ];
  assert.deepEqual(await check("good.xml", {}, bare), ["distance-missing"]);
  assert.deepEqual(await check("good.xml", { distance: 3 }, bare), []);
  assert.deepEqual(
    await check("good.xml", {}, []),
    ["distance-missing"],
    "without a class table, by the list",
  );
  assert.deepEqual(await check("good.xml", { distance: { 1: 3, 9: 2 } }, []), []);
  assert.deepEqual(await check("good.xml", { match: "shapes" }, bare), [
    "mask-missing",
    "mask-missing",
    "angles-missing",
  ]);
});

test("the class table enters the key only where it is used", () => {
  const fields = (parameters: object) => evaluate.ports({ ...defaults, ...parameters }).classFields;
  assert.deepEqual(fields({}), ["name", "color", "radius"]);
  assert.deepEqual(fields({ distance: 5 }), ["name", "color"]);
  assert.deepEqual(fields({ match: "shapes" }), ["name", "color", "mask"]);
});
