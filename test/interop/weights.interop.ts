/**
 * Our weights and histories opened by h5py as Keras opens them, in the version that is installed. TOMOFLOW_PYTHON names the
 * interpreter (python3); what is missing there fails the test.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import {
  kerasModelConfig,
  readKerasWeights,
  writeKeras3Weights,
  writeKerasWeights,
} from "../../src/network/keras.ts";
import { type Architecture, networkLayers, networkParameters } from "../../src/network/networks.ts";
import { initialParameters, type ParameterValues } from "../../src/network/parameters.ts";
import { type EpochRecord, readHistoryHdf5, writeHistoryHdf5 } from "../../src/training/history.ts";
import { temporaryFolder } from "../support/temporary.ts";

const python = process.env.TOMOFLOW_PYTHON ?? "python3";
const script = new URL("weights_interop.py", import.meta.url).pathname;

const run = <T>(...words: readonly string[]): T =>
  JSON.parse(execFileSync(python, [script, ...words], { encoding: "utf8", maxBuffer: 64 << 20 }));

/** A layer as Keras 2 finds it, the values of its variables flat in the order of the file. */
interface FoundLayer {
  readonly name: string;
  readonly variables: readonly {
    readonly name: string;
    readonly shape: number[];
    readonly values: number[];
  }[];
}

interface FoundModel {
  readonly config: object;
  readonly kerasVersion: string;
  readonly backend: string;
  readonly layers: readonly FoundLayer[];
}

const network: Architecture = { classes: 3, filters: [2, 3, 1] };

function randomParameters(): ParameterValues {
  const random = new Random(11);
  return new Map(
    [...initialParameters(networkParameters(network), random)].map(([name, values]) => [
      name,
      name.endsWith("bias") ? values.map(() => random.normal()) : values,
    ]),
  );
}

/** The kernel (out, in, kz, ky, kx) in the order (kz, ky, kx, in, out), index by index. */
function kerasKernel(values: Float32Array, shape: readonly number[]): number[] {
  const [out, into, kz, ky, kx] = shape as [number, number, number, number, number];
  const result: number[] = [];
  for (let z = 0; z < kz; z++)
    for (let y = 0; y < ky; y++)
      for (let x = 0; x < kx; x++)
        for (let i = 0; i < into; i++)
          for (let o = 0; o < out; o++) result.push(values[(((o * into + i) * kz + z) * ky + y) * kx + x]!);
  return result;
}

function assertVariables(layers: readonly FoundLayer[], parameters: ParameterValues): void {
  const filled = layers.filter(({ variables }) => variables.length > 0);
  const wanted = networkLayers(network);
  assert.deepEqual(
    filled.map(({ name }) => name),
    wanted.map(({ name }) => name),
  );
  wanted.forEach(({ name, into, out, size }, index) => {
    const [kernel, bias] = filled[index]!.variables;
    assert.deepEqual(kernel!.shape, [size, size, size, into, out], name);
    assert.deepEqual(bias!.shape, [out], name);
    const expected = kerasKernel(parameters.get(`${name}/kernel`)!, [out, into, size, size, size]);
    assert.deepEqual(kernel!.values, expected, name);
    assert.deepEqual(bias!.values, [...parameters.get(`${name}/bias`)!], name);
  });
}

test("h5py finds our weights along the way that Keras 2 takes", async (context) => {
  const path = join(await temporaryFolder(context), "weights.h5");
  const parameters = randomParameters();
  await writeKerasWeights(path, network, parameters);
  const found = run<FoundModel>("read-model", path);
  assert.deepEqual(found.config, kerasModelConfig(network));
  assert.match(found.kerasVersion, /^2\./);
  assert.equal(found.backend, "tensorflow");
  assert.equal(found.layers.length, 22);
  assert.deepEqual(
    found.layers[1]!.variables.map(({ name }) => name),
    ["conv3d/kernel:0", "conv3d/bias:0"],
  );
  assertVariables(found.layers, parameters);
});

test("h5py finds our weights for Keras 3", async (context) => {
  const path = join(await temporaryFolder(context), "ours.weights.h5");
  const parameters = randomParameters();
  await writeKeras3Weights(path, network, parameters);
  assertVariables(run<readonly FoundLayer[]>("read-variables", path), parameters);
});

test("weights that h5py wrote as Keras 2 does, with texts of any length, are read", async (context) => {
  const folder = await temporaryFolder(context);
  const [ours, theirs] = [join(folder, "ours.h5"), join(folder, "theirs.h5")];
  const parameters = randomParameters();
  await writeKerasWeights(ours, network, parameters);
  run("copy-model", ours, theirs);
  const again = await readKerasWeights(theirs);
  assert.deepEqual(again.network, network);
  assert.deepEqual(again.parameters, parameters);
});

test("h5py reads our history, and we read what it wrote", async (context) => {
  const folder = await temporaryFolder(context);
  const [ours, theirs] = [join(folder, "ours.h5"), join(folder, "theirs.h5")];
  const history = [1, 2, 3].map(
    (epoch): EpochRecord => ({
      epoch,
      loss: 1 / epoch,
      accuracy: 1 - 0.1 / epoch,
      validationLoss: 2 / epoch,
      validationAccuracy: 1 - 0.3 / epoch,
      f1: [1, epoch / 7],
      precision: [0.5, epoch / 9],
      recall: [0.25, epoch / 11],
      learningRate: 1e-4,
    }),
  );
  await writeHistoryHdf5(ours, history);
  const found = run<Record<string, unknown>>("read-datasets", ours);
  assert.deepEqual(found.loss, [1, 1 / 2, 1 / 3]);
  assert.deepEqual(found.val_acc, [0.7, 0.85, 0.9]);
  assert.deepEqual(found.val_f1, [
    [1, 1 / 7],
    [1, 2 / 7],
    [1, 3 / 7],
  ]);
  run("copy-datasets", ours, theirs);
  assert.deepEqual(await readHistoryHdf5(theirs), history);
});
