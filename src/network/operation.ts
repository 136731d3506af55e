/** The primitive operations of a network's graph. Activations are (batch, channel, z, y, x); kernels (out, in, kz, ky, kx). */

import type { LossFormula } from "./losses/loss.ts";

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

/** `count` planes of a value, from the voxel `start` on. */
export interface PlaneRange {
  readonly x: ValueId;
  readonly start: Axes3;
  readonly count: number;
}

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
  /** Ranges of planes one after the other along z, each cut in y and x to the extent of the output; forward only. */
  | { readonly type: "joinPlanes"; readonly parts: readonly PlaneRange[]; readonly output: ValueId }
  /** Zeros of the output's shape. */
  | { readonly type: "zeros"; readonly output: ValueId }
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
      readonly formula: LossFormula;
      readonly output: ValueId;
    }
  /** Derivative of `loss` with respect to the probabilities. */
  | {
      readonly type: "lossGradient";
      readonly probabilities: ValueId;
      readonly labels: ValueId;
      readonly formula: LossFormula;
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
    }
  /**
   * Exponential moving average, as TensorFlow's `ExponentialMovingAverage` with `num_updates`: d·average + (1−d)·value, where
   * d = min(decay, (1+step)/(10+step)), so that the first values are soon forgotten. `step` (1) counts from 0.
   */
  | {
      readonly type: "movingAverage";
      readonly average: ValueId;
      readonly value: ValueId;
      readonly step: ValueId;
      readonly decay: number;
      readonly output: ValueId;
    };

/** A value that holds the derivative of a loss, as the operations before it compute it. */
export interface Derivative {
  /** Output of a `loss` operation. */
  readonly loss: ValueId;
  readonly of: ValueId;
  /** Shaped like `of`. */
  readonly value: ValueId;
}

export interface Graph {
  readonly values: readonly GraphValue[];
  readonly operations: readonly Operation[];
  /** Fed at every run. */
  readonly inputs: Readonly<Record<string, ValueId>>;
  readonly outputs: Readonly<Record<string, ValueId>>;
  /** What `addGradients` added: an engine with differentiation of its own may compute these values by it. */
  readonly derivatives: readonly Derivative[];
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
    case "joinPlanes":
      return operation.parts.map(({ x }) => x);
    case "zeros":
      return [];
    case "add":
      return [operation.a, operation.b];
    case "loss":
    case "lossGradient":
      return [operation.probabilities, operation.labels];
    case "adam":
      return [operation.parameter, operation.gradient, operation.mean, operation.variance, operation.rate];
    case "movingAverage":
      return [operation.average, operation.value, operation.step];
    default:
      return [operation.x];
  }
}

export const resultsOf = (operation: Operation): readonly ValueId[] =>
  operation.type === "adam" ? operation.outputs : [operation.output];
