/**
 * Holds a model's own description, the attribute `model_config` of a file of Keras 2 or 3, against the network: shapes alone do
 * not tell another activation, pooling or order of channels, and the labels would be wrong without a word.
 */
import { type Architecture, ownerOf } from "../networks.ts";
import { type Config, type FoundLayer, type Model, ownName, parseModel } from "./described-model.ts";
import { type KerasLayer, kerasLayers } from "./model-config.ts";

interface DescribedFile {
  readonly network: Architecture;
  /** Layers with weights, in the order of the file. */
  readonly weightNames: readonly string[];
  readonly path: string;
}

/**
 * What differs from the network, each by the name that the file gives the layer; empty where the model is the network.
 * @throws TomoflowError `weights-description` for a description that is none
 */
export function describedDifferences(text: string, file: DescribedFile): readonly string[] {
  const owner = ownerOf(file.network);
  return differencesOf(text, file).map((fault) => fault.replaceAll("DeepFinder's", owner));
}

/** In sentences about DeepFinder's network. */
function differencesOf(text: string, { network, weightNames, path }: DescribedFile): readonly string[] {
  const { layers, outputs } = foldActivations(dropIdentities(parseModel(text, path)));
  const faults: string[] = [];
  const left = new Map(layers.map((layer) => [layer.name, layer]));
  /** Name in the network -> name in the file. */
  const names = new Map<string, string>();
  for (const wanted of kerasLayers(network)) {
    const inputs = wanted.inputs.map((name) => names.get(name)!);
    const found = find(wanted, inputs, [...left.values()]);
    if (typeof found === "string") return [...faults, found];
    left.delete(found.name);
    names.set(wanted.name, found.name);
    faults.push(...differences(wanted, found));
  }
  for (const { name, className } of left.values())
    faults.push(`layer ${name} (${className}) is one that DeepFinder's network does not have`);
  faults.push(...misplacedWeights(kerasLayers(network), names, weightNames));
  const last = names.get(kerasLayers(network).at(-1)!.name)!;
  if (outputs.length !== 1 || outputs[0] !== last)
    faults.push(`its output is that of ${outputs.join(", ") || "no layer"}; DeepFinder's is that of ${last}`);
  return faults;
}

/** Weights are taken in the order in which they lie in the file: it must be that of the layers. */
function misplacedWeights(
  layers: readonly KerasLayer[],
  names: ReadonlyMap<string, string>,
  weightNames: readonly string[],
): string[] {
  const convolutions = layers
    .filter(({ className }) => className === "Conv3D")
    .map(({ name }) => names.get(name)!);
  if (!convolutions.every((name) => weightNames.includes(name))) return [];
  const index = convolutions.findIndex((name, place) => weightNames[place] !== name);
  return index < 0
    ? []
    : [`the weights of layer ${convolutions[index]} lie in another order in the file than the layers run in`];
}

/** The layer of the file in the place of `wanted`, or what stands there instead. */
function find(
  wanted: KerasLayer,
  inputs: readonly string[],
  layers: readonly FoundLayer[],
): FoundLayer | string {
  const same = layers.filter(({ className }) => className === wanted.className);
  const right = same.find((layer) => layer.inputs.join("\n") === inputs.join("\n"));
  if (right) return right;
  const readers = layers.filter((layer) => inputs.length > 0 && layer.inputs[0] === inputs[0]);
  const close =
    same.find((layer) => inputs.length > 1 && layer.inputs.some((input) => inputs.includes(input))) ??
    readers[0] ??
    same[0];
  const place = inputs.length === 0 ? "" : ` that reads ${inputs.join(" and then ")}`;
  const expected = `DeepFinder's network has the class ${wanted.className}${place} there`;
  if (!close) return `a ${wanted.className}${place} is missing`;
  const strides = wordOf(close.config.strides);
  const how = close.className === "Conv3D" && strides !== "1×1×1" ? ` with the strides ${strides}` : "";
  return `layer ${close.name} is of the class ${close.className}${how} that reads ${close.inputs.join(" and then ") || "nothing"}; ${expected}`;
}

/** By class, what decides the result: name in the configuration, for people, and the value where it is not written. */
const decisive: Readonly<
  Record<KerasLayer["className"], readonly (readonly [key: string, title: string, usual: unknown])[]>
> = {
  InputLayer: [],
  Conv3D: [
    ["kernel_size", "kernel", undefined],
    ["strides", "strides", [1, 1, 1]],
    ["padding", "padding", "valid"],
    ["data_format", "data format", "channels_last"],
    ["dilation_rate", "dilation", [1, 1, 1]],
    ["groups", "groups", 1],
    ["activation", "activation", "linear"],
    ["use_bias", "use of a bias", true],
  ],
  MaxPooling3D: [
    ["pool_size", "pool size", [2, 2, 2]],
    ["strides", "strides", "pool_size"],
    ["padding", "padding", "valid"],
    ["data_format", "data format", "channels_last"],
  ],
  UpSampling3D: [
    ["size", "size", [2, 2, 2]],
    ["data_format", "data format", "channels_last"],
    ["interpolation", "interpolation", "nearest"],
  ],
  Concatenate: [["axis", "axis", -1]],
  Add: [],
};

function differences(wanted: KerasLayer, found: FoundLayer): string[] {
  const faults = found.uses > 1 ? [`layer ${found.name} is used ${found.uses} times; DeepFinder's once`] : [];
  if (wanted.className === "InputLayer") return [...faults, ...inputFaults(found)];
  for (const [key, title, usual] of decisive[wanted.className]) {
    const [theirs, ours] = [found.config, wanted.config].map((config) => settingOf(config, key, usual));
    if (theirs !== ours)
      faults.push(`layer ${found.name} has the ${title} ${theirs}; DeepFinder's is ${ours}`);
  }
  return faults;
}

function inputFaults({ name, config }: FoundLayer): string[] {
  const shape = config.batch_input_shape ?? config.batch_shape;
  const channels = Array.isArray(shape) ? shape.at(-1) : 1;
  return channels === 1 || channels === null
    ? []
    : [`layer ${name} takes ${wordOf(channels)} channels; DeepFinder's takes 1`];
}

function settingOf(config: Config, key: string, usual: unknown): string {
  const value = config[key] ?? (usual === "pool_size" ? (config.pool_size ?? [2, 2, 2]) : usual);
  if (key === "activation") return activationWord(value);
  // channels are the last of five axes
  return key === "axis" && value === 4 ? "-1" : wordOf(value);
}

/** For people and for comparison: 2 for all three axes is 2×2×2, a function is its name. */
function wordOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordOf).join("×");
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * `relu`, `softmax` and other functions of Keras by their names; a layer in place of a function counts as one where its settings
 * make it that. Functions and layers of one's own may do anything, whatever they are called.
 */
function activationWord(value: unknown): string {
  if (value === null || typeof value !== "object") return wordOf(value);
  const { config, class_name: name } = value as Config;
  const own = ownName(value as Config);
  if (own !== undefined) return `${own} (of one's own)`;
  if (typeof config === "string") return config;
  const layer = { className: String(name), config: (config ?? {}) as Config };
  return activationOf(layer) ?? `${layer.className} ${JSON.stringify(layer.config)}`;
}

/** Layers that do nothing once the training is over. */
const identities: ReadonlySet<string> = new Set([
  "Dropout",
  "SpatialDropout3D",
  "AlphaDropout",
  "GaussianDropout",
  "GaussianNoise",
  "ActivityRegularization",
]);

const isIdentity = ({ className, config, uses, isAlwaysTraining }: FoundLayer): boolean =>
  uses === 1 &&
  !isAlwaysTraining &&
  (identities.has(className) ||
    (className === "Activation" && activationWord(config.activation) === "linear"));

/** Whoever reads such a layer reads what it reads. */
function dropIdentities({ layers, outputs }: Model): Model {
  const stands = new Map(layers.filter(isIdentity).map(({ name, inputs }) => [name, inputs[0]!]));
  const real = (name: string): string => (stands.has(name) ? real(stands.get(name)!) : name);
  return {
    layers: layers
      .filter(({ name }) => !stands.has(name))
      .map((layer) => ({ ...layer, inputs: layer.inputs.map(real) })),
    outputs: outputs.map(real),
  };
}

/** An activation in a layer of its own behind a convolution that has none, and that nobody else reads. */
function foldActivations({ layers, outputs }: Model): Model {
  const readersOf = (name: string) => layers.filter(({ inputs }) => inputs.includes(name));
  const folded = new Map<string, { readonly into: string; readonly activation: string }>();
  for (const layer of layers) {
    const activation = activationOf(layer);
    const source = layers.find(({ name }) => name === layer.inputs[0]);
    const fits =
      source?.className === "Conv3D" &&
      activationWord(source.config.activation ?? "linear") === "linear" &&
      readersOf(source.name).length === 1 &&
      !outputs.includes(source.name);
    if (activation !== undefined && fits) folded.set(layer.name, { into: source.name, activation });
  }
  const real = (name: string): string => folded.get(name)?.into ?? name;
  const activations = new Map([...folded.values()].map(({ into, activation }) => [into, activation]));
  return {
    layers: layers
      .filter(({ name }) => !folded.has(name))
      .map((layer) => ({
        ...layer,
        inputs: layer.inputs.map(real),
        config: {
          ...layer.config,
          ...(activations.has(layer.name) && { activation: activations.get(layer.name) }),
        },
      })),
    outputs: outputs.map(real),
  };
}

function activationOf({ className, config }: Pick<FoundLayer, "className" | "config">): string | undefined {
  if (className === "Activation") return activationWord(config.activation);
  if (className === "ReLU") {
    const plain = !config.negative_slope && !config.threshold && (config.max_value ?? null) === null;
    return plain ? "relu" : undefined;
  }
  return className === "Softmax" && [-1, 4].includes((config.axis as number) ?? -1) ? "softmax" : undefined;
}
