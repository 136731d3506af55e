import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readKerasWeights } from "../../src/network/keras.ts";
import { losses } from "../../src/network/losses/registry.ts";
import { segment } from "../../src/steps/segment.ts";
import type { StepReport } from "../../src/steps/step-kind.ts";
import { train } from "../../src/steps/train.ts";
import { type EpochRecord, readHistoryCsv, readHistoryHdf5 } from "../../src/training/history.ts";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { type StepTrial, stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { segmentData } from "../support/tiny-segmentation.ts";
import { tinyShape } from "../support/tiny-training.ts";
import {
  type TinyFiles,
  tinyClasses,
  tinyParameters,
  writeTinyFiles,
} from "../support/tiny-training-files.ts";

interface Trained {
  readonly outputs: Readonly<Record<string, string>>;
  readonly reports: readonly StepReport[];
  readonly folder: string;
  /** Of the outputs, by port. */
  readonly contents: Readonly<Record<string, Buffer>>;
}

/** Trains into a new folder, or on in a given one. */
async function trainInto(
  context: TestContext,
  { rows }: TinyFiles,
  {
    folder,
    stopAfter,
    parameters,
    ...trial
  }: Partial<StepTrial> & { folder?: string; stopAfter?: number } = {},
): Promise<Trained> {
  const into = folder ?? (await temporaryFolder(context));
  const stop = new AbortController();
  const step = stepContext(train, into, {
    classes: tinyClasses,
    rows,
    ...trial,
    signal: stop.signal,
    parameters: { ...tinyParameters, ...parameters },
  });
  const report = (message: StepReport) => {
    step.report(message);
    if (message.type === "progress" && message.done === stopAfter) stop.abort();
  };
  const running = train.run({ ...step, report });
  if (stopAfter === undefined) await running;
  else await assert.rejects(running, { name: "AbortError" });
  const { outputs, reports } = step;
  const contents = stopAfter === undefined ? await readAll(outputs) : {};
  return { outputs, reports, folder: into, contents };
}

async function readAll(outputs: Readonly<Record<string, string>>): Promise<Record<string, Buffer>> {
  const entries = Object.entries(outputs).map(async ([name, path]) => [name, await readFile(path)]);
  return Object.fromEntries(await Promise.all(entries));
}

const logs = ({ reports }: Trained) =>
  reports.flatMap((report) => (report.type === "log" ? [report.text] : []));

function assertSameResults(a: Trained, b: Trained): void {
  assert.deepEqual(Object.keys(a.contents), [
    "weights",
    "best",
    "history",
    "historyTable",
    "curves",
    "summary",
  ]);
  for (const [name, content] of Object.entries(a.contents))
    assert.ok(content.equals(b.contents[name]!), `${name} differs`);
}

let reference: Promise<Trained> | undefined;

/** The training of `tinyParameters` that nothing disturbs, done once: what it wrote, not the files themselves. */
async function undisturbed(context: TestContext): Promise<Trained> {
  reference ??= writeTinyFiles(context).then((files) => trainInto(context, files));
  return reference;
}

test("weights, history, curves and a summary; progress and metrics on the way", async (context) => {
  const done = await trainInto(context, await writeTinyFiles(context));
  const { network } = await readKerasWeights(done.outputs.weights!);
  assert.deepEqual(network, { classes: 3, filters: [4, 4, 4] });
  const history = await readHistoryHdf5(done.outputs.history!);
  assert.equal(history.length, 2);
  const table = await readHistoryCsv(done.outputs.historyTable!);
  assert.deepEqual(table.classNames, ["background", "ribosome", "proteasome"]);
  assert.match(await readFile(done.outputs.curves!, "utf8"), /^<svg .*proteasome/s);
  const summary = JSON.parse(await readFile(done.outputs.summary!, "utf8")) as {
    batchSize: number;
    bestEpoch: number;
    best: { meanF1: number; f1: Record<string, number> };
    last: { validationLoss: number };
  };
  assert.equal(summary.batchSize, 2);
  const best = history[summary.bestEpoch - 1]!;
  assert.ok(Math.abs(summary.best.f1.proteasome! - best.f1[2]!) < 1e-6);
  assert.ok(Math.abs(summary.best.meanF1 - (best.f1[1]! + best.f1[2]!) / 2) < 1e-6);
  assert.ok(Math.abs(summary.last.validationLoss - history[1]!.validationLoss) < 1e-6);

  const progress = done.reports.flatMap((report) => (report.type === "progress" ? [report] : []));
  assert.deepEqual(
    progress.map(({ done: steps, total, unit }) => [steps, total, unit]),
    [1, 2, 3, 4, 5, 6].map((steps) => [steps, 6, "step"]),
  );
  assert.match(progress[4]!.detail!, /^epoch 2\/2, loss \d\.\d{3}, F1 \d\.\d{3}$/);
  const metrics = done.reports.flatMap((report) => (report.type === "metrics" ? [report] : []));
  assert.deepEqual(
    metrics.map(({ step, values }) => [step, values["f1.ribosome"], values.loss]),
    history.map(({ epoch, f1, loss }) => [epoch, f1[1], loss]),
  );
  assert.deepEqual(Object.keys(metrics[0]!.values).slice(0, 2), ["meanF1", "validationLoss"]);
});

test("equal parameters give equal files, whether patches are read or, as by default, loaded, in any order of the rows; another seed does not", async (context) => {
  const files = await writeTinyFiles(context);
  const loaded = await undisturbed(context);
  const backwards = { ...files, rows: [...files.rows].reverse() };
  const read = await trainInto(context, backwards, { parameters: { directRead: true } });
  assertSameResults(loaded, read);
  const other = await trainInto(context, files, { parameters: { seed: 1 } });
  assert.ok(!other.contents.weights!.equals(loaded.contents.weights!));
});

for (const stopAfter of [1, 4])
  test(`stopped after step ${stopAfter} and run again: the files of an undisturbed training`, async (context) => {
    const files = await writeTinyFiles(context);
    const { folder } = await trainInto(context, files, { stopAfter });
    const again = await trainInto(context, files, { folder });
    const place = stopAfter < 3 ? `epoch 0, step ${stopAfter}` : `epoch 1, step ${stopAfter - 3}`;
    assert.ok(logs(again).includes(`goes on from the checkpoint after ${place}`), `${logs(again)}`);
    assertSameResults(again, await undisturbed(context));
  });

test("more epochs go on from the end of the training, and equal so many from the start", async (context) => {
  const files = await writeTinyFiles(context);
  const { folder } = await trainInto(context, files, { parameters: { epochs: 1 } });
  const longer = await trainInto(context, files, { folder });
  assert.ok(logs(longer).includes("goes on from the checkpoint after epoch 1, step 0"));
  assertSameResults(longer, await undisturbed(context));
  const shorter = await trainInto(context, files, { folder, parameters: { epochs: 1 } });
  assert.ok(
    logs(shorter).every((text) => !text.startsWith("goes on")),
    "a longer training cannot be cut",
  );
});

test("a schedule to the last step starts over with more epochs", async (context) => {
  const files = await writeTinyFiles(context);
  const cosine = { schedule: "cosine" };
  const { folder } = await trainInto(context, files, { parameters: { ...cosine, epochs: 1 } });
  const longer = await trainInto(context, files, { folder, parameters: cosine });
  assert.ok(logs(longer).every((text) => !text.startsWith("goes on")));
});

test("a damaged checkpoint is told, and training starts over", async (context) => {
  const files = await writeTinyFiles(context);
  const { folder } = await trainInto(context, files, { stopAfter: 2 });
  const [checkpoint] = (await readdir(folder)).filter((name) => name.startsWith("training.checkpoint"));
  const path = join(folder, checkpoint!);
  await writeFile(path, (await readFile(path)).subarray(0, 500));
  const again = await trainInto(context, files, { folder });
  assert.ok(logs(again).includes(`${path} is not a whole checkpoint: training starts over`));
  assertSameResults(again, await undisturbed(context));
});

test("fine-tuning starts from the weights of a file, whose widths replace `filters`", async (context) => {
  const files = await writeTinyFiles(context);
  const first = await trainInto(context, files, { parameters: { filters: [5, 3, 4] } });
  const tuned = await trainInto(context, files, {
    parameters: { initialWeights: first.outputs.weights!, learningRate: 1e-12, epochs: 1 },
  });
  const [before, after] = [
    await readKerasWeights(first.outputs.weights!),
    await readKerasWeights(tuned.outputs.weights!),
  ];
  assert.deepEqual(after.network, before.network);
  for (const [name, value] of before.parameters)
    for (const [i, weight] of after.parameters.get(name)!.entries())
      assert.ok(Math.abs(weight - value[i]!) < 1e-6, name);
});

test("with pasted particles, blur and noise: stopped and run again the files of an undisturbed training, read or loaded; others than without", async (context) => {
  const files = await writeTinyFiles(context);
  const parameters = { paste: 2, blur: 0.5, noise: 0.5, intensityJitter: 0.1 };
  const classes = tinyClasses.map((definition) => ({ ...definition, radius: 1 }));
  const whole = await trainInto(context, files, { parameters, classes });
  const { folder } = await trainInto(context, files, { parameters, classes, stopAfter: 4 });
  const resumed = await trainInto(context, files, {
    parameters: { ...parameters, directRead: true },
    classes,
    folder,
  });
  assert.ok(
    logs(resumed).some((text) => text.startsWith("goes on from the checkpoint")),
    `${logs(resumed)}`,
  );
  assertSameResults(whole, resumed);
  for (const name of ["paste", "blur", "noise"]) {
    const without = await trainInto(context, files, { parameters: { ...parameters, [name]: 0 }, classes });
    assert.ok(!without.contents.weights!.equals(whole.contents.weights!), name);
  }
});

test("rows of which only some objects are listed: otherwise trained, and by `unknownWeight`; the same where all is within reach", async (context) => {
  const files = await writeTinyFiles(context);
  const classes = tinyClasses.map((definition) => ({ ...definition, radius: 3 }));
  const rows = files.rows.map((row) => ({ ...row, values: { ...row.values, annotation: "partial" } }));
  const train = (parameters: Record<string, unknown>, given = rows) =>
    trainInto(context, { ...files, rows: given }, { classes, parameters });
  const near = await train({ annotatedWithin: 1.2 });
  const usual = await train({ annotatedWithin: 1.2, unknownWeight: 0.05 });
  assertSameResults(near, usual);
  const none = await train({ annotatedWithin: 1.2, unknownWeight: 0 });
  assert.ok(!none.contents.weights!.equals(near.contents.weights!));
  // the whole tomogram lies within 100 radii
  const all = await readHistoryHdf5(
    (await train({ annotatedWithin: 100, unknownWeight: 0 })).outputs.history!,
  );
  const complete = files.rows.map((row) => ({ ...row, values: { ...row.values, annotation: "complete" } }));
  const expected = await readHistoryHdf5((await train({}, complete)).outputs.history!);
  for (const [epoch, { loss, accuracy }] of all.entries()) {
    assert.ok(Math.abs(loss - expected[epoch]!.loss) < 1e-5, `${loss} ${expected[epoch]!.loss}`);
    assert.ok(Math.abs(accuracy - expected[epoch]!.accuracy) < 1e-3);
  }
});

test("the radius of classes counts for a training that pastes, or has a reach of annotation, alone", () => {
  assert.deepEqual(train.ports({ annotatedWithin: 2 }).classFields, ["name", "radius"]);
  assert.deepEqual(train.ports({}).classFields, ["name"]);
  assert.deepEqual(train.ports({ paste: 0 }).classFields, ["name"]);
  assert.deepEqual(train.ports({ paste: 2 }).classFields, ["name", "radius"]);
});

test("every loss trains, with class weights, warm-up, averages, jitter, mirrors and background patches", async (context) => {
  const files = await writeTinyFiles(context);
  for (const loss of ["tversky", "dice", "cross-entropy", "focal", "dice-cross-entropy"]) {
    const parameters = {
      loss,
      epochs: 1,
      classWeights: { 0: 0.5, 2: 2 },
      warmupSteps: 2,
      averageDecay: 0.9,
      intensityJitter: 0.1,
      mirror: true,
      background: 0.3,
      initialization: "he",
      batchSize: "auto",
    };
    // as much memory as two or three patches take
    const { outputs, reports } = await trainInto(context, files, { parameters, memoryBytes: 3e6 });
    const [record] = await readHistoryHdf5(outputs.history!);
    assert.ok(Number.isFinite(record!.loss) && record!.loss > 0, loss);
    const batch = reports.flatMap((report) =>
      report.type === "log" ? [/^batch of (\d+)/.exec(report.text)?.[1]] : [],
    );
    assert.ok(Number(batch[0]) >= 1 && Number(batch[0]) < 25, `batch of ${batch[0]}`);
  }
});

test("a target with a label beyond the class table ends the training at once", async (context) => {
  const files = await writeTinyFiles(context);
  const data = new Int8Array(tinyShape[0] * tinyShape[1] * tinyShape[2]);
  data[5000] = 3;
  await writeVolume(files.path("l1.mrc"), {
    data,
    shape: tinyShape,
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
  });
  await assert.rejects(trainInto(context, files), {
    code: "label-unknown",
    message: "t1: the target holds the label 3, the class table ends at 2",
  });
});

for (const loss of losses.map(({ name }) => name))
  test(`the loss ${loss} trains: the network changes, and its loss is finite`, async (context) => {
    const files = await writeTinyFiles(context);
    const { outputs } = await trainInto(context, files, { parameters: { loss } });
    const [first, last] = (await readHistoryHdf5(outputs.history!)) as [EpochRecord, EpochRecord];
    assert.ok(Number.isFinite(last.loss) && last.loss !== first.loss, `${first.loss}, ${last.loss}`);
  });

test("another network: its weights say so, `segment` builds it, and a training goes on from them", async (context) => {
  const files = await writeTinyFiles(context);
  const parameters = { network: "residual-unet3d", blocks: 2, filters: [4, 3] };
  const { outputs } = await trainInto(context, files, { parameters });
  const { network, parameters: weights } = await readKerasWeights(outputs.weights!);
  assert.deepEqual(network, {
    name: "residual-unet3d",
    classes: 3,
    filters: [4, 3],
    settings: { blocks: 2 },
  });
  const [row] = files.rows;
  const folder = await temporaryFolder(context);
  const step = stepContext(segment, folder, {
    classes: tinyClasses,
    files: { tomogram: row!.files.tomogram! },
    parameters: { weights: outputs.weights!, tileSize: 12 },
  });
  assert.deepEqual(await segment.preflight!(step), []);
  await segment.run(step);
  const labels = await readVolume(step.outputs.labels!);
  const { data } = await readVolume(row!.files.tomogram!);
  const options = { network, weights: [weights] };
  assert.deepEqual(
    Uint8Array.from(labels.data),
    (await segmentData(Float32Array.from(data), tinyShape, options)).labels,
    "tiles of 12 give what the whole gives",
  );
  const start = { initialWeights: outputs.weights!, epochs: 1 };
  const { outputs: tuned } = await trainInto(context, files, { parameters: start });
  assert.deepEqual((await readKerasWeights(tuned.weights!)).network, network);
  const other = trainInto(context, files, { parameters: { ...start, network: "unet3d" } });
  await assert.rejects(other, { code: "weights-differ", message: /are of residual-unet3d, not of unet3d/ });
});
