/**
 * The network as Keras 2 describes a functional model in JSON: what `load_model` builds before it fills in the weights.
 * Derived from the graph, layer by layer, so that it cannot differ from what the engines run.
 */
import { TomoflowError } from "../../core/error.ts";
import { GraphBuilder, type Operation, type ValueId } from "../graph.ts";
import { type Architecture, addNetwork, networkOf, sideMultipleOf } from "../networks.ts";

export interface KerasLayer {
  readonly className: "InputLayer" | "Conv3D" | "MaxPooling3D" | "UpSampling3D" | "Concatenate" | "Add";
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers whose outputs it reads. */
  readonly inputs: readonly string[];
}

/** Every layer in the order in which they run; a convolution has the name that its parameters have in the network. */
export function kerasLayers(network: Architecture): readonly KerasLayer[] {
  const builder = new GraphBuilder();
  const side = sideMultipleOf(network);
  const { input, logits } = addNetwork(builder, network, { batch: 1, extent: [side, side, side] });
  builder.output("probabilities", builder.softmax(logits));
  const { operations, inputs } = builder.build();
  const kernelNames = new Map(
    Object.entries(inputs).map(([name, value]) => [value, name.replace(/\/kernel$/, "")]),
  );
  const layers: KerasLayer[] = [inputLayer];
  const madeBy = new Map<ValueId, string>([[input, inputLayer.name]]);
  for (const operation of operations) {
    const layer = layerOf(operation, { builder, layers, madeBy, kernelNames, logits });
    if (layer) layers.push(layer);
    if ("output" in operation) madeBy.set(operation.output, layers.at(-1)!.name);
  }
  return layers;
}

/** The attribute `model_config` of a Keras file. */
export function kerasModelConfig(network: Architecture): object {
  const layers = kerasLayers(network);
  return {
    class_name: "Functional",
    config: {
      name: `tomoflow_${networkOf(network).name.replaceAll("-", "_")}`,
      trainable: true,
      layers: layers.map(({ className, name, config, inputs }) => ({
        class_name: className,
        config,
        name,
        inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
      })),
      input_layers: [[layers[0]!.name, 0, 0]],
      output_layers: [[layers.at(-1)!.name, 0, 0]],
    },
  };
}

const inputLayer: KerasLayer = {
  className: "InputLayer",
  name: "input_1",
  config: {
    batch_input_shape: [null, null, null, null, 1],
    dtype: "float32",
    sparse: false,
    ragged: false,
    name: "input_1",
  },
  inputs: [],
};

interface Building {
  readonly builder: GraphBuilder;
  readonly layers: readonly KerasLayer[];
  /** The layer that makes a value. */
  readonly madeBy: ReadonlyMap<ValueId, string>;
  readonly kernelNames: ReadonlyMap<ValueId, string>;
  readonly logits: ValueId;
}

/** Null for the softmax, which is the activation of the last convolution. */
function layerOf(operation: Operation, building: Building): KerasLayer | null {
  const { layers, madeBy } = building;
  const make = (
    className: KerasLayer["className"],
    { name = nextName(className, layers), reads, config }: LayerParts,
  ): KerasLayer => ({
    className,
    name,
    config: { name, trainable: true, dtype: "float32", ...config },
    inputs: reads.map((value) => madeBy.get(value)!),
  });
  switch (operation.type) {
    case "conv3d":
      return make("Conv3D", {
        name: building.kernelNames.get(operation.kernel)!,
        reads: [operation.x],
        config: convolutionConfig(operation, building),
      });
    case "maxPool3d":
      return make("MaxPooling3D", {
        reads: [operation.x],
        config: { pool_size: [2, 2, 2], padding: "valid", strides: [2, 2, 2], data_format: "channels_last" },
      });
    case "upsample3d":
      return make("UpSampling3D", {
        reads: [operation.x],
        config: { size: [2, 2, 2], data_format: "channels_last" },
      });
    case "concat":
      return make("Concatenate", { reads: operation.inputs, config: { axis: -1 } });
    case "add":
      return make("Add", { reads: [operation.a, operation.b], config: {} });
    case "softmax":
      return null;
    default:
      throw new TomoflowError(
        "keras-operation",
        `Keras files cannot describe the operation ${operation.type}`,
      );
  }
}

interface LayerParts {
  readonly name?: string;
  readonly reads: readonly ValueId[];
  readonly config: Readonly<Record<string, unknown>>;
}

function convolutionConfig(
  { kernel, relu, output }: Extract<Operation, { type: "conv3d" }>,
  { builder, logits }: Building,
) {
  const [filters, , ...size] = builder.shape(kernel);
  return {
    filters,
    kernel_size: size,
    strides: [1, 1, 1],
    padding: "same",
    data_format: "channels_last",
    dilation_rate: [1, 1, 1],
    groups: 1,
    activation: output === logits ? "softmax" : relu ? "relu" : "linear",
    use_bias: true,
    kernel_initializer: { class_name: "GlorotUniform", config: { seed: null } },
    bias_initializer: { class_name: "Zeros", config: {} },
    kernel_regularizer: null,
    bias_regularizer: null,
    activity_regularizer: null,
    kernel_constraint: null,
    bias_constraint: null,
  };
}

/** Keras's own names: `max_pooling3d`, `max_pooling3d_1`, … */
function nextName(className: KerasLayer["className"], layers: readonly KerasLayer[]): string {
  const base = className.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  const earlier = layers.filter((layer) => layer.className === className).length;
  return earlier === 0 ? base : `${base}_${earlier}`;
}
