/** Writes a graph of primitives as dispatches of compute shaders. Values are stored as the graph says: (batch, channel, z, y, x). */
import { workOf } from "../../network/cost.ts";
import type { Graph, Operation, ValueId } from "../../network/graph.ts";
import { elementCount } from "../../network/parameters.ts";
import type { Binding, Dispatch, Scratch, ShaderLimits } from "./dispatch.ts";
import { backwardValues, halfValues } from "./half-storage.ts";
import { argMaxDispatch, softmaxDispatch, softmaxGradientDispatch } from "./kernels/classes.ts";
import { convolutionDispatch } from "./kernels/convolution.ts";
import { kernelGradientDispatches } from "./kernels/kernel-gradient.ts";
import { lossDispatches, lossGradientDispatches } from "./kernels/losses.ts";
import { matrixConvolutionDispatches } from "./kernels/matrix-convolution.ts";
import { matrixKernelGradientDispatches } from "./kernels/matrix-kernel-gradient.ts";
import {
  adamDispatch,
  addDispatch,
  copyChannelsDispatch,
  copyPlanesDispatch,
  cropDispatch,
  maxPoolDispatch,
  maxPoolGradientDispatch,
  movingAverageDispatch,
  reluGradientDispatch,
  sumPoolDispatch,
  transposeKernelDispatch,
  upsampleDispatch,
  zerosDispatch,
} from "./kernels/pointwise.ts";
import { sumToChannelsDispatches } from "./kernels/reduction.ts";

export interface LoweredGraph {
  /** In order. */
  readonly dispatches: readonly Dispatch[];
  /** Floating-point operations of each dispatch, counted at the last of an operation. */
  readonly work: readonly number[];
  /** Bytes of every buffer: first the graph's values, then scratch space. */
  readonly bytes: readonly number[];
}

export function lowerGraph(graph: Graph, limits: ShaderLimits): LoweredGraph {
  const halves = limits.precision === "f16" ? halfValues(graph) : new Set<ValueId>();
  const gradients =
    halves.size > 0 && limits.matrixUnits !== undefined ? backwardValues(graph) : new Set<ValueId>();
  const bytes = graph.values.map(({ shape, type }, value) =>
    bytesOf(elementCount(shape), type === "uint8" ? 1 : halves.has(value) ? 2 : 4),
  );
  const scratch = (size: number) => bytes.push(size) - 1;
  const dispatches: Dispatch[] = [];
  const work: number[] = [];
  for (const operation of graph.operations) {
    const lowered = lower(graph, operation, { limits, scratch, halves, gradients });
    for (const [index, dispatch] of lowered.entries()) {
      dispatches.push(inHalves(dispatch, halves));
      work.push(index === lowered.length - 1 ? workOf(graph, operation) : 0);
    }
  }
  return { dispatches, work, bytes };
}

/** WebGPU copies and binds multiples of 4 bytes. */
const bytesOf = (elements: number, size: number): number => 4 * Math.ceil((elements * size) / 4);

function inHalves(dispatch: Dispatch, halves: ReadonlySet<ValueId>): Dispatch {
  const stored = (binding: Binding): Binding =>
    halves.has(binding.buffer) ? { ...binding, element: "f16" } : binding;
  return { ...dispatch, reads: dispatch.reads.map(stored), writes: dispatch.writes.map(stored) };
}

interface Context {
  readonly limits: ShaderLimits;
  readonly scratch: Scratch;
  /** Stored in 16 bits. */
  readonly halves: ReadonlySet<ValueId>;
  /** What depends on the gradient of a loss, where matrix units may multiply it. */
  readonly gradients: ReadonlySet<ValueId>;
}

function lower(graph: Graph, operation: Operation, context: Context): readonly Dispatch[] {
  const shape = (value: ValueId) => graph.values[value]!.shape;
  switch (operation.type) {
    case "conv3d": {
      const inputShape = shape(operation.x);
      const kernelShape = shape(operation.kernel);
      const outputShape = shape(operation.output);
      const convolution = { ...operation, inputShape, kernelShape, outputShape };
      const isHalf = context.halves.has(operation.x);
      const product =
        isHalf || context.gradients.has(operation.x)
          ? matrixConvolutionDispatches(convolution, { ...context, isHalf })
          : undefined;
      return product ?? [convolutionDispatch(convolution, context.limits)];
    }
    case "transposeKernel":
      return [transposeKernelDispatch(operation.kernel, operation.output, shape(operation.kernel))];
    case "conv3dKernelGradient": {
      const inputShape = shape(operation.x);
      const gradientShape = shape(operation.gradient);
      const kernelShape = shape(operation.output);
      const sum = { ...operation, inputShape, gradientShape, kernelShape };
      const product = context.halves.has(operation.x) && matrixKernelGradientDispatches(sum, context);
      return product || kernelGradientDispatches(sum, context);
    }
    case "sumToChannels":
      return sumToChannelsDispatches(operation.x, operation.output, {
        shape: shape(operation.x),
        scratch: context.scratch,
      });
    case "reluGradient":
      return [reluGradientDispatch(operation.y, operation.gradient, operation.output, shape(operation.y))];
    case "maxPool3d":
      return [maxPoolDispatch(operation.x, operation.output, shape(operation.x))];
    case "maxPool3dGradient":
      return [maxPoolGradientDispatch(operation, operation.output, shape(operation.x))];
    case "upsample3d":
      return [upsampleDispatch(operation.x, operation.output, shape(operation.x))];
    case "sumPool3d":
      return [sumPoolDispatch(operation.x, operation.output, shape(operation.x))];
    case "concat":
      return concatDispatches(operation, shape);
    case "sliceChannels": {
      const { x, output, start, count } = operation;
      const from = { buffer: x, shape: shape(x), from: start };
      return [copyChannelsDispatch(from, { buffer: output, shape: shape(output), to: 0 }, count)];
    }
    case "crop3d": {
      const { x, output, start } = operation;
      const from = { buffer: x, shape: shape(x) };
      return [cropDispatch(from, { buffer: output, shape: shape(output) }, start)];
    }
    case "joinPlanes":
      return joinDispatches(operation, operation, shape);
    case "zeros":
      return [zerosDispatch(operation.output, shape(operation.output))];
    case "add":
      return [addDispatch(operation.a, operation.b, operation.output, shape(operation.a))];
    case "softmax":
      return [softmaxDispatch(operation.x, operation.output, shape(operation.x))];
    case "softmaxGradient": {
      const { y, gradient, output } = operation;
      return [softmaxGradientDispatch(y, gradient, { output, shape: shape(y) })];
    }
    case "argMax":
      return [argMaxDispatch(operation.x, operation.output, shape(operation.x))];
    case "loss":
      return lossDispatches({ ...operation, shape: shape(operation.probabilities) }, context.scratch);
    case "lossGradient":
      return lossGradientDispatches({ ...operation, shape: shape(operation.probabilities) }, context.scratch);
    case "movingAverage":
      return [movingAverageDispatch(operation, shape(operation.average))];
    case "adam":
      return [adamDispatch(operation, shape(operation.parameter))];
  }
}

/** The parts go to channels of `target`, from `channel` on. */
function joinDispatches(
  { parts }: Extract<Operation, { type: "joinPlanes" }>,
  { output, channel = 0 }: { readonly output: ValueId; readonly channel?: number },
  shape: (value: ValueId) => readonly number[],
): readonly Dispatch[] {
  let plane = 0;
  return parts.map(({ x, start, count }) => {
    const to = { buffer: output, shape: shape(output), channel, plane };
    plane += count;
    return copyPlanesDispatch({ buffer: x, shape: shape(x), start }, to, count);
  });
}

function concatDispatches(
  { inputs, output }: Extract<Operation, { type: "concat" }>,
  shape: (value: ValueId) => readonly number[],
): readonly Dispatch[] {
  let to = 0;
  return inputs.map((buffer) => {
    const from = { buffer, shape: shape(buffer), from: 0 };
    const dispatch = copyChannelsDispatch(
      from,
      { buffer: output, shape: shape(output), to },
      shape(buffer)[1]!,
    );
    to += shape(buffer)[1]!;
    return dispatch;
  });
}
