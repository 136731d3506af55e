/** Every mistake that can be seen before a training starts, with its words. */
import assert from "node:assert/strict";
import { totalmem } from "node:os";
import { type TestContext, test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { writeKerasWeights } from "../../src/network/keras.ts";
import { networkParameters } from "../../src/network/networks.ts";
import { initialParameters } from "../../src/network/parameters.ts";
import { writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import type { StepRow } from "../../src/steps/step-kind.ts";
import { train } from "../../src/steps/train.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { type StepTrial, stepContext } from "../support/step-context.ts";
import { tinyObjects, tinyShape } from "../support/tiny-training.ts";
import { otherObjects, tinyClasses, tinyParameters, writeTinyFiles } from "../support/tiny-training-files.ts";

async function prepare(context: TestContext, lists?: readonly [ObjectList, ObjectList]) {
  const { folder, path, rows } = await writeTinyFiles(context, lists);
  const [training, validation] = rows as [StepRow, StepRow];
  /** `severity code message [file] (hint)` of what is found. */
  const check = async (trial: Partial<StepTrial> & { pending?: ReadonlySet<string> } = {}) => {
    const { pending, parameters, ...rest } = trial;
    const step = stepContext(train, folder, {
      classes: tinyClasses,
      rows,
      ...rest,
      parameters: { ...tinyParameters, ...parameters },
    });
    const found = await train.preflight!({ ...step, pending });
    return found.map(({ severity, code, message, location, hint }) => {
      const place = location ? ` [${location.file.replace(`${folder}/`, "")}]` : "";
      return `${severity} ${code}: ${message}${place} (${hint})`.replaceAll(`${folder}/`, "");
    });
  };
  return { path, check, training, validation };
}

const smaller: Shape3 = [20, 24, 26];
const blank = (shape: Shape3, voxelSize: number) => ({
  shape,
  voxelSizeAngstrom: [voxelSize, 10, 11] as const,
  originAngstrom: [0, 0, 0] as const,
  data: new Int8Array(shape[0] * shape[1] * shape[2]),
});

test("nothing is found where nothing is wrong", async (context) => {
  const { check } = await prepare(context);
  assert.deepEqual(await check(), []);
});

test("no tomogram to train on, none to validate on", async (context) => {
  const { check, training, validation } = await prepare(context);
  assert.deepEqual(await check({ rows: [validation] }), [
    "error split-missing: no tomogram to train on: no row has `split: train` (give each tomogram a `split`: train, valid or test)",
  ]);
  assert.deepEqual(await check({ rows: [training] }), [
    "error split-missing: no tomogram to validate on: no row has `split: valid` (set `split: valid` for a tomogram that is not trained on)",
  ]);
});

test("a target of another shape, or of another voxel size", async (context) => {
  const { path, check } = await prepare(context);
  await writeVolume(path("l0.mrc"), blank(smaller, 9));
  await writeVolume(path("l1.mrc"), blank(tinyShape, 18));
  assert.deepEqual(await check(), [
    "error shape-mismatch: t0: the target is 20×24×26 voxels, the tomogram 20×24×28 (z, y, x) [l0.mrc] (make the target from this very tomogram)",
    "warning voxel-size-differs: t1: the target says 18 × 10 × 11 Å a voxel, the tomogram 9 × 10 × 11 [l1.mrc] (the target may belong to another binning of the tomogram)",
  ]);
});

test("a patch larger than a tomogram", async (context) => {
  const { check } = await prepare(context);
  const message = (id: string) =>
    `error patch-too-large: ${id}: patches of 24³ voxels do not fit the tomogram of 20×24×28 (z, y, x) [${id}.mrc] (use a patchSize of at most 20)`;
  assert.deepEqual(await check({ parameters: { patchSize: 24 } }), [message("t0"), message("t1")]);
});

test("a patch that cannot be halved for every resolution of the network", async (context) => {
  const { path, check } = await prepare(context);
  const message = "patchSize must be a multiple of 8 for a network of 4 resolutions: 12 is not (use 8 or 16)";
  const deep = { patchSize: 12, filters: [2, 2, 2, 2] };
  assert.deepEqual(await check({ parameters: deep }), [`error wrong-parameters: ${message}`]);
  assert.deepEqual(
    train.check!({ ...deep }).map(({ path: where, message: text, hint }) => [where, `${text} (${hint})`]),
    [[["patchSize"], message]],
  );
  assert.deepEqual(train.check!({ patchSize: "${params.size}", filters: [2, 2, 2, 2] }), []);
  assert.deepEqual(await check({ parameters: { patchSize: 16, filters: [2, 2, 2, 2] } }), []);
  const network = { classes: 3, filters: [2, 2, 2, 2] };
  await writeKerasWeights(
    path("deep.h5"),
    network,
    initialParameters(networkParameters(network), new Random(0)),
  );
  const start = { patchSize: 12, initialWeights: path("deep.h5") };
  assert.deepEqual(await check({ parameters: start }), [`error wrong-parameters: ${message}`]);
});

test("objects to be trained on without the weight they shall be drawn by", async (context) => {
  const [{ x, y, z }, ...rest] = tinyObjects as unknown as [ObjectList[number], ...ObjectList];
  const weighted = rest.map((object) => ({ ...object, extra: { trust: "0.5" } }));
  const { check } = await prepare(context, [[{ label: 1, x, y, z, score: 0.4 }, ...weighted], otherObjects]);
  const message = (count: number, field: string) =>
    `error sample-weight: t0: ${count} of ${rest.length + 1} objects have no \`${field}\` to be drawn by [t0.xml] (give every object a number of at least 0 there, or leave \`sampleWeight\` out)`;
  assert.deepEqual(await check({ parameters: { sampleWeight: "trust" } }), [message(1, "trust")]);
  assert.deepEqual(await check({ parameters: { sampleWeight: "score" } }), [message(rest.length, "score")]);
});

test("particles that cannot be pasted: no radius, too large for the patch, none that is whole", async (context) => {
  const { check } = await prepare(context);
  const classes = (first: number | undefined, second: number) => [
    { ...tinyClasses[0]!, ...(first !== undefined && { radius: first }) },
    { ...tinyClasses[1]!, radius: second },
  ];
  const parameters = { paste: 2, patchSize: 8 };
  assert.deepEqual(await check({ parameters, classes: classes(1, 1) }), []);
  assert.deepEqual(await check({ parameters, classes: classes(undefined, 1) }), [
    "error radius-missing: paste needs the radius of class 1 (ribosome) (give it in `classes`: that of the whole particle, in voxels)",
  ]);
  assert.deepEqual(await check({ parameters, classes: classes(1, 3) }), [
    "error patch-too-small: paste: class 2 (proteasome) of radius 3 with its soft edge takes patches of at least 12 voxels, patchSize is 8 (set patchSize to 12 or more, or leave `paste` out)",
  ]);
  const large = { paste: 2, patchSize: 16 };
  assert.deepEqual(await check({ parameters: large, classes: classes(5, 3) }), [
    "warning nothing-to-paste: paste: no object of class 1 (ribosome) lies so far inside its tomogram that it can be cut out whole (this class is not pasted, the others are)",
  ]);
  assert.deepEqual(await check({ parameters: { ...large, patchSize: 20 }, classes: classes(7, 7) }), [
    "error nothing-to-paste: paste: no training object lies so far inside its tomogram that it can be cut out whole (leave `paste` out)",
  ]);
  assert.deepEqual(await check({ parameters: { paste: 0 }, classes: classes(undefined, 3) }), []);
});

test("annotation that is partial: how far it reaches, radii, words", async (context) => {
  const { check, training, validation } = await prepare(context);
  const rowsWith = (annotation: unknown) => [
    { ...training, values: { ...training.values, annotation } },
    validation,
  ];
  const classes = tinyClasses.map((definition) => ({ ...definition, radius: 3 }));
  const parameters = { annotatedWithin: 2 };
  assert.deepEqual(await check({ rows: rowsWith("complete") }), []);
  assert.deepEqual(await check({ rows: rowsWith("partial"), classes, parameters }), []);
  assert.deepEqual(await check({ rows: rowsWith("Partial") }), [
    'error wrong-annotation: t0: its annotation is "Partial" (write `annotation: complete` where every object is listed, `annotation: partial` where only some are)',
  ]);
  assert.deepEqual(await check({ rows: rowsWith("partial"), classes }), [
    "error annotation-unsaid: t0 has `annotation: partial`, and train is not told how far around an object the background is known (set `annotatedWithin: 2`: up to two radii from a listed object others would have been listed too)",
  ]);
  assert.deepEqual(
    await check({ rows: rowsWith("partial"), parameters, classes: [classes[0]!, tinyClasses[1]!] }),
    [
      "error radius-missing: annotatedWithin needs the radius of class 2 (proteasome) (give it in `classes`: that of the whole particle, in voxels)",
    ],
  );
  assert.deepEqual(await check({ rows: rowsWith("complete"), classes, parameters }), [
    "warning no-partial-row: annotatedWithin changes nothing: no row has `annotation: partial` (say so of the rows where only some objects are listed, or leave it out)",
  ]);
});

test("objects outside, and of classes that are not listed", async (context) => {
  const { check } = await prepare(context, [
    [...tinyObjects, { label: 2, x: 30, y: 5, z: 4 }, { label: 7, x: 3, y: 5, z: 4 }],
    otherObjects,
  ]);
  const found = await check();
  assert.equal(found.length, 2);
  assert.match(
    found[0]!,
    /^error label-unknown: 1 object is of a class that the class table does not list: 7 \[t0\.xml\]/,
  );
  assert.match(
    found[1]!,
    /^error object-outside: 1 object is outside the volume of 20×24×28 voxels, the first at x 30, y 5, z 4 \[t0\.xml\]/,
  );
});

test("a part without any object is a mistake of every row of it, a row without among others a warning", async (context) => {
  const hint =
    "(patches are drawn around objects: list some of the classes, inside the tomogram, or give the row another `split`)";
  const none = await prepare(context, [tinyObjects, []]);
  assert.deepEqual(await none.check(), [
    `error no-objects: t1 has no objects to validate on: t1.xml holds none that can be drawn [t1.xml] ${hint}`,
  ]);
  const untrained = await prepare(context, [[], otherObjects]);
  assert.deepEqual(await untrained.check(), [
    `error no-objects: t0 has no objects to train on: t0.xml holds none that can be drawn [t0.xml] ${hint}`,
  ]);
  const outside = await prepare(context, [
    tinyObjects,
    otherObjects.map((object) => ({ ...object, x: 500 })),
  ]);
  assert.deepEqual(
    (await outside.check()).map((text) => text.split(":")[0]),
    ["error object-outside", "error no-objects"],
    "none that lies inside",
  );
  const unknown = await prepare(context, [
    tinyObjects,
    otherObjects.map((object) => ({ ...object, label: 9 })),
  ]);
  assert.ok(
    (await unknown.check()).some((text) => text.startsWith("error no-objects: t1")),
    "none of a class",
  );
  const { check, path, training, validation } = await prepare(context);
  await writeObjects(path("t2.xml"), []);
  const empty = {
    ...validation,
    id: "t2",
    files: { ...validation.files, objects: path("t2.xml"), tomogram: path("later.mrc") },
  };
  assert.deepEqual(await check({ rows: [training, validation, empty] }), [
    "warning no-objects: t2 has no objects to validate on: t2.xml holds none that can be drawn [t2.xml] (patches are drawn around objects: the others alone are used)",
  ]);
});

test("weights of 0 alone leave nothing to train on", async (context) => {
  const { check } = await prepare(context, [
    tinyObjects.map((object) => ({ ...object, score: 0 })),
    otherObjects,
  ]);
  assert.deepEqual(
    (await check({ parameters: { sampleWeight: "score" } })).map((text) => text.slice(0, 50)),
    ["error no-objects: t0 has no objects to train on: t0.x".slice(0, 50)],
  );
});

test("a list that is none, a tomogram that is none", async (context) => {
  const { path, check } = await prepare(context);
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path("t0.xml"), "<objlist><object x='1'");
  await writeFile(path("t1.mrc"), "short");
  const found = await check();
  assert.equal(found.length, 2);
  assert.match(found[0]!, /^error .*\[t0\.xml\]/);
  assert.match(found[1]!, /^error .*\[t1\.mrc\]/);
});

test("validation on what is trained on: the same objects, or the same tomogram", async (context) => {
  const { path, check, training, validation } = await prepare(context, [
    tinyObjects,
    tinyObjects.slice(0, 3),
  ]);
  const hint = "(validate on a tomogram of its own: scores on training objects say nothing about new ones)";
  assert.deepEqual(await check(), [
    `error validation-is-training: t1 validates on the objects that t0 trains on [t1.xml] ${hint}`,
  ]);
  await writeObjects(path("t1.xml"), otherObjects);
  const same = { ...validation, files: { ...validation.files, tomogram: training.files.tomogram! } };
  assert.deepEqual(await check({ rows: [training, same] }), [
    `error validation-is-training: t1 validates on the tomogram that t0 trains on [t1.xml] ${hint}`,
  ]);
});

test("a class without objects: no training without, a warning for the validation", async (context) => {
  const only = (list: ObjectList, label: number) => list.filter((object) => object.label === label);
  const { check } = await prepare(context, [only(tinyObjects, 1), only(otherObjects, 2)]);
  assert.deepEqual(await check(), [
    "error class-without-objects: no training tomogram has an object of class 2 (proteasome) (annotate some, or take the class out of `classes`; one that the label maps have without objects (a membrane) is named by regions: [2])",
    "warning class-without-objects: no validation tomogram has an object of class 1 (ribosome) (its F1 during training will be 0)",
  ]);
});

test("a region has no objects, and must be in a label map of the training", async (context) => {
  const only = (list: ObjectList, label: number) => list.filter((object) => object.label === label);
  const { check, path } = await prepare(context, [only(tinyObjects, 1), only(otherObjects, 1)]);
  const tinyVoxels = tinyShape[0] * tinyShape[1] * tinyShape[2];
  // the label maps have both classes
  assert.deepEqual(await check({ parameters: { regions: [2] } }), []);
  assert.deepEqual(await check({ parameters: { regions: [3] } }), [
    ...(await check()),
    "error unknown-class: regions names the label 3, which no class has (the labels are 1 (ribosome), 2 (proteasome))",
  ]);
  await writeVolume(path("l0.mrc"), { ...blank(tinyShape, 9), data: new Int8Array(tinyVoxels).fill(1) });
  assert.deepEqual(await check({ parameters: { regions: [2] } }), [
    "error region-missing: no training label map has the label 2 (proteasome) (give it to `target` as `initial`, or take the class out of `regions` and `classes`)",
  ]);
});

test("too little memory: how much a step takes, how much there is, what to do", async (context) => {
  const { check } = await prepare(context);
  const found = await check({ parameters: { patchSize: 512, batchSize: 400 } });
  const memory = found.filter((text) => text.includes("memory-too-small"));
  const has = `${(totalmem() / 1e9).toFixed(1)} GB`;
  assert.equal(memory.length, 1);
  const [, size] = /takes about ([\d.]+) GB/.exec(memory[0]!)!;
  assert.ok(Number(size) * 1e9 > 400 * 512 ** 3 * 4 * 8, "more than a few of its values");
  assert.equal(
    memory[0],
    `error memory-too-small: a step with 400 patches of 512³ takes about ${size} GB, this machine has ${has} (use a smaller batchSize or patchSize, or batchSize: auto)`,
  );
});

test("weights to start from: of other classes, or no weights at all", async (context) => {
  const { path, check } = await prepare(context);
  const network = { classes: 4, filters: [3, 3, 3] as const };
  await writeKerasWeights(
    path("w.h5"),
    network,
    initialParameters(networkParameters(network), new Random(0)),
  );
  assert.deepEqual(await check({ parameters: { initialWeights: path("w.h5") } }), [
    "error weights-classes: the weights know 3 classes, the class table has 2 [w.h5] (list the classes that the network was trained on, with the same labels)",
  ]);
  const [found] = await check({ parameters: { initialWeights: path("t0.xml") } });
  assert.match(
    found!,
    /^error weights-not-hdf5: t0\.xml is not an HDF5 file, so it holds no weights of Keras/,
  );
});

test("files that an earlier step has yet to write are not looked into; the others are", async (context) => {
  const { path, check, training, validation } = await prepare(context, [
    [...tinyObjects, { label: 2, x: 30, y: 5, z: 4 }],
    otherObjects,
  ]);
  await writeVolume(path("l0.mrc"), blank(smaller, 9)); // an old one, that says nothing
  const targets = new Set([training.files.target!, validation.files.target!]);
  const found = await check({ pending: targets });
  assert.equal(found.length, 1);
  assert.match(found[0]!, /^error object-outside/);
  const all = new Set([training, validation].flatMap(({ files }) => Object.values(files)));
  assert.deepEqual(await check({ pending: all }), []);
  assert.deepEqual(await check({ pending: all, rows: [training] }), [
    "error split-missing: no tomogram to validate on: no row has `split: valid` (set `split: valid` for a tomogram that is not trained on)",
  ]);
});

test("hundreds of tomograms are compared with hundreds in a moment", async (context) => {
  const { path, check, training, validation } = await prepare(context);
  const list = (first: number): ObjectList =>
    Array.from({ length: 300 }, (_, at) => ({ label: 1 + (at % 2), x: first + at / 1000, y: 12, z: 10 }));
  const [many, others] = [list(10), list(12)];
  const rowsLike = async (row: StepRow, objects: ObjectList, number: number) => {
    const rows = Array.from({ length: number }, (_, at) => `${row.id}-${at}`).map((id) => ({
      ...row,
      id,
      files: { objects: path(`${id}.xml`) },
    }));
    for (const { files } of rows) await writeObjects(files.objects, objects);
    return rows;
  };
  const rows = [
    ...(await rowsLike(training, many, 400)),
    ...(await rowsLike(validation, others, 200)).map((row) => ({
      ...row,
      files: { ...row.files, tomogram: path("later.mrc") },
    })),
  ];
  const started = performance.now();
  assert.deepEqual(await check({ rows }), []);
  const seconds = (performance.now() - started) / 1000;
  assert.ok(seconds < 8, `took ${seconds} s`);
});

test("another network than the weights to start from, and parameters that the network does not have", async (context) => {
  const { path, check } = await prepare(context);
  const network = { name: "residual-unet3d", classes: 3, filters: [2, 2] };
  await writeKerasWeights(
    path("residual.h5"),
    network,
    initialParameters(networkParameters(network), new Random(0)),
  );
  const start = { initialWeights: path("residual.h5") };
  assert.deepEqual(await check({ parameters: start }), []);
  assert.deepEqual(await check({ parameters: { ...start, network: "residual-unet3d" } }), []);
  assert.deepEqual(await check({ parameters: { ...start, network: "unet3d" } }), [
    "error weights-differ: the initial weights are of residual-unet3d, not of unet3d [residual.h5] (leave `network` out, or give weights of unet3d)",
  ]);
  const mistakes = (parameters: object) =>
    train.check!({ patchSize: 8, filters: [2, 2], ...parameters }).map(
      ({ path: where, message, hint }) => `${where}: ${message} (${hint})`,
    );
  assert.deepEqual(mistakes({ blocks: 2 }), [
    "blocks: unet3d has no `blocks` (leave it out, or set `network: residual-unet3d`)",
  ]);
  assert.deepEqual(mistakes({ blocks: 2, network: "residual-unet3d" }), []);
  assert.deepEqual(mistakes({ blocks: 2, network: "${params.network}" }), []);
  assert.deepEqual(mistakes({ patchSize: 12, filters: [2, 2, 2, 2], network: "residual-unet3d" }), [
    "patchSize: patchSize must be a multiple of 8 for a network of 4 resolutions: 12 is not (use 8 or 16)",
  ]);
});
