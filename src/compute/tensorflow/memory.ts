/** The memory that TensorFlow is expected to take for a graph; `bench/tensorflow.ts` prints the peak of a process beside it. */
import { bytesOfValue, peakBytes } from "../../network/cost.ts";
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "../../network/graph.ts";
import type { Formulation } from "./convolution.ts";
import { scheduleGraph } from "./differentiation.ts";

/** TensorFlow's kernels count the numbers of a tensor in 32 bits. */
const mostNumbers = 2 ** 31;

/** Peak bytes of running `graph`; infinite where a value is too large for TensorFlow. */
export function planTensorFlowBytes(graph: Graph, formulation: Formulation): number {
  const bytes = (value: ValueId) => bytesOfValue(graph, value, 1);
  const sum = (values: readonly ValueId[]) => values.reduce((total, value) => total + bytes(value), 0);
  if (Math.max(...graph.operations.flatMap(resultsOf).map(bytes)) >= 4 * mostNumbers)
    return Number.POSITIVE_INFINITY;
  const wide = (operation: Operation) => (formulation === "planes" ? widePlanesBytes(graph, operation) : 0);
  const { differentiated, operations } = scheduleGraph(graph);
  if (differentiated === undefined)
    return peakBytes(
      { ...graph, operations },
      1,
      (operation) => wide(operation) + workspaceBytes(operation, bytes),
    );
  // what leads to the loss is saved for its derivatives, the last of which are those of the first operation
  const saved = sum(differentiated.operations.flatMap(resultsOf)) + sum(Object.values(graph.inputs));
  const gradients = differentiated.operations.map(
    (operation) => wide(operation) + 3 * sum([...operandsOf(operation), ...resultsOf(operation)]),
  );
  return saved + Math.max(...gradients);
}

/** Copies beside operands and result: in the order of oneDNN's kernels, padded, before the bias is added. */
function workspaceBytes(operation: Operation, bytes: (value: ValueId) => number): number {
  switch (operation.type) {
    case "conv3d":
      return 2 * (bytes(operation.x) + bytes(operation.output));
    case "upsample3d":
    case "softmax":
      return bytes(operation.output);
    case "loss":
      return 3 * bytes(operation.probabilities);
    default:
      return 0;
  }
}

/** The planes that are shifted and added: one for each z of the kernel, and their pieces. */
function widePlanesBytes(graph: Graph, operation: Operation): number {
  if (operation.type !== "conv3d") return 0;
  const depth = graph.values[operation.kernel]!.shape[2]!;
  return 2 * depth * bytesOfValue(graph, operation.output, 1);
}
