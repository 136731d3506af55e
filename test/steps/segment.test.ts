import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { writeKerasWeights } from "../../src/network/keras.ts";
import { networkParameters } from "../../src/network/networks.ts";
import { initialParameters } from "../../src/network/parameters.ts";
import { segment } from "../../src/steps/segment.ts";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import type { Shape3, VoxelArray, VoxelType } from "../../src/volume/volume.ts";
import { type StepTrial, stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { noise, segmentNoise, tinyWeights } from "../support/tiny-segmentation.ts";
import { tinyNetwork } from "../support/tiny-training.ts";
import { tinyClasses } from "../support/tiny-training-files.ts";

const shape: Shape3 = [11, 22, 17];
const voxels = 11 * 22 * 17;
const sampling = { voxelSizeAngstrom: [9, 10, 11], originAngstrom: [100, 0, -50] } as const;

async function prepare(context: TestContext) {
  const folder = await temporaryFolder(context);
  const path = (name: string) => join(folder, name);
  await writeKerasWeights(path("weights.h5"), tinyNetwork, tinyWeights(6));
  const writeTomogram = (name: string, type: VoxelType, data: Float32Array) =>
    writeVolume(path(name), { ...sampling, shape, data }, { type });
  await writeTomogram("t.mrc", "float32", noise(shape));
  const trial = ({ parameters, ...rest }: Partial<StepTrial> = {}): StepTrial => ({
    classes: tinyClasses,
    files: { tomogram: path("t.mrc") },
    ...rest,
    parameters: { weights: path("weights.h5"), ...parameters },
  });
  const run = async (changes?: Partial<StepTrial>) => {
    const step = stepContext(segment, folder, trial(changes));
    await segment.run(step);
    return step;
  };
  const check = (changes?: Partial<StepTrial>) =>
    segment.preflight!(stepContext(segment, folder, trial(changes)));
  return { path, run, check, writeTomogram };
}

const bytes = (data: ArrayLike<number>) => Uint8Array.from(data);

test("labels in 8 bits at the tomogram's voxel size and origin; progress to the last voxel", async (context) => {
  const { run, check } = await prepare(context);
  assert.deepEqual(await check(), []);
  const { outputs, reports } = await run();
  assert.deepEqual(Object.keys(outputs), ["labels"]);
  const labels = await readVolume(outputs.labels!);
  assert.deepEqual(bytes(labels.data), (await segmentNoise(shape)).labels);
  assert.deepEqual(labels.shape, shape);
  assert.deepEqual(labels.voxelSizeAngstrom, sampling.voxelSizeAngstrom);
  assert.deepEqual(labels.originAngstrom, sampling.originAngstrom);
  assert.ok(labels.data instanceof Int8Array);
  const last = reports.filter(({ type }) => type === "progress").at(-1);
  assert.deepEqual(last, { type: "progress", done: voxels, total: voxels, unit: "voxel" });
});

test("scores: a 16-bit data set a class that sum to 1, whose largest is the label", async (context) => {
  const { run } = await prepare(context);
  const { outputs } = await run({ parameters: { scores: true, tileSize: [4, 22, 17] } });
  const labels = bytes((await readVolume(outputs.labels!)).data);
  const exact = await segmentNoise(shape, { scores: true });
  const maps: VoxelArray[] = [];
  for (const label of [0, 1, 2]) {
    const volume = await readVolume(outputs.scores!, { dataset: `class${label}` });
    assert.deepEqual([volume.shape, volume.voxelSizeAngstrom], [shape, sampling.voxelSizeAngstrom]);
    maps.push(volume.data);
  }
  for (let i = 0; i < voxels; i++) {
    const scores = maps.map((map) => map[i]!);
    assert.ok(Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) < 2e-3);
    for (const [label, score] of scores.entries()) {
      const expected = exact.scores[label * voxels + i]!;
      assert.ok(Math.abs(score - expected) <= expected / 2048 + 1e-7, "rounded to 11 bits");
    }
    assert.equal(Math.max(...scores), scores[labels[i]!]!);
  }
});

test("binned labels: half the sampling, twice the voxel size, the same origin", async (context) => {
  const { run } = await prepare(context);
  const { outputs } = await run({ parameters: { binned: true, tileSize: [3, 22, 17] } });
  assert.deepEqual(Object.keys(outputs), ["labels", "binned"]);
  const binned = await readVolume(outputs.binned!);
  assert.deepEqual(binned.shape, [5, 11, 8]);
  assert.deepEqual(binned.voxelSizeAngstrom, [18, 20, 22]);
  assert.deepEqual(binned.originAngstrom, sampling.originAngstrom);
  const { scores } = await segmentNoise(shape, { scores: true });
  const expected = Array.from({ length: 440 }, (_, i) => {
    const [z, y, x] = [2 * Math.floor(i / 88), 2 * (Math.floor(i / 8) % 11), 2 * (i % 8)];
    const means = [0, 1, 2].map((label) => {
      let sum = 0;
      for (const dz of [0, 1])
        for (const dy of [0, 1])
          for (const dx of [0, 1]) sum += scores[label * voxels + ((z + dz) * 22 + y + dy) * 17 + x + dx]!;
      return Math.fround(sum / 8);
    });
    return means.indexOf(Math.max(...means));
  });
  assert.deepEqual([...bytes(binned.data)], expected);
});

test("tile sizes, memory and wanted outputs do not change the labels; bias and other networks do", async (context) => {
  const { path, run } = await prepare(context);
  const labelsOf = async (changes?: Partial<StepTrial>) =>
    bytes((await readVolume((await run(changes)).outputs.labels!)).data);
  const labels = await labelsOf();
  assert.deepEqual(
    await labelsOf({ parameters: { tileSize: [11, 12, 17], scores: true, binned: true } }),
    labels,
  );
  const biased = await labelsOf({ parameters: { bias: { 0: -0.4, 1: 0.3 } } });
  assert.deepEqual(biased, (await segmentNoise(shape, { bias: [-0.4, 0.3, 0] })).labels);
  await writeKerasWeights(path("other.h5"), tinyNetwork, tinyWeights(3));
  const both = await labelsOf({ parameters: { weights: [path("weights.h5"), path("other.h5")] } });
  assert.deepEqual(both, (await segmentNoise(shape, { weights: [tinyWeights(6), tinyWeights(3)] })).labels);
  assert.notDeepEqual(both, labels);
});

test("a tomogram of bytes, of 16-bit floats, and in HDF5: normalised, the labels are the same", async (context) => {
  const { path, run, writeTomogram } = await prepare(context);
  const coarse = noise(shape).map((value) => Math.round(5 * value));
  const labels = [];
  for (const [name, type] of [
    ["a.mrc", "int8"],
    ["b.mrc", "float16"],
    ["c.h5", "int16"],
    ["d.rec", "float32"],
  ] as const) {
    await writeTomogram(name, type, coarse);
    const { outputs } = await run({ files: { tomogram: path(name) } });
    const volume = await readVolume(outputs.labels!);
    assert.deepEqual(volume.voxelSizeAngstrom, sampling.voxelSizeAngstrom, name);
    labels.push(bytes(volume.data));
  }
  for (const each of labels) assert.deepEqual(each, labels[0]);
  assert.equal(new Set(labels[0]).size, 3);
});

test("the preflight: weights of other classes, no weights, no tomogram", async (context) => {
  const { path, check } = await prepare(context);
  const network = { classes: 5, filters: [3, 3, 3] as const };
  await writeKerasWeights(
    path("five.h5"),
    network,
    initialParameters(networkParameters(network), new Random(0)),
  );
  await writeFile(path("none.h5"), "no weights");
  await writeFile(path("short.mrc"), "short");
  const weights = [path("five.h5"), path("none.h5"), path("weights.h5")];
  const found = await check({ parameters: { weights }, files: { tomogram: path("short.mrc") } });
  assert.deepEqual(
    found.slice(1).map(({ code, message, location }) => [code, message, location?.file]),
    [
      ["weights-classes", "the weights know 4 classes, the class table has 2", path("five.h5")],
      [
        "weights-not-hdf5",
        `${path("none.h5")} is not an HDF5 file, so it holds no weights of Keras`,
        path("none.h5"),
      ],
    ],
  );
  assert.equal(found[0]?.location?.file, path("short.mrc"));
  assert.equal(found.length, 3);
});

test("the preflight: a bias for a class that the network does not know", async (context) => {
  const { path, check } = await prepare(context);
  const parameters = { weights: path("weights.h5"), bias: { 0: 1, 2: 1, 3: -1 } };
  const found = await check({ parameters, classes: [] });
  assert.deepEqual(
    found.map(({ code, message }) => [code, message]),
    [["label-unknown", "`bias` names class 3, and the network knows 0 to 2"]],
  );
  await writeFile(path("none.h5"), "no weights");
  const both = await check({ parameters: { ...parameters, weights: [path("weights.h5"), path("none.h5")] } });
  assert.deepEqual(
    both.map(({ code }) => code),
    ["weights-not-hdf5", "label-unknown"],
    "every file is looked at",
  );
});

test("a mask, checked before and used; test-time augmentation; both through the step", async (context) => {
  const { path, run, check } = await prepare(context);
  const labelsOf = async (changes?: Partial<StepTrial>) =>
    bytes((await readVolume((await run(changes)).outputs.labels!)).data);
  const inside = Int8Array.from({ length: voxels }, (_, i) => (i % 17 > 5 && i < 3000 ? 1 : 0));
  await writeVolume(path("mask.mrc"), { ...sampling, shape, data: inside }, { type: "int8" });
  const files = { tomogram: path("t.mrc"), mask: path("mask.mrc") };
  assert.deepEqual(await check({ files }), []);
  const labels = await labelsOf();
  assert.deepEqual(
    await labelsOf({ files }),
    labels.map((label, i) => (inside[i] === 0 ? 0 : label)),
  );
  const turned = await labelsOf({ parameters: { testTimeAugmentation: "turns" } });
  assert.deepEqual(turned, (await segmentNoise(shape, { testTimeAugmentation: "turns" })).labels);
  assert.notDeepEqual(turned, labels);
  const small: Shape3 = [11, 22, 16];
  await writeVolume(path("small.mrc"), { ...sampling, shape: small, data: new Int8Array(11 * 22 * 16) });
  const found = await check({ files: { ...files, mask: path("small.mrc") } });
  assert.deepEqual(
    found.map(({ code, message, location }) => [code, message, location?.file]),
    [["mask-shape", "t0: the mask is 11×22×16 voxels, the tomogram 11×22×17 (z, y, x)", path("small.mrc")]],
  );
  assert.deepEqual(
    segment.check!({ tiling: "deepfinder", testTimeAugmentation: "turns" }).map(({ message }) => message),
    ["the original's tiling has no test-time augmentation"],
  );
  assert.deepEqual(segment.check!({ tiling: "exact", testTimeAugmentation: "turns" }), []);
});

test("files that are yet to be written are not looked into", async (context) => {
  const { path } = await prepare(context);
  await writeFile(path("old.h5"), "an old file");
  const parameters = { weights: path("old.h5") };
  const step = stepContext(segment, path("."), {
    classes: tinyClasses,
    files: { tomogram: path("old.h5") },
    parameters,
  });
  assert.deepEqual(await segment.preflight!({ ...step, pending: new Set([path("old.h5")]) }), []);
  assert.equal((await segment.preflight!(step)).length, 2);
});

test("networks of different widths are not averaged; too little memory is told; no half-made labels stay", async (context) => {
  const { path, run } = await prepare(context);
  const network = { classes: 3, filters: [3, 3, 3] as const };
  await writeKerasWeights(
    path("thin.h5"),
    network,
    initialParameters(networkParameters(network), new Random(0)),
  );
  await assert.rejects(run({ parameters: { weights: [path("weights.h5"), path("thin.h5")] } }), {
    code: "weights-differ",
    message: "the weight files are of different networks, or of different widths or classes",
  });
  await assert.rejects(run({ memoryBytes: 1e5 }), { code: "memory-too-small" });
  await assert.rejects(run({ signal: AbortSignal.abort() }), { name: "AbortError" });
  await assert.rejects(readVolume(path("labels.mrc")), { code: "file-missing" });
});

test("DeepFinder's tiling through the step: by default the largest cube that fits", async (context) => {
  const { path, run } = await prepare(context);
  const small: Shape3 = [7, 8, 6];
  await writeVolume(path("small.mrc"), { ...sampling, shape: small, data: noise(small) });
  const { outputs } = await run({
    parameters: { tiling: "deepfinder" },
    files: { tomogram: path("small.mrc") },
  });
  const expected = await segmentNoise(small, { tiling: "deepfinder", tile: [56, 56, 56] });
  assert.deepEqual(bytes((await readVolume(outputs.labels!)).data), expected.labels);
});

test("a tomogram or mask that an earlier step wrote is looked at when the task starts", async (context) => {
  const { path, run, writeTomogram } = await prepare(context);
  const data = noise(shape);
  data[5] = Number.NaN;
  await writeTomogram("nan.mrc", "float32", data);
  await assert.rejects(run({ files: { tomogram: path("nan.mrc") } }), {
    code: "not-finite",
    message: /the tomogram nan\.mrc has 1 voxel that is not finite/,
  });
  const mask = path("mask.mrc");
  const files = { tomogram: path("t.mrc"), mask };
  await writeTomogram("mask.mrc", "int8", new Float32Array(voxels));
  await assert.rejects(run({ files }), {
    code: "mask-empty",
    message: /mask\.mrc is empty: all its 4114 voxels/,
  });
  await writeTomogram("mask.mrc", "int8", new Float32Array(voxels).fill(1));
  const { reports } = await run({ files });
  const logged = reports.flatMap((report) => (report.type === "log" ? [report.text] : []));
  assert.match(logged.join("\n"), /warning: the mask mask\.mrc has no effect: none of its 4114 voxels is 0/);
});
