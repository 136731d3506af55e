/** Every word of a model's description that decides its result is held against the network, in the forms of Keras 2 and 3. */
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { call, loadHdf5 } from "../../src/core/hdf5.ts";
import { describedDifferences } from "../../src/network/keras/description.ts";
import { kerasLayers, kerasModelConfig, readKerasWeights } from "../../src/network/keras.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

const network = { classes: 3, filters: [4, 6, 8] };
const path = "net.h5";
const weightNames = kerasLayers(network)
  .filter(({ className }) => className === "Conv3D")
  .map(({ name }) => name);

interface Layer {
  class_name: string;
  name: string;
  config: Record<string, unknown>;
  inbound_nodes: unknown[];
}

interface Model {
  config: { layers: Layer[]; input_layers: unknown; output_layers: unknown };
}

const ours = (): Model => structuredClone(kerasModelConfig(network)) as Model;

function look(change: (model: Model) => void, names: readonly string[] = weightNames): readonly string[] {
  const model = ours();
  change(model);
  return describedDifferences(JSON.stringify(model), { network, weightNames: names, path });
}

const layer = ({ config }: Model, name: string): Layer => config.layers.find((one) => one.name === name)!;
const convolutions = ours().config.layers.filter(({ class_name: name }) => name === "Conv3D");
const conv = convolutions[3]!.name;

/** What reads the layer reads `name` instead. */
function insertBehind(model: Model, before: string, inserted: Omit<Layer, "inbound_nodes">): void {
  const { layers } = model.config;
  for (const one of layers)
    one.inbound_nodes = JSON.parse(
      JSON.stringify(one.inbound_nodes).replaceAll(`["${before}",`, `["${inserted.name}",`),
    );
  if (JSON.stringify(model.config.output_layers).includes(`"${before}"`))
    model.config.output_layers = [[inserted.name, 0, 0]];
  const at = layers.findIndex(({ name }) => name === before) + 1;
  layers.splice(at, 0, { ...inserted, inbound_nodes: [[[before, 0, 0, {}]]] });
}

test("our own description is the network's", () =>
  assert.deepEqual(
    look(() => undefined),
    [],
  ));

const settings: readonly (readonly [key: string, value: unknown, said: RegExp])[] = [
  ["activation", "elu", /activation elu; DeepFinder's is relu/],
  ["activation", { module: "keras.activations", class_name: "function", config: "gelu" }, /activation gelu/],
  ["activation", { class_name: "LeakyReLU", config: { negative_slope: 0.3 } }, /activation LeakyReLU/],
  ["activation", { class_name: "ReLU", config: { max_value: 6 } }, /activation ReLU .*max_value/],
  ["activation", { class_name: "ReLU", config: { negative_slope: 0.3 } }, /activation ReLU .*negative_slope/],
  ["activation", { class_name: "function", config: "relu", registered_name: "mine>relu" }, /mine>relu/],
  ["activation", { module: "builtins", class_name: "function", config: "relu" }, /builtins.relu/],
  ["activation", { class_name: "Softmax", config: { axis: 1 } }, /activation Softmax/],
  ["dilation_rate", [2, 1, 1], /dilation 2×1×1/],
  ["strides", [1, 1, 2], /strides 1×1×2/],
  ["padding", "valid", /padding valid; DeepFinder's is same/],
  ["groups", 2, /groups 2/],
  ["data_format", "channels_first", /data format channels_first/],
  ["use_bias", false, /bias false/],
  ["kernel_size", [5, 3, 3], /kernel 5×3×3/],
];

for (const [key, value, said] of settings)
  test(`a convolution with ${key} ${JSON.stringify(value)}`, () => {
    const [fault, ...others] = look((model) => {
      layer(model, conv).config[key] = value;
    });
    assert.deepEqual(others, []);
    assert.ok(fault!.startsWith(`layer ${conv} has the `), fault);
    assert.match(fault!, said);
  });

test("pooling, upsampling, joining and the input", () => {
  const set = (name: string, key: string, value: unknown) =>
    look((model) => {
      layer(model, name).config[key] = value;
    });
  assert.match(set("max_pooling3d", "pool_size", [1, 2, 2])[0]!, /max_pooling3d has the pool size 1×2×2/);
  assert.match(set("max_pooling3d", "strides", [1, 1, 1])[0]!, /strides 1×1×1; DeepFinder's is 2×2×2/);
  assert.deepEqual(set("max_pooling3d", "strides", null), [], "those of the pool size");
  assert.match(set("max_pooling3d_1", "padding", "same")[0]!, /padding same/);
  assert.match(set("up_sampling3d", "size", [1, 2, 2])[0]!, /size 1×2×2/);
  assert.match(set("up_sampling3d", "interpolation", "trilinear")[0]!, /interpolation trilinear/);
  assert.match(set("concatenate", "axis", 1)[0]!, /axis 1/);
  assert.deepEqual(set("concatenate", "axis", 4), []);
  assert.match(set("input_1", "batch_input_shape", [null, null, null, null, 2])[0]!, /takes 2 channels/);
});

test("another class, another order of channels, a skip from elsewhere, another output", () => {
  const pooled = look((model) => {
    layer(model, "max_pooling3d").class_name = "AveragePooling3D";
  });
  assert.match(pooled[0]!, /max_pooling3d is of the class AveragePooling3D.*has the class MaxPooling3D/);
  const turned = look((model) => {
    const [node] = layer(model, "concatenate").inbound_nodes as unknown[][];
    node!.reverse();
  });
  assert.match(turned[0]!, /layer concatenate .*DeepFinder's network has the class Concatenate/);
  const elsewhere = look((model) => {
    const [node] = layer(model, "concatenate_1").inbound_nodes as unknown[][];
    (node![1] as unknown[])[0] = convolutions[0]!.name;
  });
  assert.match(elsewhere[0]!, /layer concatenate_1/);
  const output = look((model) => {
    model.config.output_layers = [[conv, 0, 0]];
  });
  assert.match(output[0]!, new RegExp(`output is that of ${conv}; DeepFinder's`));
});

test("a layer in between that changes values is told; dropout and noise change none", () => {
  const insert = (className: string, config = {}) =>
    look((model) => insertBehind(model, conv, { class_name: className, name: "between", config }));
  assert.match(insert("BatchNormalization")[0]!, /layer between is of the class BatchNormalization/);
  assert.match(insert("LeakyReLU")[0]!, /layer between is of the class LeakyReLU/);
  for (const className of ["Dropout", "SpatialDropout3D", "GaussianNoise"])
    assert.deepEqual(insert(className), []);
});

test("an activation that is a plain layer is its function; dropout that never stops, and layers of one's own, are told", () => {
  const plain = look((model) => {
    layer(model, conv).config.activation = {
      class_name: "ReLU",
      config: { max_value: null, negative_slope: 0 },
    };
  });
  assert.deepEqual(plain, []);
  const dropping = look((model) => {
    insertBehind(model, conv, { class_name: "Dropout", name: "between", config: {} });
    layer(model, "between").inbound_nodes = [[[conv, 0, 0, { training: true }]]];
  });
  assert.match(dropping[0]!, /layer between is of the class Dropout/);
  const own = look((model) => {
    Object.assign(layer(model, conv), { registered_name: "mine>Conv3D" });
  });
  assert.match(own[0]!, /mine>Conv3D/);
});

test("an activation in a layer of its own is that of its convolution", () => {
  const apart = (className: string, config = {}) =>
    look((model) => {
      layer(model, conv).config.activation = "linear";
      insertBehind(model, conv, { class_name: className, name: "apart", config });
    });
  assert.deepEqual(apart("Activation", { activation: "relu" }), []);
  assert.deepEqual(apart("ReLU", { max_value: null, negative_slope: 0, threshold: 0 }), []);
  assert.match(apart("ReLU", { max_value: 6 })[0]!, /activation linear/);
  assert.match(apart("Activation", { activation: "tanh" })[0]!, /activation tanh/);
});

test("a layer that is used twice, and weights in another order than the layers", () => {
  const twice = look((model) => {
    const one = layer(model, conv);
    one.inbound_nodes = [...one.inbound_nodes, ...one.inbound_nodes];
  });
  assert.match(twice[0]!, /is used 2 times/);
  assert.match(look(() => undefined, weightNames.toReversed())[0]!, /another order/);
});

test("tensors as Keras 3 writes them; a description that is none", () => {
  const three = look((model) => {
    for (const one of model.config.layers) {
      const [node] = one.inbound_nodes as [string, number, number][][];
      if (!node) continue;
      const tensors = node.map(([name]) => ({
        class_name: "__keras_tensor__",
        config: { shape: [null, null, null, null, 1], dtype: "float32", keras_history: [name, 0, 0] },
      }));
      one.inbound_nodes = [{ args: tensors.length > 1 ? [tensors] : tensors, kwargs: {} }];
    }
    model.config.output_layers = (model.config.output_layers as unknown[])[0];
  });
  assert.deepEqual(three, []);
  assert.throws(() => describedDifferences("{", { network, weightNames, path }), {
    code: "weights-description",
  });
  const sequential = JSON.stringify({ class_name: "Sequential", config: [] });
  assert.throws(() => describedDifferences(sequential, { network, weightNames, path }), /sequential/);
});

test("a description is found in whatever form it was written, and one that is no text is not taken for none", async (context) => {
  const folder = await temporaryFolder(context);
  const model = ours();
  layer(model, conv).config.activation = "elu";
  const text = JSON.stringify(model);
  const library = await loadHdf5();
  const read = async (change: (file: InstanceType<typeof library.File>) => void) => {
    const file = join(folder, "net.h5");
    await copyFile(join(repositoryRoot, "test/fixtures/network/whole.h5"), file);
    call(library, file, () => {
      const opened = new library.File(file, "a");
      opened.delete_attribute("model_config");
      change(opened);
      opened.close();
    });
    return readKerasWeights(file);
  };
  const bytes = new TextEncoder().encode(text);
  const told = { code: "weights-model", message: /activation elu/ };
  await assert.rejects(
    read((file) => file.create_attribute("model_config", [text], [1])),
    told,
  );
  await assert.rejects(
    read((file) => file.create_attribute("model_config", bytes, [bytes.length], "<B")),
    told,
  );
  const group = (file: InstanceType<typeof library.File>) => file.get("model_weights") as typeof file;
  await assert.rejects(
    read((file) => group(file).create_attribute("model_config", text)),
    told,
  );
  await assert.rejects(
    read((file) => file.create_attribute("model_config", 7)),
    { code: "weights-description" },
  );
  assert.equal((await read(() => undefined)).isDescribed, false);
});
