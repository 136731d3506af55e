/** How values are stored: activations with their channels last, as TensorFlow wants them, all else as in the graph. */
import type { Graph, ValueId } from "../../network/graph.ts";
import type { Tensor, TensorFlow } from "./runtime.ts";

export interface Layout {
  /** Shape of a value as it is stored. */
  shape(value: ValueId): number[];
  /** From the graph's order of axes to the stored one. */
  store(tf: TensorFlow, value: ValueId, tensor: Tensor): Tensor;
  /** From the stored order of axes to the graph's. */
  restore(tf: TensorFlow, value: ValueId, tensor: Tensor): Tensor;
}

export function layoutOf(graph: Graph): Layout {
  const kernels = kernelsOf(graph);
  const isActivation = (value: ValueId) => graph.values[value]!.shape.length === 5 && !kernels.has(value);
  return {
    shape: (value) => {
      const { shape } = graph.values[value]!;
      if (!isActivation(value)) return [...shape];
      const [batch, channels, ...extent] = shape;
      return [batch!, ...extent, channels!];
    },
    store: (tf, value, tensor) => (isActivation(value) ? tf.transpose(tensor, [0, 2, 3, 4, 1]) : tensor),
    restore: (tf, value, tensor) => (isActivation(value) ? tf.transpose(tensor, [0, 4, 1, 2, 3]) : tensor),
  };
}

/** Values with five axes that are kernels, their gradients, averages or the states of Adam. */
function kernelsOf(graph: Graph): ReadonlySet<ValueId> {
  const kernels = new Set<ValueId>();
  for (const operation of graph.operations)
    switch (operation.type) {
      case "conv3d":
        kernels.add(operation.kernel);
        break;
      case "transposeKernel":
        kernels.add(operation.kernel).add(operation.output);
        break;
      case "conv3dKernelGradient":
        kernels.add(operation.output);
        break;
      case "add":
        if (kernels.has(operation.a)) kernels.add(operation.output);
        break;
      case "movingAverage":
        if (kernels.has(operation.value)) kernels.add(operation.average).add(operation.output);
        break;
      case "adam":
        for (const value of [operation.parameter, operation.gradient, operation.mean, operation.variance])
          kernels.add(value);
        for (const value of operation.outputs) kernels.add(value);
        break;
    }
  return kernels;
}
