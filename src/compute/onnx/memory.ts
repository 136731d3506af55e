/** The memory that onnxruntime is expected to take for a graph, in the layout of layout.ts. */
import { bytesOfValue, peakBytes } from "../../network/cost.ts";
import type { Graph, Operation } from "../../network/graph.ts";
import { isForward, streamingBytes } from "./streaming-memory.ts";

/** Blocks of 16 channels are what processors with AVX-512 have; others store no more. */
const usualBlock = 16;

/** Peak bytes of running `graph`: the values alive at one time, and what an operation needs while it runs. */
export const planOnnxBytes = (graph: Graph, block = usualBlock): number =>
  isForward(graph)
    ? streamingBytes(graph, block)
    : peakBytes(graph, block, (operation) => workspaceBytes(graph, operation, block));

/** Copies that the lowering makes beside operands and result. */
function workspaceBytes(graph: Graph, operation: Operation, block: number): number {
  const bytes = (value: number) => bytesOfValue(graph, value, block);
  switch (operation.type) {
    case "conv3dKernelGradient": // both in the order of kernel-gradient.ts
      return bytes(operation.x) + bytes(operation.gradient);
    case "maxPool3dGradient": // maxima enlarged, ties and shares
      return bytes(operation.x);
    case "softmax": // shifted, powers
    case "softmaxGradient": // product, difference
    case "lossGradient": // truth, its part
      return 2 * bytes(operation.output);
    case "loss":
      return 2 * bytes(operation.probabilities);
    default:
      return 0;
  }
}
