/**
 * A network as data: values with shapes, and operations in order. Engines compile these primitives and know nothing
 * of networks, training or tomograms. Activations are (batch, channel, z, y, x); kernels (out, in, kz, ky, kx).
 */
import { TomoflowError } from "../core/error.ts";
import type { LossFormula } from "./losses/loss.ts";
import {
  type Axes3,
  type Derivative,
  type Graph,
  type GraphValue,
  type Operation,
  operandsOf,
  type Padding3,
  type PlaneRange,
  resultsOf,
  type ValueId,
} from "./operation.ts";

export * from "./operation.ts";

/** Zeros on each side so that a stride-1 convolution keeps the size; an even kernel pads at the end, as Keras does. */
export function samePadding(kernel: Axes3): Padding3 {
  const side = (length: number): readonly [number, number] => [
    Math.floor((length - 1) / 2),
    Math.ceil((length - 1) / 2),
  ];
  return [side(kernel[0]), side(kernel[1]), side(kernel[2])];
}

type Draft<T> = T extends { readonly output: ValueId } ? Omit<T, "output"> : never;

/** Builds a graph operation by operation; every method infers and checks shapes and returns the new value. */
export class GraphBuilder {
  readonly #values: GraphValue[] = [];
  readonly #operations: Operation[] = [];
  readonly #inputs: Record<string, ValueId> = {};
  readonly #outputs: Record<string, ValueId> = {};
  readonly #derivatives: Derivative[] = [];

  /** Goes on from a copy of `graph`. */
  static from(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder();
    builder.#values.push(...graph.values);
    builder.#operations.push(...graph.operations);
    Object.assign(builder.#inputs, graph.inputs);
    Object.assign(builder.#outputs, graph.outputs);
    builder.#derivatives.push(...graph.derivatives);
    return builder;
  }

  input(name: string, shape: readonly number[], type: GraphValue["type"] = "float32"): ValueId {
    if (name in this.#inputs)
      throw new TomoflowError("graph-input-twice", `two graph inputs are named ${name}`);
    this.#inputs[name] = this.#value(shape, type);
    return this.#inputs[name];
  }

  output(name: string, value: ValueId): void {
    this.#outputs[name] = value;
  }

  /** Says that a value, once computed, is the derivative of a loss. */
  derivative(derivative: Derivative): void {
    this.#derivatives.push(derivative);
  }

  /** What was added so far, in order. */
  get operations(): readonly Operation[] {
    return [...this.#operations];
  }

  shape(value: ValueId): readonly number[] {
    return this.#values[value]!.shape;
  }

  conv3d(
    x: ValueId,
    kernel: ValueId,
    options: { bias?: ValueId; relu?: boolean; padding?: Padding3 } = {},
  ): ValueId {
    const [batch, channels, ...extent] = this.shape(x) as [number, number, number, number, number];
    const [out, into, ...size] = this.shape(kernel) as [number, number, number, number, number];
    if (channels !== into)
      throw new TomoflowError(
        "graph-shape",
        `a kernel for ${into} channels is applied to ${channels} channels`,
      );
    const padding = options.padding ?? samePadding(size);
    const shape = extent.map(
      (length, axis) => length + padding[axis]![0] + padding[axis]![1] - size[axis]! + 1,
    );
    const operation = { x, kernel, bias: options.bias ?? null, relu: options.relu ?? false, padding };
    return this.#add({ type: "conv3d", ...operation }, [batch, out, ...shape]);
  }

  transposeKernel(kernel: ValueId): ValueId {
    const [out, into, ...size] = this.shape(kernel);
    return this.#add({ type: "transposeKernel", kernel }, [into!, out!, ...size]);
  }

  conv3dKernelGradient(x: ValueId, gradient: ValueId, padding: Padding3): ValueId {
    const [, into, ...extent] = this.shape(x);
    const [, out, ...outExtent] = this.shape(gradient);
    const size = extent.map(
      (length, axis) => length + padding[axis]![0] + padding[axis]![1] - outExtent[axis]! + 1,
    );
    return this.#add({ type: "conv3dKernelGradient", x, gradient, padding }, [out!, into!, ...size]);
  }

  sumToChannels(x: ValueId): ValueId {
    return this.#add({ type: "sumToChannels", x }, [this.shape(x)[1]!]);
  }

  reluGradient(y: ValueId, gradient: ValueId): ValueId {
    return this.#add({ type: "reluGradient", y, gradient }, this.shape(y));
  }

  maxPool3d(x: ValueId): ValueId {
    return this.#add({ type: "maxPool3d", x }, this.#halved(x));
  }

  maxPool3dGradient(x: ValueId, y: ValueId, gradient: ValueId): ValueId {
    return this.#add({ type: "maxPool3dGradient", x, y, gradient }, this.shape(x));
  }

  upsample3d(x: ValueId): ValueId {
    const [batch, channels, ...extent] = this.shape(x);
    return this.#add({ type: "upsample3d", x }, [batch!, channels!, ...extent.map((length) => 2 * length)]);
  }

  sumPool3d(x: ValueId): ValueId {
    return this.#add({ type: "sumPool3d", x }, this.#halved(x));
  }

  concat(inputs: readonly ValueId[]): ValueId {
    const [batch, , ...extent] = this.shape(inputs[0]!);
    for (const input of inputs) {
      const [otherBatch, , ...other] = this.shape(input);
      if (otherBatch !== batch || other.some((length, axis) => length !== extent[axis]))
        throw new TomoflowError(
          "graph-shape",
          `cannot concatenate ${extent.join("×")} with ${other.join("×")}`,
        );
    }
    const channels = inputs.reduce((sum, input) => sum + this.shape(input)[1]!, 0);
    return this.#add({ type: "concat", inputs }, [batch!, channels, ...extent]);
  }

  sliceChannels(x: ValueId, start: number, count: number): ValueId {
    const [batch, , ...extent] = this.shape(x);
    return this.#add({ type: "sliceChannels", x, start, count }, [batch!, count, ...extent]);
  }

  /** Returns `x` itself when the box is the whole. */
  crop3d(x: ValueId, start: Axes3, extent: Axes3): ValueId {
    const shape = this.shape(x);
    if (shape.slice(-3).every((length, axis) => length === extent[axis])) return x;
    return this.#add({ type: "crop3d", x, start }, [...shape.slice(0, -3), ...extent]);
  }

  /**
   * Planes one after the other along z, each part cut to the (y, x) lengths `plane`. Returns the value itself when a part is all
   * there is, and whole. @throws TomoflowError `graph-shape` for parts that are not float32 or do not fit
   */
  joinPlanes(parts: readonly PlaneRange[], plane: readonly [y: number, x: number]): ValueId {
    const [first] = parts;
    const [batch, channels] = first === undefined ? [] : this.shape(first.x);
    const depth = parts.reduce((sum, { count }) => sum + count, 0);
    const shape = [depth, ...plane];
    if (parts.length === 1 && this.shape(first!.x).slice(-3).join() === shape.join()) return first!.x;
    for (const { x, start, count } of parts) {
      const [otherBatch, otherChannels, ...extent] = this.shape(x);
      const fits = [count, ...plane].every((length, axis) => start[axis]! + length <= extent[axis]!);
      if (fits && otherBatch === batch && otherChannels === channels && this.#values[x]!.type === "float32")
        continue;
      throw new TomoflowError(
        "graph-shape",
        `cannot join ${count} planes of ${plane.join("×")} from ${start.join(", ")} of ${this.shape(x).join("×")}`,
      );
    }
    return this.#add({ type: "joinPlanes", parts }, [batch!, channels!, ...shape]);
  }

  zeros(shape: readonly number[]): ValueId {
    return this.#add({ type: "zeros" }, shape);
  }

  add(a: ValueId, b: ValueId): ValueId {
    const [left, right] = [this.shape(a), this.shape(b)].map((shape) => shape.join("×"));
    if (left !== right) throw new TomoflowError("graph-shape", `cannot add ${left} and ${right}`);
    return this.#add({ type: "add", a, b }, this.shape(a));
  }

  softmax(x: ValueId): ValueId {
    return this.#add({ type: "softmax", x }, this.shape(x));
  }

  softmaxGradient(y: ValueId, gradient: ValueId): ValueId {
    return this.#add({ type: "softmaxGradient", y, gradient }, this.shape(y));
  }

  argMax(x: ValueId): ValueId {
    const [batch, , ...extent] = this.shape(x);
    return this.#add({ type: "argMax", x }, [batch!, ...extent], "uint8");
  }

  loss(probabilities: ValueId, labels: ValueId, formula: LossFormula): ValueId {
    return this.#add({ type: "loss", probabilities, labels, formula }, [1]);
  }

  lossGradient(probabilities: ValueId, labels: ValueId, formula: LossFormula): ValueId {
    return this.#add({ type: "lossGradient", probabilities, labels, formula }, this.shape(probabilities));
  }

  adam(states: {
    parameter: ValueId;
    gradient: ValueId;
    mean: ValueId;
    variance: ValueId;
    rate: ValueId;
    beta1: number;
    beta2: number;
    epsilon: number;
  }): readonly [ValueId, ValueId, ValueId] {
    const shape = this.shape(states.parameter);
    const outputs = [this.#value(shape), this.#value(shape), this.#value(shape)] as const;
    this.#operations.push({ type: "adam", ...states, outputs });
    return outputs;
  }

  movingAverage(
    average: ValueId,
    value: ValueId,
    { step, decay }: { step: ValueId; decay: number },
  ): ValueId {
    return this.#add({ type: "movingAverage", average, value, step, decay }, this.shape(average));
  }

  /** The graph, without the operations that no output needs. */
  build(): Graph {
    const needed = new Set(Object.values(this.#outputs));
    const operations: Operation[] = [];
    for (const operation of this.#operations.toReversed()) {
      if (!resultsOf(operation).some((value) => needed.has(value))) continue;
      for (const operand of operandsOf(operation)) needed.add(operand);
      operations.push(operation);
    }
    return {
      values: [...this.#values],
      operations: operations.reverse(),
      inputs: { ...this.#inputs },
      outputs: { ...this.#outputs },
      derivatives: this.#derivatives.filter(({ value }) => needed.has(value)),
    };
  }

  #value(shape: readonly number[], type: GraphValue["type"] = "float32"): ValueId {
    if (shape.some((length) => !Number.isInteger(length) || length < 1))
      throw new TomoflowError("graph-shape", `a value of the network would have shape ${shape.join("×")}`);
    return this.#values.push({ shape, type }) - 1;
  }

  #add(operation: Draft<Operation>, shape: readonly number[], type: GraphValue["type"] = "float32"): ValueId {
    const output = this.#value(shape, type);
    this.#operations.push({ ...operation, output } as Operation);
    return output;
  }

  #halved(x: ValueId): readonly number[] {
    const [batch, channels, ...extent] = this.shape(x);
    if (extent.some((length) => length % 2 !== 0))
      throw new TomoflowError("graph-shape", `pooling needs even lengths, not ${extent.join("×")}`);
    return [batch!, channels!, ...extent.map((length) => length / 2)];
  }
}
