/** Floating-point operations and memory of a graph, counted from its shapes. */
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "./graph.ts";
import { elementCount } from "./parameters.ts";

/** Multiplications and additions of the convolutions, forward and backward; the rest is a few per cent. */
export const floatingPointOperations = (graph: Graph): number =>
  graph.operations.reduce((total, operation) => total + workOf(graph, operation), 0);

/** Multiplications and additions of one operation; 0 where it is not a convolution. */
export function workOf({ values }: Graph, operation: Operation): number {
  if (operation.type === "conv3d") {
    const [, into, ...size] = values[operation.kernel]!.shape;
    return 2 * into! * elementCount(size) * elementCount(values[operation.output]!.shape);
  }
  if (operation.type !== "conv3dKernelGradient") return 0;
  const [, into, ...size] = values[operation.output]!.shape;
  return 2 * into! * elementCount(size) * elementCount(values[operation.gradient]!.shape);
}

/**
 * The most bytes of values alive at one time when the operations run in order and each value is freed after its last
 * use. `channelMultiple`: channels are stored in groups of this many. `workspace`: bytes that an operation needs while it runs.
 */
export function peakBytes(
  graph: Graph,
  channelMultiple = 1,
  workspace: (operation: Operation) => number = () => 0,
): number {
  const lastUse = new Map<ValueId, number>();
  graph.operations.forEach((operation, index) => {
    for (const value of [...operandsOf(operation), ...resultsOf(operation)]) lastUse.set(value, index);
  });
  for (const value of Object.values(graph.outputs)) lastUse.set(value, Number.POSITIVE_INFINITY);
  for (const value of Object.values(graph.inputs)) lastUse.set(value, Number.POSITIVE_INFINITY);
  const bytes = (value: ValueId) => bytesOfValue(graph, value, channelMultiple);
  let alive = Object.values(graph.inputs).reduce((sum, value) => sum + bytes(value), 0);
  let peak = alive;
  graph.operations.forEach((operation, index) => {
    alive += resultsOf(operation).reduce((sum, value) => sum + bytes(value), 0);
    peak = Math.max(peak, alive + workspace(operation));
    for (const value of new Set([...operandsOf(operation), ...resultsOf(operation)]))
      if (lastUse.get(value) === index) alive -= bytes(value);
  });
  return peak;
}

/** Bytes of one value, its channels stored in groups of `channelMultiple`. */
export function bytesOfValue(graph: Graph, value: ValueId, channelMultiple: number): number {
  const { shape, type } = graph.values[value]!;
  if (type === "uint8") return elementCount(shape);
  if (shape.length !== 5 || Object.values(graph.inputs).includes(value)) return 4 * elementCount(shape);
  const [batch, channels, ...extent] = shape;
  return 4 * batch! * Math.ceil(channels! / channelMultiple) * channelMultiple * elementCount(extent);
}
