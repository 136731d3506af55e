/**
 * What convolutional networks are made of, on (batch, z, y, x, channel). tfjs differentiates through it, but keeps every
 * gradient until the last is known; the rules given here free what came in, and what was saved, once it is used.
 */
import type { Operation } from "../../network/graph.ts";
import { convolutionGradients, convolve, type Formulation } from "./convolution.ts";
import type { Tensor, Tensor5D, TensorFlow } from "./runtime.ts";

type ConvolutionLayer = Extract<Operation, { type: "conv3d" }>;
type SaveTensors = (tensors: Tensor[]) => void;

export interface LayerOperands {
  readonly x: Tensor5D;
  readonly kernel: Tensor5D;
  readonly bias: Tensor | undefined;
  readonly layer: ConvolutionLayer;
}

/** Convolution, bias, rectifier: the result is saved, not what it is rectified from. */
export function convolutionLayer(
  tf: TensorFlow,
  formulation: Formulation,
  { x, kernel, bias, layer }: LayerOperands,
): Tensor5D {
  const { padding, relu } = layer;
  const operands: Tensor[] = bias === undefined ? [x, kernel] : [x, kernel, bias];
  return tf.customGrad((...given) => {
    const save = given.pop() as unknown as SaveTensors;
    const [input, weights, shift] = given as [Tensor5D, Tensor5D, Tensor?];
    const product = convolve(tf, formulation, { x: input, kernel: weights, padding });
    const sum = shift === undefined ? product : tf.add(product, shift);
    const value = (relu ? tf.relu(sum) : sum) as Tensor5D;
    save(relu ? [input, weights, value] : [input, weights]);
    const gradFunc = (dy: Tensor5D, saved: Tensor[]) => {
      const [whole, filter, y] = saved as [Tensor5D, Tensor5D, Tensor5D?];
      return usedUp(tf, [dy, ...saved], () => {
        const gradient = y === undefined ? dy : reluGradient(tf, y, dy);
        const toOperands = { x: whole, kernel: filter, padding, gradient };
        const gradients = [...convolutionGradients(tf, formulation, toOperands)];
        return shift === undefined ? gradients : [...gradients, tf.sum(gradient, [0, 1, 2, 3])];
      });
    };
    return { value, gradFunc };
  })(...operands) as Tensor5D;
}

/** What `work` returns; its own tensors and those it `uses` are freed. */
function usedUp<Result extends Tensor | Tensor[]>(
  tf: TensorFlow,
  uses: readonly Tensor[],
  work: () => Result,
): Result {
  const result = tf.tidy(work);
  tf.dispose([...uses]);
  return result;
}

export const reluGradient = <T extends Tensor>(tf: TensorFlow, y: T, gradient: T): T =>
  tf.mul(gradient, tf.cast(tf.greater(y, 0), "float32"));

/** Maximum over 2×2×2. */
export const maxPool = (tf: TensorFlow, x: Tensor5D): Tensor5D =>
  tf.customGrad((input, save) => {
    const value = tf.maxPool3d(input as Tensor5D, 2, 2, "valid");
    (save as SaveTensors)([input as Tensor5D, value]);
    const gradFunc = (gradient: Tensor5D, saved: Tensor[]) => {
      const [whole, y] = saved as [Tensor5D, Tensor5D];
      return usedUp(tf, [gradient, ...saved], () => maxPoolGradient(tf, { x: whole, y, gradient }));
    };
    return { value, gradFunc };
  })(x);

/** To the maxima of each cell, shared equally between ties. */
export function maxPoolGradient(
  tf: TensorFlow,
  { x, y, gradient }: { x: Tensor5D; y: Tensor5D; gradient: Tensor5D },
): Tensor5D {
  const isLargest: Tensor5D = tf.cast(tf.equal(x, enlarge(tf, y)), "float32");
  const share: Tensor5D = tf.div(gradient, sumCells(tf, isLargest));
  return tf.mul(enlarge(tf, share), isLargest);
}

/** Nearest-neighbour upsampling by 2. */
export const upsample = (tf: TensorFlow, x: Tensor5D): Tensor5D =>
  tf.customGrad((input) => {
    const value = enlarge(tf, input as Tensor5D);
    return { value, gradFunc: (dy: Tensor5D) => usedUp(tf, [dy], () => sumCells(tf, dy)) };
  })(x);

/** Each voxel twice along x, then y, then z: copies of ever longer runs. */
function enlarge(tf: TensorFlow, x: Tensor5D): Tensor5D {
  const [batch, depth, height, width, channels] = x.shape;
  let value: Tensor = x;
  for (const [count, run] of [
    [batch * depth * height * width, channels],
    [batch * depth * height, 2 * width * channels],
    [batch * depth, 4 * height * width * channels],
  ] as const) {
    const runs = tf.reshape(value, [count, 1, run]);
    value = tf.concat([runs, runs], 1);
  }
  return tf.reshape(value, [batch, 2 * depth, 2 * height, 2 * width, channels]);
}

/** Sum over 2×2×2: along z, then y, then x. */
export function sumCells(tf: TensorFlow, x: Tensor5D): Tensor5D {
  const [batch, depth, height, width, channels] = x.shape;
  let value: Tensor = x;
  for (const [count, run] of [
    [(batch * depth) / 2, height * width * channels],
    [(batch * depth * height) / 4, width * channels],
    [(batch * depth * height * width) / 8, channels],
  ] as const)
    value = tf.sum(tf.reshape(value, [count, 2, run]), 1);
  return tf.reshape(value, [batch, depth / 2, height / 2, width / 2, channels]);
}
