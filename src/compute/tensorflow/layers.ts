/**
 * What convolutional networks are made of, on (batch, z, y, x, channel). tfjs differentiates through it; where its own rule
 * would keep more in memory, or share a maximum's gradient otherwise than the graph says, the rule is given here.
 */
import type { Operation } from "../../network/graph.ts";
import { convolve, type Formulation } from "./convolution.ts";
import type { Tensor, Tensor5D, TensorFlow } from "./runtime.ts";

type ConvolutionLayer = Extract<Operation, { type: "conv3d" }>;

/** Convolution, bias, rectifier. */
export function convolutionLayer(
  tf: TensorFlow,
  formulation: Formulation,
  {
    x,
    kernel,
    bias,
    layer,
  }: { x: Tensor5D; kernel: Tensor5D; bias: Tensor | undefined; layer: ConvolutionLayer },
): Tensor5D {
  const product = convolve(tf, formulation, { x, kernel, padding: layer.padding });
  if (!layer.relu) return bias === undefined ? product : tf.add(product, bias);
  return bias === undefined ? rectify(tf, product) : rectifyBiased(tf, product, bias);
}

/** Keeps its result alone for the gradient, not what came in. */
const rectify = (tf: TensorFlow, x: Tensor5D): Tensor5D =>
  tf.customGrad((input, save) => {
    const value = tf.relu(input as Tensor5D);
    (save as SaveTensors)([value]);
    return { value, gradFunc: (dy: Tensor5D, [y]: Tensor[]) => reluGradient(tf, y!, dy) };
  })(x);

const rectifyBiased = (tf: TensorFlow, x: Tensor5D, bias: Tensor): Tensor5D =>
  tf.customGrad((input, shift, save) => {
    const value = tf.relu(tf.add(input as Tensor5D, shift as Tensor)) as Tensor5D;
    (save as SaveTensors)([value]);
    const gradFunc = (dy: Tensor5D, [y]: Tensor[]) => {
      const masked = reluGradient(tf, y!, dy);
      return [masked, tf.sum(masked, [0, 1, 2, 3])];
    };
    return { value, gradFunc };
  })(x, bias);

type SaveTensors = (tensors: Tensor[]) => void;

export const reluGradient = (tf: TensorFlow, y: Tensor, gradient: Tensor): Tensor =>
  tf.mul(gradient, tf.cast(tf.greater(y, 0), "float32"));

/** Maximum over 2×2×2. */
export const maxPool = (tf: TensorFlow, x: Tensor5D): Tensor5D =>
  tf.customGrad((input, save) => {
    const value = tf.maxPool3d(input as Tensor5D, 2, 2, "valid");
    (save as SaveTensors)([input as Tensor5D, value]);
    const gradFunc = (gradient: Tensor5D, [whole, y]: Tensor[]) =>
      maxPoolGradient(tf, { x: whole as Tensor5D, y: y as Tensor5D, gradient });
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
    return { value, gradFunc: (dy: Tensor5D) => sumCells(tf, dy) };
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
