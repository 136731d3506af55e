import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readObjects } from "../../src/objects/formats.ts";
import type { ClassDefinition } from "../../src/schema/step-description.ts";
import { type ClusterParameters, cluster } from "../../src/steps/cluster.ts";
import type { StepReport } from "../../src/steps/step-kind.ts";
import { createVolumeSet, writeVolume } from "../../src/volume/formats.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";

const shape: Shape3 = [9, 12, 31];
const sampling = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
const classes: readonly ClassDefinition[] = [
  { label: 1, name: "ribosome", radius: 4 },
  { label: 2, name: "proteasome", radius: 3 },
];
const defaults: ClusterParameters = { method: "mean-shift", perClass: true, minSize: 1 };

/** Two boxes of 3³ voxels: class 1 about (4, 5, 6), class 2 about (4, 6, 20). */
function labelMap(): Uint8Array {
  const data = new Uint8Array(9 * 12 * 31);
  for (const [label, y, x] of [
    [1, 5, 6],
    [2, 6, 20],
  ])
    for (let at = 0; at < 27; at++) {
      const [dz, dy, dx] = [Math.floor(at / 9) - 1, (Math.floor(at / 3) % 3) - 1, (at % 3) - 1];
      data[((4 + dz) * 12 + y + dy) * 31 + x + dx] = label;
    }
  return data;
}

async function runCluster(
  folder: string,
  parameters: ClusterParameters,
  files: Record<string, string>,
  detections = join(folder, "detections.xml"),
) {
  const reports: StepReport[] = [];
  await cluster.run({
    parameters,
    rows: [{ id: "t0", values: {}, files }],
    classes,
    outputs: { detections },
    checkpointFolder: folder,
    engine: "auto",
    threads: 1,
    memoryBytes: 1e9,
    signal: new AbortController().signal,
    report: (report) => reports.push(report),
    runProgram: () => assert.fail("it needs no program"),
  });
  const tomogram = { shape, voxelSizeAngstrom: sampling.voxelSizeAngstrom };
  return { objects: await readObjects(detections, { tomogram }), reports };
}

test("a label map becomes an object list, with progress to the end", async (context) => {
  const folder = await temporaryFolder(context);
  const labels = join(folder, "labels.mrc");
  await writeVolume(labels, { data: labelMap(), shape, ...sampling });
  const { objects, reports } = await runCluster(folder, defaults, { labels });
  assert.deepEqual(objects, [
    { objectId: 0, label: 1, x: 6, y: 5, z: 4, clusterSize: 27, tomogramId: "t0" },
    { objectId: 1, label: 2, x: 20, y: 6, z: 4, clusterSize: 27, tomogramId: "t0" },
  ]);
  assert.deepEqual(
    reports.filter(({ type }) => type === "log"),
    [{ type: "log", text: "2 objects: 1 ribosome, 1 proteasome" }],
  );
  assert.deepEqual(
    reports.findLast(({ type }) => type === "progress"),
    {
      type: "progress",
      done: 54,
      total: 54,
      unit: "voxel",
      detail: "proteasome",
    },
  );
});

test("a detections.star is written for RELION 5, from the size and voxel size of the label map", async (context) => {
  const folder = await temporaryFolder(context);
  const labels = join(folder, "labels.mrc");
  await writeVolume(labels, { data: labelMap(), shape, ...sampling });
  const { objects } = await runCluster(folder, defaults, { labels }, join(folder, "detections.star"));
  assert.deepEqual(
    objects.map(({ label, x, y, z, tomogramId }) => [label, x, y, z, tomogramId]),
    [
      [1, 6, 5, 4, "t0"],
      [2, 20, 6, 4, "t0"],
    ],
  );
});

test("scores.h5 gives score and margin, and the threshold uses them", async (context) => {
  const folder = await temporaryFolder(context);
  const data = labelMap();
  const [labels, scores] = [join(folder, "labels.mrc"), join(folder, "scores.h5")];
  await writeVolume(labels, { data, shape, ...sampling });
  const names = ["class0", "class1", "class2"];
  const writer = await createVolumeSet(scores, { shape, type: "float16", ...sampling }, names);
  const probability = (label: number) =>
    Float32Array.from(data, (own) =>
      own === 0 ? (label === 0 ? 1 : 0) : own === label ? own / 4 + 0.25 : 0.125,
    );
  for (const [label, name] of names.entries()) await writer.append(name, probability(label));
  await writer.close();
  const all = await runCluster(folder, defaults, { labels, scores });
  assert.deepEqual(
    all.objects.map(({ score, margin }) => [score, margin]),
    [
      [0.5, 0.375],
      [0.75, 0.625],
    ],
  );
  const some = await runCluster(folder, { ...defaults, threshold: 0.6 }, { labels, scores });
  assert.deepEqual(
    some.objects.map(({ label }) => label),
    [2],
  );
  const peaks = await runCluster(folder, { ...defaults, method: "peaks" }, { labels, scores });
  assert.deepEqual(
    peaks.objects.map(({ label, x, y, z }) => [label, z, y, x]),
    [
      [1, 4, 5, 6],
      [2, 4, 6, 20],
    ],
  );
});

test("tuned thresholds leave out what is smaller; the preflight reads them", async (context) => {
  const folder = await temporaryFolder(context);
  const [labels, thresholds] = [join(folder, "labels.mrc"), join(folder, "thresholds.json")];
  await writeVolume(labels, { data: labelMap(), shape, ...sampling });
  const tune = (rankBy: string, least: readonly [number, number]) => {
    const classOf = (threshold: number) => ({ rankBy, threshold, fbeta: 1 });
    const document = {
      tomoflow: "thresholds",
      beta: 1,
      classes: { 1: classOf(least[0]), 2: classOf(least[1]) },
    };
    return writeFile(thresholds, JSON.stringify(document));
  };
  const labelsFound = async (minSize = 1) => {
    const { objects } = await runCluster(folder, { ...defaults, minSize, thresholds }, { labels });
    return objects.map(({ label, objectId }) => [label, objectId]);
  };
  await tune("size", [27.5, 26.5]);
  assert.deepEqual(await labelsFound(), [[2, 0]]);
  assert.deepEqual(await labelsFound(28), []);
  assert.deepEqual(await mistakesOf({ thresholds }), []);
  await tune("score", [0.5, 0.5]);
  assert.deepEqual(await mistakesOf({ thresholds }), ["`thresholds` needs scores, and t0 has none"]);
  await writeFile(thresholds, "{}");
  assert.deepEqual(await mistakesOf({ thresholds }), [`${thresholds} holds no thresholds of \`evaluate\``]);
  assert.deepEqual(await mistakesOf({ thresholds: join(folder, "later.json") }), []);
});

test("an empty label map gives an empty list", async (context) => {
  const folder = await temporaryFolder(context);
  const labels = join(folder, "labels.mrc");
  await writeVolume(labels, { data: new Uint8Array(9 * 12 * 31), shape, ...sampling });
  const { objects, reports } = await runCluster(folder, defaults, { labels });
  assert.deepEqual(objects, []);
  assert.deepEqual(reports.at(-1), { type: "log", text: "0 objects" });
});

const mistakesOf = async (parameters: Partial<ClusterParameters>, table = classes) =>
  (
    await cluster.preflight!({
      parameters: { ...defaults, ...parameters },
      rows: [{ id: "t0", values: {}, files: { labels: "later.mrc" } }],
      classes: table,
    })
  ).map(({ message }) => message);

test("preflight: radii, labels and scores", async () => {
  const bare = [{ label: 1, name: "ribosome" }];
  assert.deepEqual(await mistakesOf({}), []);
  assert.deepEqual(await mistakesOf({}, bare), ["class 1 (ribosome) has no radius"]);
  assert.deepEqual(await mistakesOf({ radius: { 1: 5 } }, bare), []);
  assert.deepEqual(await mistakesOf({ radius: 5 }, bare), []);
  assert.deepEqual(await mistakesOf({ method: "components" }, bare), []);
  assert.match((await mistakesOf({ perClass: false }))[0], /one radius for all/);
  assert.deepEqual(await mistakesOf({ minSize: { 1: 3, 5: 2 } }), [
    "`minSize` names class 5, which the class table does not list",
  ]);
  assert.deepEqual(await mistakesOf({ method: "peaks" }), ["`method: peaks` needs scores, and t0 has none"]);
  assert.deepEqual(await mistakesOf({ threshold: 0.5 }), ["`threshold` needs scores, and t0 has none"]);
});

test("the class table's radius enters the key only where it is used", () => {
  const fields = (parameters: object) => cluster.ports({ ...defaults, ...parameters }).classFields;
  assert.deepEqual(fields({}), ["radius"]);
  assert.deepEqual(fields({ radius: { 1: 3 } }), ["radius"]);
  assert.deepEqual(fields({ radius: 3 }), []);
  assert.deepEqual(fields({ method: "components" }), []);
  assert.deepEqual(fields({ method: "components", suppressOverlap: 0.8 }), ["radius"]);
  assert.deepEqual(fields({ method: "components", mergeFragments: 0.8 }), ["radius"]);
});

test("smoothing is for peaks of one class each", () => {
  const messages = (parameters: Record<string, unknown>) =>
    cluster.check!(parameters).map(({ message }) => message);
  assert.deepEqual(messages({ method: "peaks", smoothing: 0.4 }), []);
  assert.deepEqual(messages({ smoothing: 0.4 }), [
    "smoothing is for the method peaks, and the method is mean-shift",
  ]);
  assert.deepEqual(messages({ method: "peaks", smoothing: 0.4, perClass: false }), [
    "smoothed scores are those of one class each",
  ]);
});

test("regions must be classes, and need no radius", async () => {
  const membrane = [...classes, { label: 3, name: "membrane" }];
  assert.deepEqual(await mistakesOf({ regions: [3] }, membrane), []);
  assert.deepEqual(await mistakesOf({}, membrane), ["class 3 (membrane) has no radius"]);
  assert.deepEqual(
    await mistakesOf({ regions: [4] }, membrane),
    [
      "`regions` names class 4, which the class table does not list",
      "class 3 (membrane) has no radius",
    ].reverse(),
  );
});
