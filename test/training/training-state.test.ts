import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { networkParameters } from "../../src/network/networks.ts";
import {
  initialState,
  readCheckpoint,
  type TrainingState,
  writeCheckpoint,
} from "../../src/training/training-state.ts";
import { fillDisk, smallDisk } from "../support/small-disk.ts";
import { temporaryFolder } from "../support/temporary.ts";

const definitions = networkParameters({ classes: 3, filters: [2, 3, 4] });

/** Every field with a value of its own that does not survive rounding. */
function someState(): TrainingState {
  const random = new Random(9);
  const values = () =>
    new Map(
      definitions.map(({ name, shape }) => [
        name,
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 1e-3 * random.normal()),
      ]),
    );
  const parameters = values();
  parameters.get("conv3d/bias")!.set([-0, Number.MIN_VALUE]);
  return {
    epoch: 1,
    step: 7,
    lossSum: 0.1 + 0.2,
    rightVoxels: 123_456_789,
    random: random.state,
    validationRandom: new Random(-3).state,
    history: [
      {
        epoch: 1,
        loss: 1 / 3,
        accuracy: 0.7,
        validationLoss: Math.PI,
        validationAccuracy: 1e-17,
        f1: [0.99, 2 / 3, 0],
        precision: [1, 0.1, 0],
        recall: [0, 0.2, 1],
        learningRate: 1e-4,
      },
    ],
    bestEpoch: 1,
    parameters,
    means: values(),
    variances: values(),
    averages: values(),
    best: values(),
  };
}

test("a checkpoint is read back bit for bit", async (context) => {
  const path = join(await temporaryFolder(context), "training.checkpoint");
  assert.equal(await readCheckpoint(path), null);
  const state = someState();
  await writeCheckpoint(path, state);
  assert.deepStrictEqual(await readCheckpoint(path), state);
  const later = { ...state, step: 8, best: state.means };
  await writeCheckpoint(path, later);
  assert.deepStrictEqual(await readCheckpoint(path), later);
});

test("a truncated, lengthened or foreign file is no checkpoint", async (context) => {
  const path = join(await temporaryFolder(context), "training.checkpoint");
  await writeCheckpoint(path, someState());
  const whole = await readFile(path);
  const broken = Buffer.from(whole);
  broken.fill("x", 40, 60);
  const foreign = [
    ...[0, 5, 11, 12, 200, whole.length - 4, whole.length - 1].map((length) => whole.subarray(0, length)),
    Buffer.concat([whole, Buffer.alloc(4)]),
    Buffer.from("<objlist></objlist>"),
    Buffer.from(`tomoflow\u0004\0\0\0null`, "latin1"),
    broken,
  ];
  for (const [index, bytes] of foreign.entries()) {
    await writeFile(path, bytes);
    await assert.rejects(
      readCheckpoint(path),
      {
        code: "checkpoint-damaged",
        message: `${path} is not a whole checkpoint`,
        hint: "remove it to start the training over",
      },
      `case ${index}`,
    );
  }
});

test("a disk that fills up in mid-write: the old checkpoint stays, and nothing else", async (context) => {
  const disk = await smallDisk(context);
  const folder = disk ?? (await temporaryFolder(context));
  const path = join(folder, "training.checkpoint");
  const wide = (value: number): TrainingState => ({
    ...someState(),
    parameters: new Map([["wide", new Float32Array(100_000).fill(value)]]),
  });
  await writeCheckpoint(path, wide(1));
  if (disk === undefined) {
    context.diagnostic("no right to mount a small disk here: checking with a name that cannot be written");
    await mkdir(join(folder, "taken"));
    await assert.rejects(writeCheckpoint(join(folder, "taken"), wide(2)));
    assert.deepEqual((await readdir(folder)).sort(), ["taken", "training.checkpoint"]);
    return;
  }
  await fillDisk(join(folder, "filler"), folder, 200_000);
  await assert.rejects(writeCheckpoint(path, wide(2)), { code: "disk-full" });
  assert.deepEqual((await readdir(folder)).sort(), ["filler", "training.checkpoint"]);
  assert.deepStrictEqual(await readCheckpoint(path), wide(1));
});

test("the first state: random weights, no moments, and the frequencies' logarithms as last bias", () => {
  const state = initialState(definitions, { seed: 4, classFrequencies: [0.7, 0.2, 0.1] });
  const last = state.parameters.get("conv3d_14/bias")!;
  assert.deepEqual(last, Float32Array.of(Math.log(0.7), Math.log(0.2), Math.log(0.1)));
  assert.ok([...state.means.values(), ...state.variances.values()].every((v) => v.every((x) => x === 0)));
  const again = initialState(definitions, { seed: 4 });
  assert.deepEqual(again.parameters.get("conv3d/kernel"), state.parameters.get("conv3d/kernel"));
  assert.deepEqual(again.parameters.get("conv3d_14/bias"), new Float32Array(3));
  assert.notDeepEqual(again.random, again.validationRandom);
  assert.notDeepEqual(initialState(definitions, { seed: 5 }).random, again.random);
});

test("fine-tuning starts from the given weights, their last bias included", () => {
  const { parameters } = someState();
  const state = initialState(definitions, { seed: 4, parameters, classFrequencies: [0.7, 0.2, 0.1] });
  assert.deepEqual(state.parameters, someState().parameters);
});
