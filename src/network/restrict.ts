/**
 * Restricts a forward graph to what boxes of its outputs need: every value is computed only on the box that its
 * consumers read, and zero padding is kept only where a box touches the border of the whole. The result inside the box
 * is the same, addition by addition, as that of the whole graph: what a tile computes does not depend on the tiling.
 */
import { cropTo, emitOnBox, extentOf, isVolume, neededBoxes, type Ranges3, requiredOf } from "./boxes.ts";
import { type Graph, GraphBuilder, resultsOf, type ValueId } from "./graph.ts";

export { extentOf, type Range, type Ranges3 } from "./boxes.ts";

export interface RestrictedGraph {
  readonly graph: Graph;
  /** Which box of each volume-shaped graph input to feed. */
  readonly inputBoxes: Readonly<Record<string, Ranges3>>;
}

/** The named outputs, each on its box. @throws TomoflowError `not-restrictable` for operations that have no meaning on a box (gradients, losses) */
export function restrictToBoxes(graph: Graph, outputs: Readonly<Record<string, Ranges3>>): RestrictedGraph {
  const needed = neededBoxes(graph, outputs);
  const builder = new GraphBuilder();
  const values = new Map<ValueId, ValueId>();
  const inputBoxes: Record<string, Ranges3> = {};
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
    values.set(resultsOf(operation)[0]!, emitOnBox(graph, builder, { operation, box: outputBox, read }));
  }
  for (const [name, box] of Object.entries(outputs)) {
    const value = graph.outputs[name]!;
    builder.output(name, cropTo(builder, values.get(value)!, needed.get(value)!, box));
  }
  return { graph: builder.build(), inputBoxes };
}
