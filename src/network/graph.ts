/**
 * A network as data: values with shapes, and operations in order. Engines compile these primitives and know nothing
 * of networks, training or tomograms. Activations are (batch, channel, z, y, x); kernels (out, in, kz, ky, kx).
 */
import { TomoflowError } from "../core/error.ts";

/** Index into `Graph.values`. */
export type ValueId = number;

export interface GraphValue {
  readonly shape: readonly number[];
  readonly type: "float32" | "uint8";
}

/** (z, y, x) triple. */
export type Axes3 = readonly [z: number, y: number, x: number];

/** Zeros added before and after, for each of (z, y, x). */
export type Padding3 = readonly [
  z: readonly [before: number, after: number],
  y: readonly [before: number, after: number],
  x: readonly [before: number, after: number],
];

/**
 * The primitives. `gradient` is always the derivative of the loss with respect to the forward operation's output.
 * Each adjoint is written in the same primitives (see gradient.ts).
 */
export type Operation =
  /** Correlation with zero padding, plus bias, optionally followed by max(0, ·). */
  | {
      readonly type: "conv3d";
      readonly x: ValueId;
      readonly kernel: ValueId;
      readonly bias: ValueId | null;
      readonly relu: boolean;
      readonly padding: Padding3;
      readonly output: ValueId;
    }
  /** Kernel of the adjoint convolution: in and out swapped, flipped along z, y and x. */
  | { readonly type: "transposeKernel"; readonly kernel: ValueId; readonly output: ValueId }
  /** Derivative of conv3d with respect to its kernel. */
  | {
      readonly type: "conv3dKernelGradient";
      readonly x: ValueId;
      readonly gradient: ValueId;
      readonly padding: Padding3;
      readonly output: ValueId;
    }
  /** Sum over batch, z, y, x: (channel). */
  | { readonly type: "sumToChannels"; readonly x: ValueId; readonly output: ValueId }
  /** gradient where y > 0, else 0; y is the output of the rectifier. */
  | {
      readonly type: "reluGradient";
      readonly y: ValueId;
      readonly gradient: ValueId;
      readonly output: ValueId;
    }
  /** Maximum over 2×2×2. */
  | { readonly type: "maxPool3d"; readonly x: ValueId; readonly output: ValueId }
  /** Gradient to the maxima of each 2×2×2 cell, shared equally between ties. */
  | {
      readonly type: "maxPool3dGradient";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly gradient: ValueId;
      readonly output: ValueId;
    }
  /** Nearest-neighbour upsampling by 2 along z, y, x. */
  | { readonly type: "upsample3d"; readonly x: ValueId; readonly output: ValueId }
  /** Sum over 2×2×2: the adjoint of upsample3d. */
  | { readonly type: "sumPool3d"; readonly x: ValueId; readonly output: ValueId }
  /** Along the channels. */
  | { readonly type: "concat"; readonly inputs: readonly ValueId[]; readonly output: ValueId }
  | {
      readonly type: "sliceChannels";
      readonly x: ValueId;
      readonly start: number;
      readonly count: number;
      readonly output: ValueId;
    }
  /** The box [start, start + shape) of (z, y, x). */
  | { readonly type: "crop3d"; readonly x: ValueId; readonly start: Axes3; readonly output: ValueId }
  | { readonly type: "add"; readonly a: ValueId; readonly b: ValueId; readonly output: ValueId }
  /** Over the channels. */
  | { readonly type: "softmax"; readonly x: ValueId; readonly output: ValueId }
  | {
      readonly type: "softmaxGradient";
      readonly y: ValueId;
      readonly gradient: ValueId;
      readonly output: ValueId;
    }
  /** Label of the largest channel (the lowest on ties): uint8 (batch, z, y, x). */
  | { readonly type: "argMax"; readonly x: ValueId; readonly output: ValueId }
  /** Scalar loss of class probabilities against labels (batch, z, y, x). */
  | {
      readonly type: "loss";
      readonly probabilities: ValueId;
      readonly labels: ValueId;
      readonly loss: Loss;
      readonly output: ValueId;
    }
  /** Derivative of `loss` with respect to the probabilities. */
  | {
      readonly type: "lossGradient";
      readonly probabilities: ValueId;
      readonly labels: ValueId;
      readonly loss: Loss;
      readonly output: ValueId;
    }
  /**
   * One step of Adam in place of its three states (Kingma and Ba 2015, as Keras writes it): m ← β₁m + (1−β₁)g,
   * v ← β₂v + (1−β₂)g², p ← p − rate·m/(√v + ε). `rate` (1) already holds the bias corrections.
   */
  | {
      readonly type: "adam";
      readonly parameter: ValueId;
      readonly gradient: ValueId;
      readonly mean: ValueId;
      readonly variance: ValueId;
      readonly rate: ValueId;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      /** Parameter, mean, variance after the step. */
      readonly outputs: readonly [ValueId, ValueId, ValueId];
    };

export type Loss =
  /**
   * classes − Σ_c w_c T_c with T = Σpg / (Σpg + αΣp(1−g) + βΣ(1−p)g), over all voxels of the batch
   * (Salehi et al. 2017; α = β = ½ is the Dice loss of Milletari et al. 2016).
   */
  | {
      readonly type: "tversky";
      readonly alpha: number;
      readonly beta: number;
      /** w_c by label; 1 where not given. */
      readonly classWeights?: readonly number[];
    }
  /** −mean over voxels of w_c (1 − p_c)^γ log p_c for the true class c (γ = 0: cross-entropy; Lin et al. 2017). */
  | { readonly type: "focal"; readonly gamma: number; readonly classWeights?: readonly number[] }
  /** Sum of the terms, as Dice with cross-entropy (Isensee et al., nnU-Net, 2021). */
  | { readonly type: "sum"; readonly terms: readonly Loss[] };

export interface Graph {
  readonly values: readonly GraphValue[];
  readonly operations: readonly Operation[];
  /** Fed at every run. */
  readonly inputs: Readonly<Record<string, ValueId>>;
  readonly outputs: Readonly<Record<string, ValueId>>;
}

/** Values that an operation reads. */
export function operandsOf(operation: Operation): readonly ValueId[] {
  switch (operation.type) {
    case "conv3d":
      return operation.bias === null
        ? [operation.x, operation.kernel]
        : [operation.x, operation.kernel, operation.bias];
    case "transposeKernel":
      return [operation.kernel];
    case "conv3dKernelGradient":
      return [operation.x, operation.gradient];
    case "reluGradient":
    case "softmaxGradient":
      return [operation.y, operation.gradient];
    case "maxPool3dGradient":
      return [operation.x, operation.y, operation.gradient];
    case "concat":
      return operation.inputs;
    case "add":
      return [operation.a, operation.b];
    case "loss":
    case "lossGradient":
      return [operation.probabilities, operation.labels];
    case "adam":
      return [operation.parameter, operation.gradient, operation.mean, operation.variance, operation.rate];
    default:
      return [operation.x];
  }
}

export const resultsOf = (operation: Operation): readonly ValueId[] =>
  operation.type === "adam" ? operation.outputs : [operation.output];

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

  /** Goes on from a copy of `graph`. */
  static from(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder();
    builder.#values.push(...graph.values);
    builder.#operations.push(...graph.operations);
    Object.assign(builder.#inputs, graph.inputs);
    Object.assign(builder.#outputs, graph.outputs);
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

  add(a: ValueId, b: ValueId): ValueId {
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

  loss(probabilities: ValueId, labels: ValueId, loss: Loss): ValueId {
    return this.#add({ type: "loss", probabilities, labels, loss }, [1]);
  }

  lossGradient(probabilities: ValueId, labels: ValueId, loss: Loss): ValueId {
    return this.#add({ type: "lossGradient", probabilities, labels, loss }, this.shape(probabilities));
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
