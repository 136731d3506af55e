/** Losses and their derivatives as ONNX nodes, on stacks (z · batch, class, y, x). What they compute, their formulas say. */
import { createPrint, type Expression } from "../../network/losses/expression.ts";
import {
  type ClassTerm,
  classSlopes,
  type LossFormula,
  type LossTerm,
  leastCount,
  type VoxelTerm,
  voxelSlope,
} from "../../network/losses/loss.ts";
import type { Truth } from "./classes.ts";
import type { Layout, Stack } from "./layout.ts";

interface Operands {
  readonly p: Stack;
  readonly truth: Truth;
}

/** The loss as a tensor of shape (1). */
export function lowerLoss(layout: Layout, operands: Operands, formula: LossFormula): string {
  return formula
    .map((term) => layout.reshape(termValue(layout, operands, term), [1]))
    .reduce((total, term) => layout.model.node("Add", [total, term]));
}

export function lowerLossGradient(layout: Layout, operands: Operands, formula: LossFormula): Stack {
  const name = formula
    .map((term) =>
      term.over === "classes" ? classGradient(layout, operands, term) : voxelGradient(layout, operands, term),
    )
    .reduce((total, term) => layout.model.node("Add", [total, term]));
  return { ...operands.p, name };
}

function termValue(layout: Layout, operands: Operands, term: LossTerm): string {
  const { model } = layout;
  if (term.over === "classes") {
    const value = printOn(layout, sumsOf(layout, operands, term))(term.value);
    const total = model.node("ReduceSum", [weigh(layout, value, operands.p, term)], { keepdims: 0 });
    return model.node("Add", [total, model.scalar(term.offset * operands.p.channels)]);
  }
  const { print, weights, share } = atTruth(layout, operands, term);
  const weighted = model.node("Mul", [print(term.value), weights]);
  const total = model.node("ReduceSum", [weighted], { keepdims: 0 });
  return model.node("Mul", [total, share]);
}

function classGradient(layout: Layout, operands: Operands, term: ClassTerm): string {
  const { model } = layout;
  const perClass = printOn(layout, sumsOf(layout, operands, term));
  const perVoxel = printOn(layout, { p: operands.p.name, g: operands.truth.classes });
  return classSlopes(term)
    .map(({ outer, inner }) => {
      const slope = weigh(layout, perClass(outer), operands.p, term);
      const isOne = inner.type === "number" && inner.value === 1;
      const product = isOne ? slope : model.node("Mul", [perVoxel(inner), slope]);
      return weighVoxels(layout, product, operands);
    })
    .reduce((total, part) => model.node("Add", [total, part]));
}

function voxelGradient(layout: Layout, operands: Operands, term: VoxelTerm): string {
  const { model } = layout;
  const { print, weights, share } = atTruth(layout, operands, term);
  const slope = model.node("Mul", [print(voxelSlope(term)), weights]);
  return model.node("Mul", [operands.truth.classes, model.node("Mul", [slope, share])]);
}

/** Each sum over all voxels, (1, class, 1, 1). */
function sumsOf(layout: Layout, operands: Operands, { sums }: ClassTerm): Record<string, string> {
  const { model } = layout;
  const perVoxel = printOn(layout, { p: operands.p.name, g: operands.truth.classes });
  const sumVoxels = (summand: Expression) =>
    model.node("ReduceSum", [weighVoxels(layout, perVoxel(summand), operands), model.integers([0, 2, 3])], {
      keepdims: 1,
    });
  return Object.fromEntries(Object.entries(sums).map(([name, summand]) => [name, sumVoxels(summand)]));
}

function weighVoxels({ model }: Layout, perVoxel: string, { truth }: Operands): string {
  return truth.weights === undefined ? perVoxel : model.node("Mul", [perVoxel, truth.weights]);
}

/**
 * The probability of the true class and the weight of each voxel, both (z · batch, 1, y, x), and the share of a voxel of weight 1 in
 * their mean.
 */
function atTruth(layout: Layout, operands: Operands, term: VoxelTerm) {
  const { p, truth } = operands;
  const { model } = layout;
  const ofTruth = (tensor: string) =>
    model.node("ReduceSum", [model.node("Mul", [tensor, truth.classes]), model.integers([1])], {
      keepdims: 1,
    });
  return {
    print: printOn(layout, { p: ofTruth(p.name) }),
    weights: weighVoxels(layout, ofTruth(classWeights(layout, p.channels, term)), operands),
    share: shareOfVoxel(layout, operands),
  };
}

function shareOfVoxel({ model }: Layout, { p, truth }: Operands): string {
  if (truth.weights === undefined) return model.scalar(1 / (p.depth * p.batch * p.height * p.width));
  const count = model.node("ReduceSum", [truth.weights], { keepdims: 0 });
  return model.node("Div", [model.scalar(1), model.node("Max", [count, model.scalar(leastCount)])]);
}

const nodeTypes = { plus: "Add", minus: "Sub", times: "Mul", over: "Div", log: "Log", exp: "Exp" } as const;

/** Prints expressions of the named tensors. */
function printOn(
  { model }: Layout,
  tensors: Readonly<Record<string, string>>,
): (expression: Expression) => string {
  return createPrint<string>({
    number: (value) => model.scalar(value),
    variable: (name) => tensors[name]!,
    operate: (type, a, b) => model.node(nodeTypes[type], [a, b]),
    power: (base, exponent) => model.node("Pow", [base, model.scalar(exponent)]),
    apply: (name, of) => model.node(nodeTypes[name], [of]),
    atLeast: (of, least) => model.node("Max", [of, model.scalar(least)]),
  });
}

function weigh(layout: Layout, perClass: string, { channels }: Stack, term: ClassTerm): string {
  if (term.classWeights === undefined) return perClass;
  return layout.model.node("Mul", [perClass, classWeights(layout, channels, term)]);
}

const classWeights = (layout: Layout, classes: number, term: LossTerm): string =>
  layout.model.floats(
    [1, classes, 1, 1],
    Float32Array.from({ length: classes }, (_, label) => term.classWeights?.[label] ?? 1),
  );
