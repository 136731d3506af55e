/** Boxes of the values of a forward graph: what of its operands an operation needs to make one, and how it makes it. */
import { TomoflowError } from "../core/error.ts";
import {
  type Axes3,
  type Graph,
  type GraphBuilder,
  type Operation,
  operandsOf,
  type Padding3,
  resultsOf,
  type ValueId,
} from "./graph.ts";

/** A box as half-open ranges in voxels of the value itself; volume/ has boxes by their first voxel and shape. */
export type Ranges3 = readonly [z: Range, y: Range, x: Range];
export type Range = readonly [start: number, end: number];

/** (z, y, x) lengths of a box. */
export const extentOf = (box: Ranges3): Axes3 => box.map(([start, end]) => end - start) as unknown as Axes3;

/** Activations are (batch, channel, z, y, x) and come from the input `x`; parameters are read whole. */
export function isVolume(graph: Graph, value: ValueId): boolean {
  if (graph.inputs.x === value) return true;
  return !Object.values(graph.inputs).includes(value);
}

/**
 * What boxes of the named outputs need of each volume-shaped value, at least; values that they do not need are left out. How far
 * a box is needed depends on how far the outputs' boxes go alone, not on where they begin.
 */
export function neededBoxes(graph: Graph, outputs: Readonly<Record<string, Ranges3>>): Map<ValueId, Ranges3> {
  const needed = new Map<ValueId, Ranges3>(
    Object.entries(outputs).map(([name, box]) => [graph.outputs[name]!, box]),
  );
  for (const operation of graph.operations.toReversed()) {
    const outputBox = needed.get(resultsOf(operation)[0]!);
    if (outputBox === undefined) continue;
    const required = requiredOf(graph, operation, outputBox);
    for (const operand of operandsOf(operation)) {
      if (!isVolume(graph, operand)) continue;
      const known = needed.get(operand);
      needed.set(operand, known === undefined ? required : union(known, required));
    }
  }
  return needed;
}

/** The box of its volume operands that an operation reads to make `box` of its output. */
export function requiredOf(graph: Graph, operation: Operation, box: Ranges3): Ranges3 {
  switch (operation.type) {
    case "conv3d": {
      const whole = graph.values[operation.x]!.shape.slice(2);
      const size = graph.values[operation.kernel]!.shape.slice(2);
      return mapAxes(box, ([start, end], axis) => [
        Math.max(0, start - operation.padding[axis]![0]),
        Math.min(whole[axis]!, end - 1 - operation.padding[axis]![0] + size[axis]!),
      ]);
    }
    case "maxPool3d":
      return mapAxes(box, ([start, end]) => [2 * start, 2 * end]);
    case "crop3d":
      return mapAxes(box, ([start, end], axis) => [
        start + operation.start[axis]!,
        end + operation.start[axis]!,
      ]);
    case "upsample3d":
      return mapAxes(box, ([start, end]) => [Math.floor(start / 2), Math.ceil(end / 2)]);
    case "concat":
    case "add":
    case "softmax":
    case "argMax":
      return box;
    default:
      throw new TomoflowError("not-restrictable", `${operation.type} cannot be computed on a box`);
  }
}

export interface BoxedOperation {
  readonly operation: Operation;
  /** Of its output. */
  readonly box: Ranges3;
  /** A parameter, or what `requiredOf` says of a volume-shaped operand. */
  readonly read: (operand: ValueId) => ValueId;
}

/** Adds to `builder` an operation of `graph`, done on a box of its output alone. */
export function emitOnBox(
  graph: Graph,
  builder: GraphBuilder,
  { operation, box, read }: BoxedOperation,
): ValueId {
  switch (operation.type) {
    case "conv3d":
      return convolveOnBox(graph, builder, { operation, box, read });
    case "maxPool3d":
      return builder.maxPool3d(read(operation.x));
    case "crop3d":
      return read(operation.x);
    case "upsample3d": {
      const covered = mapAxes(box, ([start, end]) => [2 * Math.floor(start / 2), 2 * Math.ceil(end / 2)]);
      return cropTo(builder, builder.upsample3d(read(operation.x)), covered, box);
    }
    case "concat":
      return builder.concat(operation.inputs.map(read));
    case "add":
      return builder.add(read(operation.a), read(operation.b));
    case "softmax":
      return builder.softmax(read(operation.x));
    case "argMax":
      return builder.argMax(read(operation.x));
    default:
      throw new TomoflowError("not-restrictable", `${operation.type} cannot be computed on a box`);
  }
}

type BoxedConvolution = BoxedOperation & { readonly operation: Extract<Operation, { type: "conv3d" }> };

/** A box that reads nothing but the zeros around the input is made of a plane of zeros. */
function convolveOnBox(
  graph: Graph,
  builder: GraphBuilder,
  { operation, box, read }: BoxedConvolution,
): ValueId {
  const { x, kernel, bias, relu } = operation;
  const settings = { relu, ...(bias !== null && { bias: read(bias) }) };
  const extent = extentOf(requiredOf(graph, operation, box));
  const padding = restrictedPadding(graph, operation, box);
  if (extent.every((length) => length > 0))
    return builder.conv3d(read(x), read(kernel), { ...settings, padding });
  const size = graph.values[kernel]!.shape.slice(2);
  const lengths = extentOf(box).map((length, axis) => length + size[axis]! - 1);
  const zeros = builder.zeros([...graph.values[x]!.shape.slice(0, 2), 1, ...lengths.slice(1)]);
  const around: Padding3 = [
    [lengths[0]! - 1, 0],
    [0, 0],
    [0, 0],
  ];
  return builder.conv3d(zeros, read(kernel), { ...settings, padding: around });
}

/** Of the zeros that a convolution adds, those that this box still needs. */
function restrictedPadding(
  graph: Graph,
  operation: Extract<Operation, { type: "conv3d" }>,
  box: Ranges3,
): Padding3 {
  const whole = graph.values[operation.x]!.shape.slice(2);
  const size = graph.values[operation.kernel]!.shape.slice(2);
  return box.map(([start, end], axis) => {
    const first = start - operation.padding[axis]![0];
    const last = end - 1 - operation.padding[axis]![0] + size[axis]!;
    return [Math.max(0, -first), Math.max(0, last - whole[axis]!)];
  }) as unknown as Padding3;
}

/** The box `wanted` of a value of which the box `stored` is there. */
export function cropTo(builder: GraphBuilder, value: ValueId, stored: Ranges3, wanted: Ranges3): ValueId {
  const start = mapAxes(wanted, ([from], axis) => [from - stored[axis]![0], 0]).map(([offset]) => offset);
  return builder.crop3d(value, start as unknown as Axes3, extentOf(wanted));
}

const union = (a: Ranges3, b: Ranges3): Ranges3 =>
  mapAxes(a, ([start, end], axis) => [Math.min(start, b[axis]![0]), Math.max(end, b[axis]![1])]);

const mapAxes = (box: Ranges3, map: (range: Range, axis: number) => Range): Ranges3 =>
  box.map((range, axis) => map(range, axis)) as unknown as Ranges3;
