/**
 * Writes weights as `model.save` of Keras 2 does, with the description of the model: `load_model` and `load_weights` of
 * Keras 2 and 3 take the file, and so does DeepFinder. Equal parameters give equal bytes. The voxel size of the training is an
 * attribute of our own, which they pass over.
 */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5File, loadHdf5 } from "../../core/hdf5.ts";
import { writeWholeFile } from "../../core/whole-file.ts";
import { type Architecture, networkLayers, networkParameters } from "../networks.ts";
import { elementCount, type ParameterValues } from "../parameters.ts";
import { toKerasOrder } from "./kernel-order.ts";
import { kerasLayers, kerasModelConfig } from "./model-config.ts";
import { voxelSizeAttribute } from "./read.ts";
import { architectureAttribute, describeArchitecture } from "./stored-architecture.ts";

type Hdf5Group = ReturnType<Hdf5File["create_group"]>;

/** The version whose layout is written. */
const kerasVersion = "2.12.0";

/** Replaces `path` as a whole. @throws TomoflowError `parameters-shape` when `parameters` are not those of `network` */
export const writeKerasWeights = (
  path: string,
  network: Architecture,
  parameters: ParameterValues,
  { voxelSizeAngstrom }: { readonly voxelSizeAngstrom?: readonly [number, number, number] | null } = {},
): Promise<void> =>
  writeLayout(path, {
    network,
    parameters,
    fill: (file, ...model) => {
      fillModel(file, ...model);
      if (voxelSizeAngstrom) file.create_attribute(voxelSizeAttribute, [...voxelSizeAngstrom], [3], "<d");
    },
  });

/**
 * The layout of Keras 3's `save_weights`, which it expects of every file whose name ends in `.weights.h5`; no description of the
 * model. Replaces `path` as a whole. @throws TomoflowError `parameters-shape`
 */
export const writeKeras3Weights = (
  path: string,
  network: Architecture,
  parameters: ParameterValues,
): Promise<void> => writeLayout(path, { network, parameters, fill: fillVariables });

interface Layout {
  readonly network: Architecture;
  readonly parameters: ParameterValues;
  readonly fill: (file: Hdf5File, network: Architecture, parameters: ParameterValues) => void;
}

async function writeLayout(path: string, { network, parameters, fill }: Layout): Promise<void> {
  checkParameters(network, parameters);
  const library = await loadHdf5();
  await writeWholeFile(path, async (temporary) =>
    call(library, temporary, () => {
      const file = new library.File(temporary, "w", { libver: ["earliest", "latest"] });
      try {
        fill(file, network, parameters);
        const architecture = describeArchitecture(network);
        if (architecture !== undefined) describe(file, architecture, architectureAttribute);
      } finally {
        file.close();
      }
    }),
  );
}

function checkParameters(network: Architecture, parameters: ParameterValues): void {
  for (const { name, shape } of networkParameters(network)) {
    const found = parameters.get(name)?.length ?? 0;
    if (found !== elementCount(shape))
      throw new TomoflowError(
        "parameters-shape",
        `${name} has ${found} values, the network needs ${elementCount(shape)} (${shape.join("×")})`,
      );
  }
}

function fillModel(file: Hdf5File, network: Architecture, parameters: ParameterValues): void {
  const layers = kerasLayers(network);
  describe(file, JSON.stringify(kerasModelConfig(network)), "model_config");
  const weights = file.create_group("model_weights");
  for (const target of [file, weights]) {
    describe(target, kerasVersion, "keras_version");
    describe(target, "tensorflow", "backend");
  }
  const names = layers.map(({ name }) => name);
  describe(weights, names, "layer_names");
  const variables = new Map(variablesOf(network, parameters).map((variable) => [variable.layer, variable]));
  for (const name of names) {
    const group = weights.create_group(name);
    const variable = variables.get(name);
    describe(group, variable ? [`${name}/kernel:0`, `${name}/bias:0`] : [], "weight_names");
    if (variable) addVariables(group.create_group(name), variable, ["kernel:0", "bias:0"]);
  }
}

/** Groups without weights too: some versions look for them. */
function fillVariables(file: Hdf5File, network: Architecture, parameters: ParameterValues): void {
  file.create_group("vars");
  const layers = file.create_group("layers");
  const variables = new Map(variablesOf(network, parameters).map((variable) => [variable.layer, variable]));
  for (const { name, className } of kerasLayers(network)) {
    const layer = className === "InputLayer" ? "input_layer" : name;
    const group = layers.create_group(layer).create_group("vars");
    describe(group, layer, "name");
    const variable = variables.get(name);
    if (variable) addVariables(group, variable, ["0", "1"]);
  }
}

/** A convolution's weights in the order of the file. */
interface Variables {
  readonly layer: string;
  /** (kz, ky, kx, in, out). */
  readonly kernel: Float32Array;
  readonly kernelShape: readonly number[];
  readonly bias: Float32Array;
}

function variablesOf(network: Architecture, parameters: ParameterValues): readonly Variables[] {
  return networkLayers(network).map(({ name: layer, size, into, out }) => ({
    layer,
    kernel: toKerasOrder(parameters.get(`${layer}/kernel`)!, [out, into, size, size, size]),
    kernelShape: [size, size, size, into, out],
    bias: parameters.get(`${layer}/bias`)!,
  }));
}

function addVariables(
  group: Hdf5Group,
  { kernel, kernelShape, bias }: Variables,
  [kernelName, biasName]: readonly [string, string],
): void {
  group.create_dataset({ name: kernelName, data: kernel, shape: [...kernelShape], dtype: "<f" });
  group.create_dataset({ name: biasName, data: bias, shape: [bias.length], dtype: "<f" });
}

/** Text of fixed length: every version of Keras decodes it, whatever its h5py. */
function describe(target: Hdf5Group, text: string | readonly string[], attribute: string): void {
  const bytes = Math.max(0, ...[text].flat().map((part) => Buffer.byteLength(part as string)));
  const shape = typeof text === "string" ? [] : [text.length];
  target.create_attribute(attribute, text as string | string[], shape, `A${bytes + 1}`);
}
