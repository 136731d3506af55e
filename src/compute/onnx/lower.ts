/** Writes a graph of primitives as an ONNX model (see layout.ts for how activations are stored). */
import type { Axes3, Graph, Operation, ValueId } from "../../network/graph.ts";
import { unknownWeightOf } from "../../network/losses/loss.ts";
import { lowerArgMax, lowerSoftmax, lowerSoftmaxGradient, type Truth, truthOf } from "./classes.ts";
import { hasFewChannels, lowerConvolution } from "./convolution.ts";
import { lowerKernelGradient } from "./kernel-gradient.ts";
import { Layout, type Lowered, type Planes, paddedTo, plainOf, type Stack } from "./layout.ts";
import { lowerLoss, lowerLossGradient } from "./losses.ts";
import { ModelBuilder } from "./model.ts";
import {
  lowerCrop,
  lowerMaxPool,
  lowerMaxPoolGradient,
  lowerReluGradient,
  lowerSumPool,
  lowerSumToChannels,
  lowerUpsample,
} from "./pooling.ts";

/** @param block channels a block of the processor's blocked layout, 1 where it has none */
export function lowerGraph(graph: Graph, block: number): ModelBuilder {
  const lowering = new Lowering(graph, block);
  for (const operation of graph.operations) lowering.lower(operation);
  lowering.writeOutputs();
  return lowering.model;
}

type Shape5 = readonly [batch: number, channels: number, depth: number, height: number, width: number];

/** ONNX allows no output the name of an input. */
export const outputName = (name: string): string => `output:${name}`;

class Lowering {
  readonly model = new ModelBuilder();
  readonly #graph: Graph;
  readonly #layout: Layout;
  readonly #lowered = new Map<ValueId, Lowered>();
  readonly #truths = new Map<ValueId, Truth>();

  constructor(graph: Graph, block: number) {
    this.#graph = graph;
    this.#layout = new Layout(this.model, block);
    for (const [name, value] of Object.entries(graph.inputs)) {
      const { shape, type } = graph.values[value]!;
      this.#lowered.set(value, { kind: "plain", name: this.model.input(name, type, shape), shape });
    }
  }

  lower(operation: Operation): void {
    if (operation.type === "adam") this.#adam(operation);
    else this.#lowered.set(operation.output, this.#result(operation));
  }

  writeOutputs(): void {
    for (const [name, value] of Object.entries(this.#graph.outputs)) {
      const { shape, type } = this.#graph.values[value]!;
      const lowered = this.#lowered.get(value)!;
      const plain =
        lowered.kind === "plain" ? lowered.name : this.#layout.plainFromStack(this.#layout.toStack(lowered));
      this.model.output(outputName(name), plain, type, shape);
    }
  }

  #result(operation: Exclude<Operation, { type: "adam" }>): Lowered {
    const layout = this.#layout;
    switch (operation.type) {
      case "conv3d":
        return lowerConvolution(layout, {
          ...operation,
          x: this.#convolutionInput(operation.x, this.#shape(operation.kernel)[2]!),
          kernel: this.#plain(operation.kernel),
          kernelShape: this.#shape(operation.kernel),
          bias: operation.bias === null ? null : this.#plain(operation.bias),
        });
      case "transposeKernel":
        return this.#named(operation.output, this.#transposedKernel(operation.kernel));
      case "conv3dKernelGradient": {
        const kernelShape = this.#shape(operation.output);
        const x = this.#convolutionInput(operation.x, kernelShape[2]!);
        const gradient = this.#planes(operation.gradient);
        const { padding } = operation;
        return this.#named(
          operation.output,
          lowerKernelGradient(layout, { x, gradient, padding, kernelShape }),
        );
      }
      case "sumToChannels":
        return this.#named(operation.output, lowerSumToChannels(layout, this.#planes(operation.x)));
      case "reluGradient":
        return lowerReluGradient(layout, this.#planes(operation.y), this.#planes(operation.gradient));
      case "maxPool3d":
        return lowerMaxPool(layout, this.#planes(operation.x));
      case "maxPool3dGradient": {
        const [x, y, gradient] = [operation.x, operation.y, operation.gradient].map((id) => this.#planes(id));
        return lowerMaxPoolGradient(layout, x!, y!, gradient!);
      }
      case "upsample3d":
        return lowerUpsample(layout, this.#planes(operation.x));
      case "sumPool3d":
        return lowerSumPool(layout, this.#planes(operation.x));
      case "concat":
        return this.#concat(operation.inputs);
      case "sliceChannels":
        return this.#sliceChannels(operation);
      case "crop3d": {
        const extent = this.#shape(operation.output).slice(-3) as unknown as Axes3;
        return lowerCrop(layout, this.#planes(operation.x, true), operation.start, extent);
      }
      case "joinPlanes":
        return this.#joinPlanes(operation);
      case "zeros":
        return this.#zeros(operation.output);
      case "movingAverage":
        return this.#named(operation.output, this.#movingAverage(operation));
      case "add":
        return this.#add(operation.a, operation.b);
      case "softmax":
        return lowerSoftmax(layout, this.#lowered.get(operation.x)!);
      case "softmaxGradient":
        return lowerSoftmaxGradient(layout, this.#stack(operation.y), this.#stack(operation.gradient));
      case "argMax":
        return this.#named(operation.output, lowerArgMax(layout, this.#lowered.get(operation.x)!));
      case "loss": {
        const truth = this.#truth(operation);
        const p = this.#stack(operation.probabilities);
        return this.#named(operation.output, lowerLoss(layout, { p, truth }, operation.formula));
      }
      case "lossGradient": {
        const truth = this.#truth(operation);
        const p = this.#stack(operation.probabilities);
        return lowerLossGradient(layout, { p, truth }, operation.formula);
      }
    }
  }

  #adam(operation: Extract<Operation, { type: "adam" }>): void {
    const { model } = this;
    const times = (tensor: string, factor: number) => model.node("Mul", [tensor, model.scalar(factor)]);
    const add = (a: string, b: string) => model.node("Add", [a, b]);
    const { beta1, beta2, epsilon } = operation;
    const gradient = this.#plain(operation.gradient);
    const mean = add(times(this.#plain(operation.mean), beta1), times(gradient, 1 - beta1));
    const squared = model.node("Mul", [gradient, gradient]);
    const variance = add(times(this.#plain(operation.variance), beta2), times(squared, 1 - beta2));
    const root = add(model.node("Sqrt", [variance]), model.scalar(epsilon));
    const step = model.node("Mul", [model.node("Div", [mean, root]), this.#plain(operation.rate)]);
    const parameter = model.node("Sub", [this.#plain(operation.parameter), step]);
    for (const [index, name] of [parameter, mean, variance].entries())
      this.#lowered.set(operation.outputs[index]!, this.#named(operation.outputs[index]!, name));
  }

  /** In 64 bits, rounded once. */
  #movingAverage({ average, value, step, decay }: Extract<Operation, { type: "movingAverage" }>): string {
    const { model } = this;
    const wide = (id: ValueId) => model.cast(this.#plain(id), "float64");
    const plus = (a: string, b: string) => model.node("Add", [a, b]);
    const [one, steps] = [model.double(1), wide(step)];
    const early = model.node("Div", [plus(steps, one), plus(steps, model.double(10))]);
    const kept = model.node("Min", [early, model.double(decay)]);
    const before = model.node("Mul", [kept, wide(average)]);
    const now = model.node("Mul", [model.node("Sub", [one, kept]), wide(value)]);
    return model.cast(plus(before, now), "float32");
  }

  #transposedKernel(kernel: ValueId): string {
    const { model } = this;
    const [out, into, ...size] = this.#shape(kernel);
    const swapped = this.#layout.transpose(this.#plain(kernel), [1, 0, 2, 3, 4]);
    if (size.every((length) => length === 1)) return swapped;
    const flat = this.#layout.reshape(swapped, [into!, out!, size.reduce((a, b) => a * b)]);
    const bounds = [[-1], [Number.MIN_SAFE_INTEGER], [2], [-1]].map((values) => model.integers(values));
    return this.#layout.reshape(model.node("Slice", [flat, ...bounds]), [into!, out!, ...size]);
  }

  #concat(inputs: readonly ValueId[]): Planes {
    const parts = inputs.map((input) => this.#planes(input));
    const names = parts[0]!.names.map((_, z) =>
      this.#layout.concat(
        parts.map((part) => part.names[z]!),
        1,
      ),
    );
    return { ...parts[0]!, names, segments: parts.flatMap((part) => part.segments) };
  }

  /** No node at all where whole planes are joined: they are tensors of their own already. */
  #joinPlanes({ parts, output }: Extract<Operation, { type: "joinPlanes" }>): Planes {
    const plane = this.#shape(output).slice(-2) as [number, number];
    const crop = (planes: readonly Planes[]) =>
      planes.map((part, index) => {
        const { start, count } = parts[index]!;
        return lowerCrop(this.#layout, part, start, [count, ...plane]);
      });
    const stored = parts.map(({ x }) => this.#planes(x, true));
    const isAlike = stored.every(
      ({ blocked, segments }) =>
        blocked === stored[0]!.blocked && segments.join() === stored[0]!.segments.join(),
    );
    const joined = crop(
      isAlike ? stored : stored.map((part) => this.#layout.toPlanes(this.#layout.toStack(part))),
    );
    return { ...joined[0]!, names: joined.flatMap(({ names }) => names) };
  }

  #zeros(output: ValueId): Planes {
    const [batch, channels, depth, height, width] = this.#shape(output) as unknown as Shape5;
    const name = this.model.zeros([batch, channels, height, width]);
    const names = Array.from({ length: depth }, () => name);
    return { kind: "planes", names, batch, segments: [channels], height, width, blocked: false };
  }

  #sliceChannels({ x, start, count }: Extract<Operation, { type: "sliceChannels" }>): Planes {
    const planes = this.#planes(x);
    const { block } = this.#layout;
    const reachesEnd = start + count === planes.segments[0];
    const wholeBlocks =
      planes.segments.length === 1 && start % block === 0 && (count % block === 0 || reachesEnd);
    if (planes.blocked && !wholeBlocks) {
      const stack = this.#layout.toStack(planes);
      const name = this.#layout.slice(stack.name, 1, start, start + count);
      return this.#layout.toPlanes({ ...stack, name, channels: count });
    }
    const end = start + (planes.blocked ? paddedTo(count, block) : count);
    const names = planes.names.map((plane) => this.#layout.slice(plane, 1, start, end));
    return { ...planes, names, segments: [count] };
  }

  #add(a: ValueId, b: ValueId): Lowered {
    const [left, right] = [this.#lowered.get(a)!, this.#lowered.get(b)!];
    if (left.kind === "plain" && right.kind === "plain")
      return { ...left, name: this.model.node("Add", [left.name, right.name]) };
    const [x, y] = [this.#planes(a), this.#planes(b)];
    if (x.segments.join() !== y.segments.join()) {
      const [p, q] = [this.#layout.toStack(x), this.#layout.toStack(y)];
      return { ...p, name: this.model.node("Add", [p.name, q.name]) };
    }
    return { ...x, names: x.names.map((plane, z) => this.model.node("Add", [plane, y.names[z]!])) };
  }

  /** Few channels stay in plain planes, which the first convolution reads directly. */
  #convolutionInput(x: ValueId, depth: number): Planes {
    const lowered = this.#lowered.get(x)!;
    const channels = this.#shape(x)[1]!;
    const isPlain = lowered.kind !== "planes" || !lowered.blocked;
    const few = isPlain && hasFewChannels(channels, depth, this.#layout.block);
    return this.#planes(x, few);
  }

  #planes(value: ValueId, keepPlain = false): Planes {
    const planes = this.#layout.toPlanes(this.#lowered.get(value)!, keepPlain);
    this.#lowered.set(value, planes);
    return planes;
  }

  /** Probabilities come in plain planes: they are joined once for all that reads them whole. */
  #stack(value: ValueId): Stack {
    const lowered = this.#lowered.get(value)!;
    const stack = this.#layout.toStack(lowered);
    if (lowered.kind === "planes" && !lowered.blocked) this.#lowered.set(value, stack);
    return stack;
  }

  #truth({ probabilities, labels, formula }: Extract<Operation, { type: "loss" | "lossGradient" }>): Truth {
    const known = this.#truths.get(labels);
    if (known !== undefined) return known;
    const truth = truthOf(this.#layout, plainOf(this.#lowered.get(labels)!), {
      probabilities: this.#stack(probabilities),
      unknownWeight: unknownWeightOf(formula),
    });
    this.#truths.set(labels, truth);
    return truth;
  }

  #plain(value: ValueId): string {
    return plainOf(this.#lowered.get(value)!).name;
  }

  #named(value: ValueId, name: string): Lowered {
    return { kind: "plain", name, shape: this.#shape(value) };
  }

  #shape(value: ValueId): readonly number[] {
    return this.#graph.values[value]!.shape;
  }
}
