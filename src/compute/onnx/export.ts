/**
 * Writes the network with its weights as a standard ONNX model (IR 8, opset 17; operators of the default domain alone) for
 * other programs: batch and sides are free, tensors have the names of the layers.
 */
import { writeFile } from "node:fs/promises";
import { TomoflowError } from "../../core/error.ts";
import { writeWholeFile } from "../../core/whole-file.ts";
import { type Graph, GraphBuilder, type Operation, type ValueId } from "../../network/graph.ts";
import { type Architecture, addNetwork, networkOf, sideMultipleOf } from "../../network/networks.ts";
import type { ParameterValues } from "../../network/parameters.ts";
import { type Attribute, encodeAttribute, modelType } from "./model.ts";

/** Names of the model's input (batch, 1, z, y, x) and output (batch, class, z, y, x), both float32. */
export const exportedInput = "tomogram";
export const exportedOutput = "probabilities";

/** Replaces `path` as a whole; equal parameters give equal bytes. */
export async function exportOnnx(
  path: string,
  network: Architecture,
  parameters: ParameterValues,
): Promise<void> {
  const bytes = await encodeNetwork(network, parameters);
  await writeWholeFile(path, (temporary) => writeFile(temporary, bytes));
}

/** The model as protobuf. @throws TomoflowError `parameter-missing` */
export async function encodeNetwork(network: Architecture, parameters: ParameterValues): Promise<Uint8Array> {
  const graph = forwardGraph(network);
  const type = await modelType();
  const model = type.fromObject({
    irVersion: 8,
    producerName: "tomoflow",
    docString: documentationOf(network),
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: `tomoflow_${networkOf(network).name.replaceAll("-", "_")}`,
      node: describeNodes(graph),
      initializer: [...describeParameters(graph, parameters), scales()],
      input: [volumeInfo(exportedInput, 1)],
      output: [volumeInfo(exportedOutput, network.classes)],
    },
    metadataProps: [
      { key: "filters", value: network.filters.join(",") },
      { key: "classes", value: String(network.classes) },
      ...(network.name === undefined ? [] : [{ key: "network", value: network.name }]),
    ],
  });
  return type.encode(model).finish();
}

const documentationOf = (network: Architecture): string =>
  `${networkOf(network).summary.replace(/^./, (first) => first.toUpperCase())}. The tomogram has mean 0 and standard deviation 1 and lengths that are multiples of 2 for each pooling; ` +
  "the output holds the probabilities of the classes, background first.";

/** For inputs of the least extent; no length of it gets into the model. */
function forwardGraph(network: Architecture): Graph {
  const builder = new GraphBuilder();
  const side = sideMultipleOf(network);
  const extent = [side, side, side] as const;
  const { logits } = addNetwork(builder, network, { batch: 1, extent });
  builder.output(exportedOutput, builder.softmax(logits));
  return builder.build();
}

interface NodeProto {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly object[];
}

function describeNodes(graph: Graph): readonly NodeProto[] {
  const names = new Map<ValueId, string>(
    Object.entries(graph.inputs).map(([name, value]) => [value, name === "x" ? exportedInput : name]),
  );
  const outputs = new Map(Object.entries(graph.outputs).map(([name, value]) => [value, name]));
  const nodes: NodeProto[] = [];
  for (const operation of graph.operations) {
    const { opType, reads, attributes, rectified } = describeOperation(
      graph,
      operation,
      (value) => names.get(value)!,
    );
    const value = (operation as { output: ValueId }).output;
    const base = reads[1]?.endsWith("/kernel") ? reads[1].slice(0, -"/kernel".length) : opType.toLowerCase();
    const name = uniqueName(base, nodes);
    const output = outputs.get(value) ?? name;
    const made = rectified ? `${name}/sum` : output;
    const attribute = Object.entries(attributes).map(([key, setting]) => encodeAttribute(key, setting));
    nodes.push({ name, opType, input: reads, output: [made], attribute });
    if (rectified)
      nodes.push({ name: `${name}/relu`, opType: "Relu", input: [made], output: [output], attribute: [] });
    names.set(value, output);
  }
  return nodes;
}

function uniqueName(base: string, nodes: readonly NodeProto[]): string {
  const taken = nodes.filter(({ name }) => name === base || name.startsWith(`${base}_`)).length;
  return taken === 0 ? base : `${base}_${taken}`;
}

interface DescribedOperation {
  readonly opType: string;
  readonly reads: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Followed by Relu. */
  readonly rectified?: boolean;
}

function describeOperation(
  graph: Graph,
  operation: Operation,
  nameOf: (value: ValueId) => string,
): DescribedOperation {
  switch (operation.type) {
    case "conv3d":
      return {
        opType: "Conv",
        reads: [operation.x, operation.kernel, ...(operation.bias === null ? [] : [operation.bias])].map(
          nameOf,
        ),
        attributes: {
          kernel_shape: graph.values[operation.kernel]!.shape.slice(2),
          pads: [0, 1].flatMap((end) => operation.padding.map((axis) => axis[end]!)),
        },
        rectified: operation.relu,
      };
    case "maxPool3d":
      return {
        opType: "MaxPool",
        reads: [nameOf(operation.x)],
        attributes: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] },
      };
    case "upsample3d":
      return {
        opType: "Resize",
        reads: [nameOf(operation.x), "", scalesName],
        attributes: {
          mode: "nearest",
          coordinate_transformation_mode: "asymmetric",
          nearest_mode: "floor",
        },
      };
    case "concat":
      return { opType: "Concat", reads: operation.inputs.map(nameOf), attributes: { axis: 1 } };
    case "add":
      return { opType: "Add", reads: [operation.a, operation.b].map(nameOf), attributes: {} };
    case "softmax":
      return { opType: "Softmax", reads: [nameOf(operation.x)], attributes: { axis: 1 } };
    default:
      throw new TomoflowError("onnx-operation", `${operation.type} cannot be exported to ONNX`);
  }
}

const scalesName = "twice";
const float32 = 1;

/** The scales of upsampling. */
const scales = (): object => ({
  name: scalesName,
  dims: [5],
  dataType: float32,
  rawData: littleEndianBytes(Float32Array.of(1, 1, 2, 2, 2)),
});

function describeParameters(graph: Graph, parameters: ParameterValues): readonly object[] {
  return Object.entries(graph.inputs)
    .filter(([name]) => name !== "x")
    .map(([name, value]) => {
      const { shape } = graph.values[value]!;
      const values = parameters.get(name);
      if (values?.length !== shape.reduce((product, length) => product * length, 1))
        throw new TomoflowError(
          "parameter-missing",
          `${name} (${shape.join("×")}) has no values, or too few`,
        );
      return { name, dims: [...shape], dataType: float32, rawData: littleEndianBytes(values) };
    });
}

/** Every processor that Node runs on is little-endian, as ONNX is. */
function littleEndianBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

const volumeInfo = (name: string, channels: number): object => ({
  name,
  type: {
    tensorType: {
      elemType: float32,
      shape: {
        dim: [
          { dimParam: "batch" },
          { dimValue: channels },
          ...["z", "y", "x"].map((dimParam) => ({ dimParam })),
        ],
      },
    },
  },
});
