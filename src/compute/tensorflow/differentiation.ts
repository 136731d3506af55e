/** Which operations of a graph run forward, and which derivatives tfjs finds from them by its own differentiation. */
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "../../network/graph.ts";

export interface Schedule {
  /** Undefined where the graph asks for no derivative. */
  readonly differentiated: Differentiated | undefined;
  /** What is left to do, in order: without the adjoints that differentiation stands for. */
  readonly operations: readonly Operation[];
}

export interface Differentiated {
  readonly loss: ValueId;
  /** From the inputs to the loss. */
  readonly operations: readonly Operation[];
  /** Values that are differentiated for, and where their derivatives go. */
  readonly wanted: readonly { readonly of: ValueId; readonly value: ValueId }[];
  /** Values on the way to the loss that are needed afterwards. */
  readonly kept: readonly ValueId[];
}

export function scheduleGraph(graph: Graph): Schedule {
  const outputs = Object.values(graph.outputs);
  const inputs = new Set(Object.values(graph.inputs));
  const [first] = graph.derivatives;
  if (first === undefined) return { differentiated: undefined, operations: graph.operations };
  const { loss } = first;
  // derivatives of a second loss, or of a value in the middle, are computed by the graph's own adjoints
  const wanted = graph.derivatives.filter(
    (derivative) => derivative.loss === loss && inputs.has(derivative.of),
  );
  const forward = operationsFor(graph, [loss], inputs);
  const onTheWay = new Set(forward.flatMap(resultsOf));
  const given = new Set([...inputs, ...onTheWay, ...wanted.map(({ value }) => value)]);
  const operations = operationsFor(graph, outputs, given);
  const needed = new Set([...outputs, ...operations.flatMap(operandsOf)]);
  const kept = [...onTheWay].filter((value) => needed.has(value));
  return { differentiated: { loss, operations: forward, wanted, kept }, operations };
}

/** The operations that compute `values` from `given`, in order. */
function operationsFor(
  graph: Graph,
  values: readonly ValueId[],
  given: ReadonlySet<ValueId>,
): readonly Operation[] {
  const needed = new Set(values.filter((value) => !given.has(value)));
  const found: Operation[] = [];
  for (const operation of graph.operations.toReversed()) {
    if (!resultsOf(operation).some((value) => needed.has(value))) continue;
    found.push(operation);
    for (const operand of operandsOf(operation)) if (!given.has(operand)) needed.add(operand);
  }
  return found.reverse();
}
