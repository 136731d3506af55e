/**
 * Which planes of a forward graph's values equal the plane before, whatever is fed: those of a margin of zeros, at any depth of the
 * network. They need not be computed.
 */
import { isVolume, type Ranges3, requiredOf } from "./boxes.ts";
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "./graph.ts";

/** By volume-shaped value, for each of its planes: whether it is as the plane before. */
export function repeatedPlanes(graph: Graph): ReadonlyMap<ValueId, readonly boolean[]> {
  const kinds = new Map<ValueId, readonly number[]>();
  const depthOf = (value: ValueId) => graph.values[value]!.shape.at(-3)!;
  for (const value of Object.values(graph.inputs))
    if (isVolume(graph, value))
      kinds.set(
        value,
        Array.from({ length: depthOf(value) }, (_, z) => z),
      );
  for (const operation of graph.operations) {
    const [value] = resultsOf(operation) as [ValueId];
    const known = new Map<string, number>();
    const kindOf = (plane: number): number => {
      const origin = originOf(graph, operation, { plane, kinds });
      const kind = known.get(origin) ?? known.size;
      known.set(origin, kind);
      return kind;
    };
    kinds.set(
      value,
      Array.from({ length: depthOf(value) }, (_, plane) => kindOf(plane)),
    );
  }
  return new Map(
    [...kinds].map(([value, of]) => [value, of.map((kind, plane) => plane > 0 && kind === of[plane - 1])]),
  );
}

/** What a plane is made of: planes of the operands, by their kinds, and zeros before them. */
function originOf(
  graph: Graph,
  operation: Operation,
  { plane, kinds }: { plane: number; kinds: ReadonlyMap<ValueId, readonly number[]> },
): string {
  const any = [0, 1] as const;
  const [[start, end]]: Ranges3 = requiredOf(graph, operation, [[plane, plane + 1], any, any]);
  const read = operandsOf(operation).filter((operand) => kinds.has(operand));
  const planes = read.map((operand) => kinds.get(operand)!.slice(start, Math.max(start, end)).join());
  return `${zerosBefore(graph, operation, plane)}:${planes.join("|")}`;
}

function zerosBefore({ values }: Graph, operation: Operation, plane: number): number {
  if (operation.type !== "conv3d") return 0;
  const size = values[operation.kernel]!.shape[2]!;
  const zeros = Math.min(size, Math.max(0, operation.padding[0][0] - plane));
  const after = plane - operation.padding[0][0] >= values[operation.x]!.shape[2]!;
  return after ? size : zeros;
}
