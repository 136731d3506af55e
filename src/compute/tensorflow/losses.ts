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
  const operands = { p, truth: truthOf(tf, p, labels) };
  return formula
    .map((term) => tf.reshape(termValue(tf, operands, term), [1]))
    .reduce((total, term) => tf.add(total, term));
}

/** Shaped like `p`. */
export function lossGradient(tf: TensorFlow, p: Tensor5D, { labels, formula }: LossOperands): Tensor {
  const operands = { p, truth: truthOf(tf, p, labels) };
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
}

const truthOf = (tf: TensorFlow, p: Tensor5D, labels: Tensor): Tensor5D =>
  tf.oneHot(tf.cast(labels, "int32"), p.shape[4], 1, 0, "float32") as Tensor5D;

function termValue(tf: TensorFlow, operands: Operands, term: LossTerm): Tensor {
  if (term.over === "classes") {
    const value = printOn(tf, sumsOf(tf, operands, term))(term.value);
    const classes = operands.p.shape[4];
    return tf.add(tf.sum(tf.mul(value, weightsOf(tf, classes, term))), term.offset * classes);
  }
  const { print, weights } = atTruth(tf, operands, term);
  return tf.mean(tf.mul(print(term.value), weights));
}

function classGradient(tf: TensorFlow, operands: Operands, term: ClassTerm): Tensor {
  const perClass = printOn(tf, sumsOf(tf, operands, term));
  const perVoxel = printOn(tf, { p: operands.p, g: operands.truth });
  const weights = weightsOf(tf, operands.p.shape[4], term);
  return classSlopes(term)
    .map(({ outer, inner }) => tf.mul(perVoxel(inner), tf.mul(perClass(outer), weights)))
    .reduce((total, part) => tf.add(total, part));
}

function voxelGradient(tf: TensorFlow, operands: Operands, term: VoxelTerm): Tensor {
  const { print, weights } = atTruth(tf, operands, term);
  const slope = tf.mul(print(voxelSlope(term)), weights);
  return tf.mul(operands.truth, tf.expandDims(tf.mul(slope, 1 / weights.size), 4));
}

/** Each sum over all voxels, (class). */
function sumsOf(tf: TensorFlow, { p, truth }: Operands, { sums }: ClassTerm): Record<string, Tensor> {
  const perVoxel = printOn(tf, { p, g: truth });
  const sumVoxels = (summand: Expression) => tf.sum(perVoxel(summand), [0, 1, 2, 3]);
  return Object.fromEntries(Object.entries(sums).map(([name, summand]) => [name, sumVoxels(summand)]));
}

/** The probability of the true class and the weight of each voxel, both (batch, z, y, x). */
function atTruth(tf: TensorFlow, { p, truth }: Operands, term: VoxelTerm) {
  const ofTruth = (tensor: Tensor) => tf.sum(tf.mul(tensor, truth), 4);
  return {
    print: printOn(tf, { p: ofTruth(p) }),
    weights: ofTruth(weightsOf(tf, p.shape[4], term)),
  };
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
