/** Weights say which network they are of: what is read is what was trained, or it is refused. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { call, loadHdf5 } from "../../src/core/hdf5.ts";
import { Random } from "../../src/core/random.ts";
import { architectureAttribute } from "../../src/network/keras/stored-architecture.ts";
import {
  kerasModelConfig,
  readKerasWeights,
  writeKeras3Weights,
  writeKerasWeights,
} from "../../src/network/keras.ts";
import type { Architecture } from "../../src/network/networks.ts";
import { drawnParameters, networkExamples, titleOf } from "../support/network-examples.ts";
import { temporaryFolder } from "../support/temporary.ts";

const residual: Architecture = {
  name: "residual-unet3d",
  classes: 3,
  filters: [3, 5],
  settings: { blocks: 2 },
};

const weightsOf = (network: Architecture) => drawnParameters(network, new Random(2), "he");

async function written(context: TestContext, network = residual): Promise<string> {
  const path = join(await temporaryFolder(context), "weights.h5");
  await writeKerasWeights(path, network, weightsOf(network), { voxelSizeAngstrom: [9, 10, 11] });
  return path;
}

/** Changes the attribute that names the network; `undefined` takes it away. */
async function rename(path: string, text: string | undefined): Promise<void> {
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "a"));
  file.delete_attribute(architectureAttribute);
  if (text !== undefined) file.create_attribute(architectureAttribute, text, [], `A${text.length + 1}`);
  file.close();
}

for (const network of networkExamples([4, 3, 5], 4))
  test(`${titleOf(network)} is read as it was written, in Keras's files of both layouts`, async (context) => {
    const folder = await temporaryFolder(context);
    const parameters = weightsOf(network);
    for (const [name, write] of [
      ["w.h5", writeKerasWeights],
      ["w.weights.h5", writeKeras3Weights],
    ] as const) {
      const path = join(folder, name);
      await write(path, network, parameters);
      const found = await readKerasWeights(path);
      assert.deepEqual(found.network, network);
      assert.deepEqual(found.parameters, parameters);
      assert.equal(found.isDescribed, name === "w.h5");
      await write(join(folder, "again"), network, parameters);
      assert.ok((await readFile(path)).equals(await readFile(join(folder, "again"))), "equal bytes");
    }
  });

test("DeepFinder's network has no name in its file: it is what it was", async (context) => {
  const path = await written(context, { classes: 3, filters: [3, 5] });
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "r"));
  assert.deepEqual(Object.keys(file.attrs).sort(), [
    "backend",
    "keras_version",
    "model_config",
    "voxel_size_angstrom",
  ]);
  file.close();
});

test("Keras is told of the sums of a residual network", () => {
  const { config } = kerasModelConfig(residual) as {
    config: { name: string; layers: { class_name: string; name: string; inbound_nodes: unknown }[] };
  };
  assert.equal(config.name, "tomoflow_residual_unet3d");
  const [sum] = config.layers.filter(({ class_name }) => class_name === "Add");
  assert.deepEqual(sum!.inbound_nodes, [
    [
      ["conv3d", 0, 0, {}],
      ["conv3d_2", 0, 0, {}],
    ],
  ]);
  assert.equal(config.layers.filter(({ class_name }) => class_name === "Add").length, 2 * 3 + 1);
});

test("without its name such a file is not taken for DeepFinder's", async (context) => {
  const path = await written(context);
  await rename(path, undefined);
  await assert.rejects(readKerasWeights(path), { code: "weights-shape" });
});

for (const [text, code, message] of [
  ['{"name":"vnet","classes":3,"filters":[3,5]}', "network-unknown", /no network named vnet/],
  ["residual", "weights-network", /it is no JSON object/],
  ['{"classes":3,"filters":[3,5]}', "weights-network", /it has no name/],
  ['{"name":"residual-unet3d","classes":1,"filters":[3,5]}', "weights-network", /its classes are 1/],
  ['{"name":"residual-unet3d","classes":3,"filters":[3]}', "weights-network", /its filters are \[3\]/],
  [
    '{"name":"residual-unet3d","classes":3,"filters":[3,5],"settings":{"blocks":1000000}}',
    "weights-network",
    /its blocks is 1000000/,
  ],
  [
    '{"name":"residual-unet3d","classes":3,"filters":[3,5],"settings":{"depth":1}}',
    "weights-network",
    /residual-unet3d has no parameter depth/,
  ],
  // another of the same name: its weights are others, or lie elsewhere
  [
    '{"name":"residual-unet3d","classes":3,"filters":[3,5],"settings":{"blocks":1}}',
    "weights-shape",
    /does not fit residual-unet3d's network: it holds 16 convolutions, the network has 10/,
  ],
] as const)
  test(`a file that says ${text} is refused`, async (context) => {
    const path = await written(context);
    await rename(path, text);
    await assert.rejects(readKerasWeights(path), { code, message });
  });

test("a description of another model under the same name is refused", async (context) => {
  const path = await written(context);
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "a"));
  const config = JSON.stringify(kerasModelConfig(residual)).replace(
    '"activation":"linear"',
    '"activation":"relu"',
  );
  file.delete_attribute("model_config");
  file.create_attribute("model_config", config, [], `A${config.length + 1}`);
  file.close();
  await assert.rejects(readKerasWeights(path), {
    code: "weights-model",
    message:
      /another network than residual-unet3d's: layer conv3d_2 has the activation relu; residual-unet3d's is linear/,
  });
});
