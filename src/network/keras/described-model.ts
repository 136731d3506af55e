/** A model as Keras 2 and 3 describe it in JSON, the attribute `model_config`: its layers and who reads whom. */
import { TomoflowError } from "../../core/error.ts";

export type Config = Readonly<Record<string, unknown>>;

export interface FoundLayer {
  readonly name: string;
  readonly className: string;
  readonly config: Config;
  /** Names of the layers whose outputs it reads, in order. */
  readonly inputs: readonly string[];
  /** How many times it is used; a layer of the network is used once. */
  readonly uses: number;
  /** Called with `training: true`: it does the same when it predicts. */
  readonly isAlwaysTraining: boolean;
}

export interface Model {
  readonly layers: readonly FoundLayer[];
  readonly outputs: readonly string[];
}

/** @throws TomoflowError `weights-description` for a description that is none */
export function parseModel(text: string, path: string): Model {
  try {
    const { config } = JSON.parse(text) as { readonly config: Config | readonly unknown[] };
    if (Array.isArray(config)) throw new Error("it is a sequential model");
    const { layers, output_layers: outputs } = config as Config;
    return { layers: (layers as readonly Config[]).map(layerOf), outputs: layerNames(outputs) };
  } catch (cause) {
    throw new TomoflowError(
      "weights-description",
      `${path}: the description of the model (model_config) cannot be read: ${(cause as Error).message}`,
      {
        hint: "save the weights alone, with save_weights, if you know that the model is DeepFinder's",
        cause,
      },
    );
  }
}

function layerOf(layer: Config): FoundLayer {
  const config = (layer.config ?? {}) as Config;
  const nodes = (layer.inbound_nodes ?? []) as readonly unknown[];
  return {
    name: String(layer.name ?? config.name),
    className: ownName({ ...layer, config: undefined }) ?? String(layer.class_name),
    config,
    inputs: nodes.length > 0 ? tensorsOf(nodes[0]) : [],
    isAlwaysTraining: /"training":\s*true/.test(JSON.stringify(nodes)),
    uses: Math.max(1, typeof (nodes[0] as readonly unknown[])?.[0] === "string" ? 1 : nodes.length),
  };
}

/** Names of layers in a node: `["conv3d", 0, 0, {}]` in lists of Keras 2, tensors with a history in the arguments of Keras 3. */
function tensorsOf(node: unknown): string[] {
  if (node === null || typeof node !== "object") return [];
  if (Array.isArray(node))
    return typeof node[0] === "string" && typeof node[1] === "number" ? [node[0]] : node.flatMap(tensorsOf);
  const { class_name: name, config } = node as Config;
  if (name === "__keras_tensor__")
    return [String((config as { keras_history: readonly unknown[] }).keras_history[0])];
  return Object.values(node).flatMap(tensorsOf);
}

/** `[["a", 0, 0]]` or, of one alone, `["a", 0, 0]`. */
const layerNames = (value: unknown): string[] => tensorsOf(value);

/** The name of what is not Keras's own: registered by somebody, or of another module. Undefined for what is. */
export function ownName({
  module,
  registered_name: registered,
  class_name: name,
  config,
}: Config): string | undefined {
  if (typeof registered === "string" && registered.includes(">")) return registered;
  const isForeign = typeof module === "string" && !/(^|\.)(tf_)?keras(\.|$)/.test(module);
  return isForeign ? `${module}.${typeof config === "string" ? config : name}` : undefined;
}
