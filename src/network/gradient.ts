/**
 * Reverse-mode differentiation as a graph transformation: the adjoint of each operation, written once, in the same
 * primitives (Griewank and Walther 2008, ch. 3).
 */
import { TomoflowError } from "../core/error.ts";
import { type GraphBuilder, type Operation, operandsOf, type Padding3, type ValueId } from "./graph.ts";

/**
 * Adds to `builder` the operations that compute the derivative of `loss`, the output of a `loss` operation, with
 * respect to each of `wanted`.
 *
 * @returns the derivative by value, shaped like the value
 * @throws TomoflowError `not-differentiable` when an operation on the way has no adjoint
 */
export function addGradients(
  builder: GraphBuilder,
  loss: ValueId,
  wanted: readonly ValueId[],
): ReadonlyMap<ValueId, ValueId> {
  const { operations } = builder;
  const useful = dependents(operations, wanted);
  const parts = new Map<ValueId, ValueId>();
  const accumulate = (value: ValueId, part: ValueId) => {
    const known = parts.get(value);
    parts.set(value, known === undefined ? part : builder.add(known, part));
  };
  for (const operation of operations.toReversed()) {
    if (operation.type === "loss" && operation.output === loss) {
      accumulate(
        operation.probabilities,
        builder.lossGradient(operation.probabilities, operation.labels, operation.formula),
      );
      continue;
    }
    const gradient = operation.type === "adam" ? undefined : parts.get(operation.output);
    if (gradient === undefined) continue;
    for (const [value, part] of adjoint(builder, operation, gradient, useful)) accumulate(value, part());
  }
  const found = wanted.map((value) => [value, parts.get(value) ?? unreachable(value)] as const);
  for (const [of, value] of found) builder.derivative({ loss, of, value });
  return new Map(found);
}

type Adjoint = readonly (readonly [ValueId, () => ValueId])[];

function adjoint(
  builder: GraphBuilder,
  operation: Operation,
  gradient: ValueId,
  useful: ReadonlySet<ValueId>,
): Adjoint {
  const all = allAdjoints(builder, operation, gradient);
  return all.filter(([value]) => useful.has(value));
}

function allAdjoints(builder: GraphBuilder, operation: Operation, gradient: ValueId): Adjoint {
  switch (operation.type) {
    case "conv3d":
      return convolutionAdjoint(builder, operation, gradient);
    case "maxPool3d":
      return [[operation.x, () => builder.maxPool3dGradient(operation.x, operation.output, gradient)]];
    case "upsample3d":
      return [[operation.x, () => builder.sumPool3d(gradient)]];
    case "concat": {
      let start = 0;
      return operation.inputs.map((input) => {
        const [from, count] = [start, builder.shape(input)[1]!];
        start += count;
        return [input, () => builder.sliceChannels(gradient, from, count)] as const;
      });
    }
    case "add":
      return [
        [operation.a, () => gradient],
        [operation.b, () => gradient],
      ];
    case "softmax":
      return [[operation.x, () => builder.softmaxGradient(operation.output, gradient)]];
    default:
      throw new TomoflowError("not-differentiable", `${operation.type} has no adjoint`);
  }
}

function convolutionAdjoint(
  builder: GraphBuilder,
  operation: Extract<Operation, { type: "conv3d" }>,
  gradient: ValueId,
): Adjoint {
  const { x, kernel, bias, padding, output } = operation;
  let masked: ValueId | undefined;
  const beforeRelu = () => {
    masked ??= operation.relu ? builder.reluGradient(output, gradient) : gradient;
    return masked;
  };
  const size = builder.shape(kernel).slice(2);
  const adjointPadding = padding.map(([before, after], axis) => [
    size[axis]! - 1 - before,
    size[axis]! - 1 - after,
  ]) as unknown as Padding3;
  const entries: (readonly [ValueId, () => ValueId])[] = [
    [x, () => builder.conv3d(beforeRelu(), builder.transposeKernel(kernel), { padding: adjointPadding })],
    [kernel, () => builder.conv3dKernelGradient(x, beforeRelu(), padding)],
  ];
  if (bias !== null) entries.push([bias, () => builder.sumToChannels(beforeRelu())]);
  return entries;
}

/** The values that depend on any of `sources`, themselves included. */
function dependents(operations: readonly Operation[], sources: readonly ValueId[]): ReadonlySet<ValueId> {
  const found = new Set(sources);
  for (const operation of operations)
    if (operation.type !== "adam" && operandsOf(operation).some((operand) => found.has(operand)))
      found.add(operation.output);
  return found;
}

function unreachable(value: ValueId): never {
  throw new TomoflowError("not-differentiable", `the loss does not depend on value ${value}`);
}
