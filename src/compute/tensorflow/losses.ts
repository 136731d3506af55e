/**
 * Losses of class probabilities (batch, z, y, x, class) against labels (batch, z, y, x), and their derivatives, as tfjs
 * operations. What they compute, their formulas say; tfjs is told the derivative, so that it is the one of all engines.
 */
import { createPrint, type Expression } from "../../network/losses/expression.ts";
import {
  type ClassTerm,
  classSlopes,
  type LossFormula,
  type LossTerm,
  leastCount,
  unknownLabel,
  unknownWeightOf,
  type VoxelTerm,
  voxelSlope,
} from "../../network/losses/loss.ts";
import type { Tensor, Tensor5D, TensorFlow } from "./runtime.ts";

export interface LossOperands {
  readonly labels: Tensor;
  readonly formula: LossFormula;
}

/** A tensor of shape (1). */
export function evaluateLoss(tf: TensorFlow, p: Tensor5D, { labels, formula }: LossOperands): Tensor {
  // tfjs's types lack that the last argument keeps tensors until the gradient is asked for
  const evaluate = tf.customGrad(((x: Tensor5D, save: (kept: Tensor[]) => void) => {
    save([x, labels]);
    return {
      value: lossOf(tf, x, { labels, formula }),
      gradFunc: (outer: Tensor, [keptX, keptLabels]: Tensor[]) => {
        const slopes = lossGradient(tf, keptX as Tensor5D, { labels: keptLabels!, formula });
        return tf.mul(tf.reshape(outer, []), slopes);
      },
    };
  }) as unknown as Parameters<typeof tf.customGrad>[0]);
  return evaluate(p);
}

function lossOf(tf: TensorFlow, p: Tensor5D, { labels, formula }: LossOperands): Tensor {
  const operands = operandsOf(tf, p, { labels, formula });
  return formula
    .map((term) => tf.reshape(termValue(tf, operands, term), [1]))
    .reduce((total, term) => tf.add(total, term));
}

/** Shaped like `p`. */
export function lossGradient(tf: TensorFlow, p: Tensor5D, { labels, formula }: LossOperands): Tensor {
  const operands = operandsOf(tf, p, { labels, formula });
  const slopes = formula
    .map((term) =>
      term.over === "classes" ? classGradient(tf, operands, term) : voxelGradient(tf, operands, term),
    )
    .reduce((total, term) => tf.add(total, term));
  return tf.broadcastTo(slopes, p.shape);
}

interface Operands {
  readonly p: Tensor5D;
  /** 1 where the class is true, else 0; shaped like `p`. */
  readonly truth: Tensor5D;
  /** How much each voxel counts, (batch, z, y, x); all 1 when not given. */
  readonly voxelWeights?: Tensor;
}

function operandsOf(tf: TensorFlow, p: Tensor5D, { labels, formula }: LossOperands): Operands {
  const numbers = tf.cast(labels, "int32");
  const truthOf = (known: Tensor) => tf.oneHot(known, p.shape[4], 1, 0, "float32") as Tensor5D;
  const unknownWeight = unknownWeightOf(formula);
  if (unknownWeight === undefined) return { p, truth: truthOf(numbers) };
  const isUnknown = tf.equal(numbers, tf.scalar(unknownLabel, "int32"));
  return {
    p,
    truth: truthOf(tf.where(isUnknown, tf.zerosLike(numbers), numbers)),
    voxelWeights: tf.add(tf.mul(tf.cast(isUnknown, "float32"), unknownWeight - 1), 1),
  };
}

function termValue(tf: TensorFlow, operands: Operands, term: LossTerm): Tensor {
  if (term.over === "classes") {
    const value = printOn(tf, sumsOf(tf, operands, term))(term.value);
    const classes = operands.p.shape[4];
    return tf.add(tf.sum(tf.mul(value, weightsOf(tf, classes, term))), term.offset * classes);
  }
  const { print, weights, share } = atTruth(tf, operands, term);
  const weighted = tf.mul(print(term.value), weights);
  return share === undefined ? tf.mean(weighted) : tf.mul(tf.sum(weighted), share);
}

function classGradient(tf: TensorFlow, operands: Operands, term: ClassTerm): Tensor {
  const perClass = printOn(tf, sumsOf(tf, operands, term));
  const perVoxel = printOn(tf, { p: operands.p, g: operands.truth });
  const weights = weightsOf(tf, operands.p.shape[4], term);
  return classSlopes(term)
    .map(({ outer, inner }) =>
      weighVoxels(tf, tf.mul(perVoxel(inner), tf.mul(perClass(outer), weights)), operands),
    )
    .reduce((total, part) => tf.add(total, part));
}

function voxelGradient(tf: TensorFlow, operands: Operands, term: VoxelTerm): Tensor {
  const { print, weights, share = 1 / weights.size } = atTruth(tf, operands, term);
  const slope = tf.mul(print(voxelSlope(term)), weights);
  return tf.mul(operands.truth, tf.expandDims(tf.mul(slope, share), 4));
}

/** Each sum over all voxels, (class). */
function sumsOf(tf: TensorFlow, operands: Operands, { sums }: ClassTerm): Record<string, Tensor> {
  const perVoxel = printOn(tf, { p: operands.p, g: operands.truth });
  const sumVoxels = (summand: Expression) =>
    tf.sum(weighVoxels(tf, perVoxel(summand), operands), [0, 1, 2, 3]);
  return Object.fromEntries(Object.entries(sums).map(([name, summand]) => [name, sumVoxels(summand)]));
}

/** Of (batch, z, y, x, class). */
function weighVoxels(tf: TensorFlow, perVoxel: Tensor, { voxelWeights }: Operands): Tensor {
  return voxelWeights === undefined ? perVoxel : tf.mul(perVoxel, tf.expandDims(voxelWeights, 4));
}

/**
 * The probability of the true class and the weight of each voxel, both (batch, z, y, x), and the share of a voxel of weight 1 in their
 * mean where voxels do not count alike.
 */
function atTruth(tf: TensorFlow, { p, truth, voxelWeights }: Operands, term: VoxelTerm) {
  const ofTruth = (tensor: Tensor) => tf.sum(tf.mul(tensor, truth), 4);
  const print = printOn(tf, { p: ofTruth(p) });
  const weights = ofTruth(weightsOf(tf, p.shape[4], term));
  if (voxelWeights === undefined) return { print, weights };
  const share = tf.div(1, tf.maximum(tf.sum(voxelWeights), leastCount));
  return { print, weights: tf.mul(weights, voxelWeights), share };
}

const operations = { plus: "add", minus: "sub", times: "mul", over: "div" } as const;

/** Prints expressions of the named tensors. */
function printOn(
  tf: TensorFlow,
  tensors: Readonly<Record<string, Tensor>>,
): (expression: Expression) => Tensor {
  return createPrint<Tensor>({
    number: (value) => tf.scalar(value),
    variable: (name) => tensors[name]!,
    operate: (type, a, b) => tf[operations[type]](a, b),
    power: (base, exponent) => tf.pow(base, tf.scalar(exponent)),
    apply: (name, of) => tf[name](of),
    atLeast: (of, least) => tf.maximum(of, least),
  });
}

const weightsOf = (tf: TensorFlow, classes: number, { classWeights }: LossTerm): Tensor =>
  tf.tensor1d(Array.from({ length: classes }, (_, label) => classWeights?.[label] ?? 1));
