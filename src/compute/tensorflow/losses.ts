/** Losses of class probabilities (batch, z, y, x, class) against labels (batch, z, y, x), which tfjs differentiates. */
import type { Loss } from "../../network/graph.ts";
import type { Tensor, Tensor5D, TensorFlow } from "./runtime.ts";

/** Keeps the logarithm finite; so small that a voxel which is utterly wrong still gets its full gradient. */
const leastProbability = 1e-30;

/** Keeps (1 − p) to a negative power finite where p is rounded to 1. */
const leastRest = 1e-8;

/** Denominators below this are a class that is neither there nor predicted: its index is 0, not 0/0. */
const smallest = 1e-7;

/** A tensor of shape (1). */
export function evaluateLoss(tf: TensorFlow, p: Tensor5D, { labels, loss }: LossOperands): Tensor {
  const truth = tf.oneHot(tf.cast(labels, "int32"), p.shape[4], 1, 0, "float32") as Tensor5D;
  return tf.reshape(lossAgainst(tf, p, truth, loss), [1]);
}

export interface LossOperands {
  readonly labels: Tensor;
  readonly loss: Loss;
}

function lossAgainst(tf: TensorFlow, p: Tensor5D, truth: Tensor5D, loss: Loss): Tensor {
  switch (loss.type) {
    case "sum":
      return loss.terms
        .map((term) => lossAgainst(tf, p, truth, term))
        .reduce((total, term) => tf.add(total, term));
    case "tversky":
      return tverskyLoss(tf, p, truth, loss);
    case "focal":
      return focalLoss(tf, p, truth, loss);
  }
}

function tverskyLoss(
  tf: TensorFlow,
  p: Tensor5D,
  truth: Tensor5D,
  { alpha, beta, classWeights }: Extract<Loss, { type: "tversky" }>,
): Tensor {
  const perClass = (tensor: Tensor) => tf.sum(tensor, [0, 1, 2, 3]);
  const overlap = perClass(tf.mul(p, truth));
  const sides = tf.add(tf.mul(perClass(p), alpha), tf.mul(perClass(truth), beta));
  const whole = tf.add(tf.mul(overlap, 1 - alpha - beta), sides);
  const index = tf.div(overlap, tf.maximum(whole, smallest));
  const classes = p.shape[4];
  return tf.sub(classes, tf.sum(tf.mul(index, weightsOf(tf, classes, classWeights))));
}

function focalLoss(
  tf: TensorFlow,
  p: Tensor5D,
  truth: Tensor5D,
  { gamma, classWeights }: Extract<Loss, { type: "focal" }>,
): Tensor {
  const ofTruth = (tensor: Tensor) => tf.sum(tf.mul(tensor, truth), 4);
  const chosen = tf.maximum(ofTruth(p), leastProbability);
  const weights = ofTruth(weightsOf(tf, p.shape[4], classWeights));
  const weighted = tf.mul(tf.log(chosen), weights);
  if (gamma === 0) return tf.neg(tf.mean(weighted));
  const rest = tf.pow(tf.maximum(tf.sub(1, chosen), leastRest), gamma);
  return tf.neg(tf.mean(tf.mul(rest, weighted)));
}

const weightsOf = (tf: TensorFlow, classes: number, weights: readonly number[] | undefined): Tensor =>
  tf.tensor1d(Array.from({ length: classes }, (_, label) => weights?.[label] ?? 1));
