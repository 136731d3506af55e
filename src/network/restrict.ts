/**
 * Restricts a forward graph to what boxes of its outputs need: every value is computed only on the box that its
 * consumers read, and zero padding is kept only where a box touches the border of the whole. The result inside the box
 * is the same, addition by addition, as that of the whole graph: what a tile computes does not depend on the tiling.
 */
import { TomoflowError } from "../core/error.ts";
import {
  type Axes3,
  type Graph,
  GraphBuilder,
  type Operation,
  operandsOf,
  type Padding3,
  resultsOf,
  type ValueId,
} from "./graph.ts";

/** Half-open ranges in voxels of the value itself, for z, y, x. */
export type Box = readonly [z: Range, y: Range, x: Range];
export type Range = readonly [start: number, end: number];

export interface RestrictedGraph {
  readonly graph: Graph;
  /** Which box of each volume-shaped graph input to feed. */
  readonly inputBoxes: Readonly<Record<string, Box>>;
}

/** The named outputs, each on its box. @throws TomoflowError `not-restrictable` for operations that have no meaning on a box (gradients, losses) */
export function restrictToBoxes(graph: Graph, outputs: Readonly<Record<string, Box>>): RestrictedGraph {
  const needed = neededBoxes(graph, outputs);
  const builder = new GraphBuilder();
  const values = new Map<ValueId, ValueId>();
  const inputBoxes: Record<string, Box> = {};
  for (const [name, value] of Object.entries(graph.inputs)) {
    const { shape, type } = graph.values[value]!;
    const inputBox = needed.get(value);
    if (inputBox === undefined || !isVolume(graph, value)) {
      values.set(value, builder.input(name, shape, type));
      continue;
    }
    inputBoxes[name] = inputBox;
    values.set(value, builder.input(name, [...shape.slice(0, -3), ...extentOf(inputBox)], type));
  }
  for (const operation of graph.operations) {
    const outputBox = needed.get(resultsOf(operation)[0]!);
    if (outputBox === undefined) continue;
    const read = (operand: ValueId) => {
      const stored = values.get(operand)!;
      if (!isVolume(graph, operand)) return stored;
      return cropTo(builder, stored, needed.get(operand)!, requiredOf(graph, operation, outputBox));
    };
    values.set(resultsOf(operation)[0]!, emit(graph, builder, operation, outputBox, read));
  }
  for (const [name, box] of Object.entries(outputs)) {
    const value = graph.outputs[name]!;
    builder.output(name, cropTo(builder, values.get(value)!, needed.get(value)!, box));
  }
  return { graph: builder.build(), inputBoxes };
}

/** (z, y, x) lengths of a box. */
export const extentOf = (box: Box): Axes3 => box.map(([start, end]) => end - start) as unknown as Axes3;

/** Activations are (batch, channel, z, y, x) and come from the input `x`; parameters are read whole. */
function isVolume(graph: Graph, value: ValueId): boolean {
  if (graph.inputs.x === value) return true;
  return !Object.values(graph.inputs).includes(value);
}

function neededBoxes(graph: Graph, outputs: Readonly<Record<string, Box>>): Map<ValueId, Box> {
  const needed = new Map<ValueId, Box>(
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
function requiredOf(graph: Graph, operation: Operation, box: Box): Box {
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

function emit(
  graph: Graph,
  builder: GraphBuilder,
  operation: Operation,
  box: Box,
  read: (operand: ValueId) => ValueId,
): ValueId {
  switch (operation.type) {
    case "conv3d": {
      const padding = restrictedPadding(graph, operation, box);
      const bias = operation.bias === null ? {} : { bias: read(operation.bias) };
      return builder.conv3d(read(operation.x), read(operation.kernel), {
        ...bias,
        relu: operation.relu,
        padding,
      });
    }
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

/** Of the zeros that a convolution adds, those that this box still needs. */
function restrictedPadding(
  graph: Graph,
  operation: Extract<Operation, { type: "conv3d" }>,
  box: Box,
): Padding3 {
  const whole = graph.values[operation.x]!.shape.slice(2);
  const size = graph.values[operation.kernel]!.shape.slice(2);
  return box.map(([start, end], axis) => {
    const first = start - operation.padding[axis]![0];
    const last = end - 1 - operation.padding[axis]![0] + size[axis]!;
    return [Math.max(0, -first), Math.max(0, last - whole[axis]!)];
  }) as unknown as Padding3;
}

function cropTo(builder: GraphBuilder, value: ValueId, stored: Box, wanted: Box): ValueId {
  const start = mapAxes(wanted, ([from], axis) => [from - stored[axis]![0], 0]).map(([offset]) => offset);
  return builder.crop3d(value, start as unknown as Axes3, extentOf(wanted));
}

const union = (a: Box, b: Box): Box =>
  mapAxes(a, ([start, end], axis) => [Math.min(start, b[axis]![0]), Math.max(end, b[axis]![1])]);

const mapAxes = (box: Box, map: (range: Range, axis: number) => Range): Box =>
  box.map((range, axis) => map(range, axis)) as unknown as Box;
