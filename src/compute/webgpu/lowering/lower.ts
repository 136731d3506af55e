/** Writes a graph of primitives as dispatches of compute shaders. Values are stored as the graph says: (batch, channel, z, y, x). */
import { workOf } from "../../../network/cost.ts";
import type { Graph, Operation, ValueId } from "../../../network/graph.ts";
import { elementCount } from "../../../network/parameters.ts";
import type { Binding, Dispatch, Scratch, ShaderLimits } from "./dispatch.ts";
import { type FusedCopy, fusedCopies } from "./fusion.ts";
import { backwardValues, halfValues } from "./half-storage.ts";
import { argMaxDispatch, softmaxDispatch, softmaxGradientDispatch } from "./kernels/classes.ts";
import { type Convolution, convolutionDispatch } from "./kernels/convolution.ts";
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
  const fused = fusedCopies(graph);
  const bytes = graph.values.map(({ shape, type }, value) =>
    fused.has(value) ? 0 : bytesOf(elementCount(shape), type === "uint8" ? 1 : halves.has(value) ? 2 : 4),
  );
  const scratch = (size: number) => bytes.push(size) - 1;
  const context = { limits, scratch, halves, gradients, fused, convolutions: new Map() };
  const dispatches: Dispatch[] = [];
  const work: number[] = [];
  for (const operation of graph.operations) {
    const lowered = lower(graph, operation, context);
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

interface LoweringContext {
  readonly limits: ShaderLimits;
  readonly scratch: Scratch;
  /** Stored in 16 bits. */
  readonly halves: ReadonlySet<ValueId>;
  /** What depends on the gradient of a loss, where matrix units may multiply it. */
  readonly gradients: ReadonlySet<ValueId>;
  /** Those that are written, by their shapes. */
  readonly convolutions: Map<string, Dispatch>;
  /** What is not stored. */
  readonly fused: ReadonlyMap<ValueId, FusedCopy>;
}

function lower(graph: Graph, operation: Operation, context: LoweringContext): readonly Dispatch[] {
  const shape = (value: ValueId) => graph.values[value]!.shape;
  const stored = (value: ValueId) => ({ buffer: value, shape: shape(value) });
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
      return product ?? [repeatedConvolution(convolution, context)];
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
      if (context.fused.has(operation.output)) return [];
      return [upsampleDispatch(stored(operation.x), stored(operation.output))];
    case "sumPool3d":
      return [sumPoolDispatch(operation.x, operation.output, shape(operation.x))];
    case "concat":
      return concatDispatches(operation, { shape, fused: context.fused });
    case "sliceChannels": {
      const { x, output, start, count } = operation;
      const from = { buffer: x, shape: shape(x), from: start };
      return [copyChannelsDispatch(from, { buffer: output, shape: shape(output), to: 0 }, count)];
    }
    case "crop3d": {
      const { x, output, start } = operation;
      const upsampled = context.fused.get(x);
      if (upsampled?.type === "upsample3d")
        return [upsampleDispatch(stored(upsampled.x), stored(output), start)];
      return [cropDispatch(stored(x), stored(output), start)];
    }
    case "joinPlanes":
      if (context.fused.has(operation.output)) return [];
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

/** Of convolutions of the same shapes the first is written, and the rest are copies of it: chunks of planes have thousands. */
function repeatedConvolution(convolution: Convolution, { limits, convolutions }: LoweringContext): Dispatch {
  const { x, kernel, bias, output, ...shapes } = convolution;
  const key = JSON.stringify([
    shapes.inputShape,
    shapes.kernelShape,
    shapes.outputShape,
    shapes.padding,
  ]).concat(String(shapes.relu), String(bias === null));
  const known = convolutions.get(key);
  if (known === undefined) {
    const dispatch = convolutionDispatch(convolution, limits);
    convolutions.set(key, dispatch);
    return dispatch;
  }
  const buffers: Readonly<Record<string, number | null>> = { x, kernel, bias, output };
  const moved = (binding: Binding): Binding => ({ ...binding, buffer: buffers[binding.name]! });
  return { ...known, reads: known.reads.map(moved), writes: known.writes.map(moved) };
}

function concatDispatches(
  { inputs, output }: Extract<Operation, { type: "concat" }>,
  { shape, fused }: { shape: (value: ValueId) => readonly number[]; fused: ReadonlyMap<ValueId, FusedCopy> },
): readonly Dispatch[] {
  let channel = 0;
  return inputs.flatMap((buffer) => {
    const channels = shape(buffer)[1]!;
    const to = channel;
    channel += channels;
    const joined = fused.get(buffer);
    if (joined?.type === "joinPlanes") return joinDispatches(joined, { output, channel: to }, shape);
    const from = { buffer, shape: shape(buffer), from: 0 };
    return [copyChannelsDispatch(from, { buffer: output, shape: shape(output), to }, channels)];
  });
}
