/** Softmax, losses and labels: what works across the classes of each voxel, on stacks (z · batch, class, y, x). */
import type { Loss } from "../../network/graph.ts";
import { type Layout, type Lowered, type Plain, type Planes, type Stack, sum } from "./layout.ts";

/** Plane by plane where the input is in planes, so that those of a whole volume need not all be kept. */
export function lowerSoftmax(layout: Layout, x: Lowered): Planes | Stack {
  if (x.kind !== "planes") return softmaxOfStack(layout, layout.toStack(x));
  const names = x.names.map((name) => softmaxOfStack(layout, layout.toStack({ ...x, names: [name] })).name);
  return { ...x, names, segments: [sum(x.segments)], blocked: false };
}

function softmaxOfStack(layout: Layout, x: Stack): Stack {
  const { model } = layout;
  const classes = model.integers([1]);
  const shifted = model.node("Sub", [x.name, model.node("ReduceMax", [x.name, classes], { keepdims: 1 })]);
  const powers = model.node("Exp", [shifted]);
  const name = model.node("Div", [powers, model.node("ReduceSum", [powers, classes], { keepdims: 1 })]);
  return { ...x, name };
}

/** p · (g − Σ_c p g). */
export function lowerSoftmaxGradient(layout: Layout, y: Stack, gradient: Stack): Stack {
  const { model } = layout;
  const product = model.node("Mul", [y.name, gradient.name]);
  const total = model.node("ReduceSum", [product, model.integers([1])], { keepdims: 1 });
  return { ...y, name: model.node("Mul", [y.name, model.node("Sub", [gradient.name, total])]) };
}

/** uint8 (batch, z, y, x). Planes are done one by one, so that their channels need not all be kept. */
export function lowerArgMax(layout: Layout, value: Lowered): string {
  const { model } = layout;
  const stacks = value.kind === "planes" ? value.names.map((name) => ({ ...value, names: [name] })) : [value];
  const parts = stacks.map((part) => {
    const { name, depth, batch, height, width } = layout.toStack(part);
    const labels = model.node("Cast", [model.node("ArgMax", [name], { axis: 1, keepdims: 0 })], { to: 2 });
    return layout.reshape(labels, [depth, batch, height, width]);
  });
  return layout.transpose(layout.concat(parts, 0), [1, 0, 2, 3]);
}

/** 1 where the label is the class, else 0; shaped like `probabilities`. */
export function oneHot(
  layout: Layout,
  labels: Plain,
  { depth, batch, channels, height, width }: Stack,
): string {
  const { model } = layout;
  const byPlane = layout.transpose(labels.name, [1, 0, 2, 3]);
  const stacked = layout.reshape(byPlane, [depth * batch, 1, height, width]);
  const ids = model.floats(
    [1, channels, 1, 1],
    Float32Array.from({ length: channels }, (_, label) => label),
  );
  return model.node("Cast", [model.node("Equal", [model.node("Cast", [stacked], { to: 1 }), ids])], {
    to: 1,
  });
}

/** The loss as a tensor of shape (1). */
export function lowerLoss(layout: Layout, p: Stack, truth: string, loss: Loss): string {
  const { model } = layout;
  if (loss.type === "sum")
    return loss.terms
      .map((term) => lowerLoss(layout, p, truth, term))
      .reduce((total, term) => model.node("Add", [total, term]));
  if (loss.type === "tversky") {
    const { overlap, denominator } = tverskyTerms(layout, p, truth, loss);
    const index = weigh(layout, model.node("Div", [overlap, denominator]), p, loss);
    const total = model.node("ReduceSum", [index], { keepdims: 0 });
    return layout.reshape(model.node("Sub", [model.scalar(p.channels), total]), [1]);
  }
  const { chosen, weights, voxels } = focalTerms(layout, p, truth, loss);
  const modulated = model.node("Mul", [power(layout, chosen, loss.gamma), model.node("Log", [chosen])]);
  const total = model.node("ReduceSum", [model.node("Mul", [modulated, weights])], { keepdims: 0 });
  return layout.reshape(model.node("Mul", [total, model.scalar(-1 / voxels)]), [1]);
}

export function lowerLossGradient(layout: Layout, p: Stack, truth: string, loss: Loss): Stack {
  return { ...p, name: gradientOf(layout, p, truth, loss) };
}

function gradientOf(layout: Layout, p: Stack, truth: string, loss: Loss): string {
  switch (loss.type) {
    case "tversky":
      return tverskyGradient(layout, p, truth, loss);
    case "focal":
      return focalGradient(layout, p, truth, loss);
    case "sum":
      return loss.terms
        .map((term) => gradientOf(layout, p, truth, term))
        .reduce((total, term) => layout.model.node("Add", [total, term]));
  }
}

type Tversky = Extract<Loss, { type: "tversky" }>;
type Focal = Extract<Loss, { type: "focal" }>;

/** Keeps logarithm and quotient finite; so small that a voxel which is utterly wrong still gets its full gradient. */
const leastProbability = 1e-30;

/** Keeps (1 − p) to a negative power finite where p is rounded to 1. */
const leastRest = 1e-8;

/** Denominators below this are a class that is neither there nor predicted: its index is 0, not 0/0. */
const smallest = 1e-7;

/** Σpg and Σpg + αΣp(1−g) + βΣ(1−p)g = (1−α−β)Σpg + αΣp + βΣg, each (1, class, 1, 1). */
function tverskyTerms(layout: Layout, p: Stack, truth: string, { alpha, beta }: Tversky) {
  const { model } = layout;
  const sumVoxels = (tensor: string) =>
    model.node("ReduceSum", [tensor, model.integers([0, 2, 3])], { keepdims: 1 });
  const times = (tensor: string, factor: number) => model.node("Mul", [tensor, model.scalar(factor)]);
  const overlap = sumVoxels(model.node("Mul", [p.name, truth]));
  const sides = model.node("Add", [times(sumVoxels(p.name), alpha), times(sumVoxels(truth), beta)]);
  const whole = model.node("Add", [times(overlap, 1 - alpha - beta), sides]);
  return { overlap, denominator: model.node("Max", [whole, model.scalar(smallest)]) };
}

/** dL/dp = αT/d − g(1 − (1−α−β)T)/d with T the index and d its denominator. */
function tverskyGradient(layout: Layout, p: Stack, truth: string, loss: Tversky): string {
  const { model } = layout;
  const { overlap, denominator } = tverskyTerms(layout, p, truth, loss);
  const index = model.node("Div", [overlap, denominator]);
  const perClass = (tensor: string) => weigh(layout, model.node("Div", [tensor, denominator]), p, loss);
  const everywhere = perClass(model.node("Mul", [index, model.scalar(loss.alpha)]));
  const rest = model.node("Mul", [index, model.scalar(1 - loss.alpha - loss.beta)]);
  const where = perClass(model.node("Sub", [model.scalar(1), rest]));
  return model.node("Sub", [everywhere, model.node("Mul", [truth, where])]);
}

/** Probability of the true class, kept off 0, and the weight of each voxel, both (z · batch, 1, y, x). */
function focalTerms(layout: Layout, p: Stack, truth: string, loss: Focal) {
  const { model } = layout;
  const ofTruth = (tensor: string) =>
    model.node("ReduceSum", [model.node("Mul", [tensor, truth]), model.integers([1])], { keepdims: 1 });
  const chosen = model.node("Max", [ofTruth(p.name), model.scalar(leastProbability)]);
  const weights = ofTruth(classWeights(layout, p.channels, loss.classWeights));
  return { chosen, weights, voxels: p.depth * p.batch * p.height * p.width };
}

/** d/dp of −w (1−p)^γ log p / voxels at the true class: w (γ (1−p)^(γ−1) log p − (1−p)^γ / p) / voxels. */
function focalGradient(layout: Layout, p: Stack, truth: string, loss: Focal): string {
  const { model } = layout;
  const { chosen, weights, voxels } = focalTerms(layout, p, truth, loss);
  const direct = model.node("Div", [power(layout, chosen, loss.gamma), chosen]);
  const through =
    loss.gamma === 0
      ? model.scalar(0)
      : model.node("Mul", [
          model.node("Mul", [power(layout, chosen, loss.gamma - 1), model.node("Log", [chosen])]),
          model.scalar(loss.gamma),
        ]);
  const slope = model.node("Mul", [model.node("Sub", [through, direct]), weights]);
  return model.node("Mul", [truth, model.node("Mul", [slope, model.scalar(1 / voxels)])]);
}

/** (1 − p)^exponent. */
function power(layout: Layout, p: string, exponent: number): string {
  const { model } = layout;
  const rest = model.node("Max", [model.node("Sub", [model.scalar(1), p]), model.scalar(leastRest)]);
  return model.node("Pow", [rest, model.scalar(exponent)]);
}

function weigh(
  layout: Layout,
  perClass: string,
  { channels }: Stack,
  { classWeights: weights }: Tversky,
): string {
  if (weights === undefined) return perClass;
  return layout.model.node("Mul", [perClass, classWeights(layout, channels, weights)]);
}

const classWeights = (layout: Layout, classes: number, weights: readonly number[] | undefined): string =>
  layout.model.floats(
    [1, classes, 1, 1],
    Float32Array.from({ length: classes }, (_, label) => weights?.[label] ?? 1),
  );
