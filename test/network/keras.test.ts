import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createOnnxEngine } from "../../src/compute/onnx/engine.ts";
import type { TomoflowError } from "../../src/core/error.ts";
import { call, type Hdf5File, loadHdf5 } from "../../src/core/hdf5.ts";
import { Random } from "../../src/core/random.ts";
import { GraphBuilder } from "../../src/network/graph.ts";
import {
  type KerasWeights,
  kerasModelConfig,
  readKerasWeights,
  writeKeras3Weights,
  writeKerasWeights,
} from "../../src/network/keras.ts";
import { type Architecture, addNetwork, networkParameters } from "../../src/network/networks.ts";
import { initialParameters, type ParameterValues } from "../../src/network/parameters.ts";
import { temporaryFolder } from "../support/temporary.ts";

const fixture = (name: string) => join(import.meta.dirname, "../fixtures/network", name);

const extent = [12, 8, 16] as const;
const classes = 3;
const voxels = 12 * 8 * 16;

function readFloats(name: string): Float32Array {
  const bytes = readFileSync(fixture(name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Keras's own answer, turned from (z, y, x, class) to (class, z, y, x). */
function kerasProbabilities(): Float32Array {
  const stored = readFloats("probabilities.f32");
  return Float32Array.from({ length: stored.length }, (_, i) => {
    return stored[(i % voxels) * classes + Math.floor(i / voxels)]!;
  });
}

async function predict({ network, parameters }: KerasWeights, image: Float32Array): Promise<Float32Array> {
  const builder = new GraphBuilder();
  const { logits } = addNetwork(builder, network, { batch: 1, extent });
  builder.output("probabilities", builder.softmax(logits));
  const engine = await createOnnxEngine({ threads: 2 });
  const program = await engine.compile(builder.build());
  const feeds = networkParameters(network).map(({ name, shape }) => [
    name,
    { shape, data: parameters.get(name)! },
  ]);
  const { probabilities } = await program.run({
    x: { shape: [1, 1, ...extent], data: image },
    ...Object.fromEntries(feeds),
  });
  await program.dispose();
  await engine.dispose();
  return probabilities!.data as Float32Array;
}

function assertSameParameters(actual: ParameterValues, expected: ParameterValues): void {
  assert.deepEqual([...actual.keys()], [...expected.keys()]);
  for (const [name, values] of expected) assert.deepEqual(actual.get(name), values, name);
}

const small: Architecture = { classes: 4, filters: [3, 5, 2] };

const smallParameters = (seed = 7): ParameterValues => {
  const random = new Random(seed);
  const kernels = initialParameters(networkParameters(small), random);
  return new Map(
    [...kernels].map(([name, values]) => [
      name,
      name.endsWith("bias") ? values.map(() => random.normal()) : values,
    ]),
  );
};

test("the weights of Keras give Keras's probabilities, in every one of its files", async () => {
  const whole = await readKerasWeights(fixture("whole.h5"));
  assert.deepEqual(whole.network, { classes: 3, filters: [4, 6, 8] });
  const probabilities = await predict(whole, readFloats("input.f32"));
  const expected = kerasProbabilities();
  assert.equal(probabilities.length, expected.length);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - probabilities[i]!)), 0);
  assert.ok(worst < 1e-5, `largest difference ${worst}`);
  for (const name of ["weights-only.h5", "keras3.weights.h5"]) {
    const other = await readKerasWeights(fixture(name));
    assert.deepEqual(other.network, whole.network, name);
    assertSameParameters(other.parameters, whole.parameters);
  }
});

test("what is written is read again, value by value", async (context) => {
  const path = join(await temporaryFolder(context), "weights.h5");
  const parameters = smallParameters();
  await writeKerasWeights(path, small, parameters);
  const again = await readKerasWeights(path);
  assert.deepEqual(again.network, small);
  assertSameParameters(again.parameters, parameters);
});

test("networks of other depths are written and read: their filters follow from the layers", async (context) => {
  const folder = await temporaryFolder(context);
  for (const filters of [
    [3, 5],
    [3, 5, 4, 6],
    [2, 3, 4, 5, 6],
  ]) {
    const network: Architecture = { classes: 3, filters };
    const parameters = initialParameters(networkParameters(network), new Random(4));
    const path = join(folder, `${filters.length}.h5`);
    await writeKerasWeights(path, network, parameters);
    const read = await readKerasWeights(path);
    assert.deepEqual(read.network, network);
    assert.deepEqual([...read.parameters], [...parameters]);
  }
});

test("equal weights give equal bytes, whenever they are written", async (context) => {
  const folder = await temporaryFolder(context);
  const now = Date.now;
  context.after(() => {
    Date.now = now;
  });
  await writeKerasWeights(join(folder, "a.h5"), small, smallParameters());
  Date.now = () => now() + 100_000_000;
  await writeKerasWeights(join(folder, "b.h5"), small, smallParameters());
  await writeKerasWeights(join(folder, "c.h5"), small, smallParameters(8));
  const [a, b, c] = await Promise.all(["a.h5", "b.h5", "c.h5"].map((name) => readFile(join(folder, name))));
  assert.ok(a!.equals(b!));
  assert.ok(!a!.equals(c!));
  assert.deepEqual((await readdir(folder)).sort(), ["a.h5", "b.h5", "c.h5"]);
});

test("weights for Keras 3 lie where Keras 3 itself puts them", async (context) => {
  const path = join(await temporaryFolder(context), "ours.weights.h5");
  const theirs = await readKerasWeights(fixture("keras3.weights.h5"));
  await writeKeras3Weights(path, theirs.network, theirs.parameters);
  const pathsIn = (file: string) => inFile(file, "r", (opened) => opened.paths().sort());
  assert.deepEqual(await pathsIn(path), await pathsIn(fixture("keras3.weights.h5")));
  const ours = await readKerasWeights(path);
  assert.deepEqual(ours.network, theirs.network);
  assertSameParameters(ours.parameters, theirs.parameters);
});

interface DescribedLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly inbound_nodes: unknown;
}

interface DescribedModel {
  readonly class_name: string;
  readonly config: { readonly layers: DescribedLayer[] };
}

test("the model is described as Keras describes its own", async () => {
  const ours = kerasModelConfig({ classes: 3, filters: [4, 6, 8] }) as DescribedModel;
  const text = await inFile(fixture("whole.h5"), "r", (file) => file.attrs.model_config!.value);
  const theirs = JSON.parse(text as string) as DescribedModel;
  assert.equal(ours.class_name, theirs.class_name);
  const comparable = ({ class_name, name, config, inbound_nodes }: DescribedLayer) => {
    const { kernel_initializer, bias_initializer, optional, ...rest } = config;
    const initializers = [kernel_initializer, bias_initializer].map(
      (initializer) => (initializer as DescribedLayer | undefined)?.class_name,
    );
    return { class_name, name, inbound_nodes, initializers, config: rest };
  };
  assert.deepEqual(ours.config.layers.map(comparable), theirs.config.layers.map(comparable));
  const ends = ({ config }: { config: unknown }) => {
    const { input_layers, output_layers } = config as Record<string, unknown>;
    return [input_layers, output_layers];
  };
  assert.deepEqual(ends(ours), ends(theirs));
});

test("weights that do not belong to the network are refused, and the old file stays", async (context) => {
  const path = join(await temporaryFolder(context), "weights.h5");
  await writeFile(path, "old");
  const short = new Map([...smallParameters()].slice(1));
  await assert.rejects(writeKerasWeights(path, small, short), {
    code: "parameters-shape",
    message: "conv3d/kernel has 0 values, the network needs 81 (3×1×3×3×3)",
  });
  assert.equal(await readFile(path, "utf8"), "old");
  const nowhere = join(path, "..", "no-such-folder", "weights.h5");
  await assert.rejects(writeKerasWeights(nowhere, small, smallParameters()), (error: TomoflowError) => {
    assert.equal(error.code, "file-missing");
    assert.ok(error.message.includes(nowhere), error.message);
    return true;
  });
});

/** Opens a file with the library, for the test to look into or to spoil. */
async function inFile<T>(path: string, mode: "r" | "a" | "w", work: (file: Hdf5File) => T): Promise<T> {
  const library = await loadHdf5();
  return call(library, path, () => {
    const file = new library.File(path, mode);
    try {
      return work(file);
    } finally {
      file.close();
    }
  });
}

test("files without weights are refused, each for its own reason", async (context) => {
  const folder = await temporaryFolder(context);
  const path = (name: string) => join(folder, name);
  await writeFile(path("model.keras"), "PK\u0003\u0004");
  await writeFile(path("empty.h5"), "");
  await inFile(path("volume.h5"), "w", (file) => {
    file.create_dataset({ name: "dataset", data: new Float32Array(24), shape: [2, 3, 4] });
  });
  const whole = await readFile(fixture("whole.h5"));
  await writeFile(path("cut.h5"), whole.subarray(0, 5000));
  const refusals: readonly (readonly [name: string, code: string, says: RegExp])[] = [
    ["missing.h5", "file-missing", /missing\.h5 does not exist/],
    ["model.keras", "weights-not-hdf5", /model\.keras is not an HDF5 file/],
    ["empty.h5", "weights-not-hdf5", /empty\.h5 is not an HDF5 file/],
    ["cut.h5", "hdf5-damaged", /cut\.h5 cannot be used as HDF5/],
    ["volume.h5", "weights-missing", /holds no weights of Keras/],
  ];
  for (const [name, code, message] of refusals)
    await assert.rejects(readKerasWeights(path(name)), { code, message }, name);
  await assert.rejects(readKerasWeights(path("volume.h5")), { hint: /it holds dataset;/ });
});

interface Layer {
  readonly name: string;
  readonly kernel: readonly number[];
  readonly biases: number;
}

/** A file of weights only, every weight `value`. */
async function writeLayers(path: string, layers: readonly Layer[], value = 0.5): Promise<void> {
  await inFile(path, "w", (file) => {
    file.create_attribute(
      "layer_names",
      layers.map(({ name }) => name),
      [layers.length],
      "S20",
    );
    for (const { name, kernel, biases } of layers) {
      const group = file.create_group(name);
      group.create_attribute("weight_names", ["k:0", "b:0"], [2], "S20");
      const data = new Float32Array(kernel.reduce((a, b) => a * b)).fill(value);
      group.create_dataset({ name: "k:0", data, shape: [...kernel] });
      group.create_dataset({ name: "b:0", data: new Float32Array(biases).fill(value), shape: [biases] });
    }
  });
}

/** The layers of the network `small`, named as no Keras would name them. */
const smallLayers = (): Layer[] =>
  networkParameters(small)
    .filter(({ shape }) => shape.length === 5)
    .map(({ shape: [out, into, ...size] }, index) => ({
      name: `layer-${20 - index}`,
      kernel: [...size, into!, out!],
      biases: out!,
    }));

test("layers are matched in order, and what does not fit is named with both shapes", async (context) => {
  const path = join(await temporaryFolder(context), "weights.h5");
  await writeLayers(path, smallLayers());
  assert.deepEqual((await readKerasWeights(path)).network, small);

  await writeLayers(path, smallLayers().slice(1));
  await assert.rejects(readKerasWeights(path), {
    code: "weights-shape",
    message: `${path} does not fit DeepFinder's network: it holds 14 convolutions, the network has 15`,
  });

  const wider = smallLayers();
  wider[3] = { ...wider[3]!, kernel: [3, 3, 5, 5, 5] };
  wider[9] = { ...wider[9]!, biases: 6 };
  await writeLayers(path, wider);
  await assert.rejects(readKerasWeights(path), {
    code: "weights-shape",
    message:
      `${path} does not fit DeepFinder's network: ` +
      "its layer-17 is 3×3×5 from 5 to 5 channels, the network's is 3×3×3 from 5 to 5 channels; " +
      "its layer-11 is 3×3×3 from 7 to 5 channels with 6 biases, the network's is 3×3×3 from 7 to 5 channels",
  });

  const dense = smallLayers();
  dense[14] = { ...dense[14]!, kernel: [3, 4] };
  await writeLayers(path, dense);
  await assert.rejects(readKerasWeights(path), {
    code: "weights-layer",
    message: /layer layer-6 is no 3-D convolution with a bias: its weights have the shapes 3×4, 4/,
  });

  await writeLayers(path, smallLayers(), Number.NaN);
  await assert.rejects(readKerasWeights(path), {
    code: "weights-not-finite",
    message: /layer layer-20 holds NaN/,
  });
});
