/**
 * Which values `precision: f16` stores in 16 bits: activations, on the way forward, that convolutions read, with pooling,
 * upsampling and concatenation between them. What stays in 32 bits: what is fed and returned, weights, logits and
 * probabilities, the loss, and everything that depends on its gradient, so that no loss scaling is needed.
 */
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "../../../network/graph.ts";

export function halfValues(graph: Graph): ReadonlySet<ValueId> {
  const backward = backwardValues(graph);
  const inputs = new Set(Object.values(graph.inputs));
  const excluded = new Set([
    ...inputs,
    ...joinsOf(graph, inputs),
    ...Object.values(graph.outputs),
    ...backward,
  ]);
  const read = new Set<ValueId>();
  for (const operation of graph.operations.toReversed()) {
    if (operation.type === "conv3d") read.add(operation.x);
    else if (passesOn.has(operation.type) && read.has(resultsOf(operation)[0]!))
      for (const operand of operandsOf(operation)) read.add(operand);
  }
  return new Set(
    [...read].filter((value) => !excluded.has(value) && graph.values[value]!.type === "float32"),
  );
}

/** Values joined of planes of `sources`: what is fed in chunks is stored as what is fed whole. */
const joinsOf = ({ operations }: Graph, sources: ReadonlySet<ValueId>): readonly ValueId[] =>
  operations.flatMap((operation) =>
    operation.type === "joinPlanes" && operation.parts.some(({ x }) => sources.has(x))
      ? [operation.output]
      : [],
  );

/** Operations whose result convolutions read in place of their operands. */
const passesOn = new Set<Operation["type"]>([
  "maxPool3d",
  "upsample3d",
  "concat",
  "crop3d",
  "joinPlanes",
  "add",
]);

/** Values that depend on a gradient of the loss. */
export function backwardValues(graph: Graph): ReadonlySet<ValueId> {
  const backward = new Set<ValueId>();
  for (const operation of graph.operations)
    if (operation.type === "lossGradient" || operandsOf(operation).some((value) => backward.has(value)))
      for (const result of resultsOf(operation)) backward.add(result);
  return backward;
}
