/** The memory that TensorFlow is expected to take for a graph. */
import { bytesOfValue, peakBytes } from "../../network/cost.ts";
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "../../network/graph.ts";
import { scheduleGraph } from "./differentiation.ts";

/** TensorFlow's kernels count the numbers of a tensor in 32 bits. */
const mostNumbers = 2 ** 31;

/** Peak bytes of running `graph`; infinite where a value is too large for TensorFlow. */
export function planTensorFlowBytes(graph: Graph): number {
  const bytes = (value: ValueId) => bytesOfValue(graph, value, 1);
  const largest = Math.max(...graph.operations.flatMap(resultsOf).map(bytes));
  if (largest >= 4 * mostNumbers) return Number.POSITIVE_INFINITY;
  const { differentiated, operations } = scheduleGraph(graph);
  const workspace = (operation: Operation) => workspaceBytes(operation, bytes);
  if (differentiated === undefined) return peakBytes({ ...graph, operations }, 1, workspace);
  // all values on the way to the loss are kept until the last derivative is known
  const saved = differentiated.operations.flatMap(resultsOf).reduce((sum, value) => sum + bytes(value), 0);
  const fed = Object.values(graph.inputs).reduce((sum, value) => sum + bytes(value), 0);
  const backward = Math.max(...differentiated.operations.map((operation) => gradientBytes(operation, bytes)));
  return saved + fed + backward;
}

/** Copies beside operands and result: before the bias is added, of padding, of other orders of the axes. */
function workspaceBytes(operation: Operation, bytes: (value: ValueId) => number): number {
  switch (operation.type) {
    case "conv3d":
      return bytes(operation.x) + bytes(operation.output);
    case "upsample3d":
    case "softmax":
      return bytes(operation.output);
    case "loss":
      return 3 * bytes(operation.probabilities);
    default:
      return 0;
  }
}

/** Gradients of results and operands, and the kernels' own copies of both. */
const gradientBytes = (operation: Operation, bytes: (value: ValueId) => number): number =>
  2 * [...operandsOf(operation), ...resultsOf(operation)].reduce((sum, value) => sum + bytes(value), 0);
