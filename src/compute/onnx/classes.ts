/** Softmax and labels: what works across the classes of each voxel, on stacks (z · batch, class, y, x). */
import { unknownLabel } from "../../network/losses/loss.ts";
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

/** What is true of each voxel. */
export interface Truth {
  /** 1 where the label is the class, else 0; shaped like the probabilities. */
  readonly classes: string;
  /** How much each voxel counts, (z · batch, 1, y, x); all 1 when not given. */
  readonly weights?: string;
}

/** With `unknownWeight` voxels of the unknown label are background of that weight. */
export function truthOf(
  layout: Layout,
  labels: Plain,
  { probabilities, unknownWeight }: { readonly probabilities: Stack; readonly unknownWeight?: number },
): Truth {
  const { model } = layout;
  const { depth, batch, height, width } = probabilities;
  const byPlane = layout.transpose(labels.name, [1, 0, 2, 3]);
  const stacked = layout.reshape(byPlane, [depth * batch, 1, height, width]);
  if (unknownWeight === undefined) return { classes: oneHot(layout, stacked, probabilities) };
  const numbers = model.node("Cast", [stacked], { to: 1 });
  const isUnknown = model.node("Equal", [numbers, model.scalar(unknownLabel)]);
  const known = model.node("Where", [isUnknown, model.scalar(0), numbers]);
  return {
    classes: oneHot(layout, known, probabilities),
    weights: model.node("Where", [isUnknown, model.scalar(unknownWeight), model.scalar(1)]),
  };
}

function oneHot(layout: Layout, stacked: string, { channels }: Stack): string {
  const { model } = layout;
  const ids = model.floats(
    [1, channels, 1, 1],
    Float32Array.from({ length: channels }, (_, label) => label),
  );
  return model.node("Cast", [model.node("Equal", [model.node("Cast", [stacked], { to: 1 }), ids])], {
    to: 1,
  });
}
