/** Copies that need no buffer: their one reader copies from where they would have. */
import { type Graph, type Operation, operandsOf, type ValueId } from "../../../network/graph.ts";

/** What a value would be made by that is not stored; see `fusedCopies`. */
export type FusedCopy = Extract<Operation, { type: "joinPlanes" | "upsample3d" }>;

/** Planes that are joined for one concatenation alone, and what is upsampled for one crop alone. */
export function fusedCopies(graph: Graph): ReadonlyMap<ValueId, FusedCopy> {
  const readers = readersOf(graph);
  const outputs = new Set(Object.values(graph.outputs));
  const fused = new Map<ValueId, FusedCopy>();
  for (const operation of graph.operations) {
    if (operation.type !== "joinPlanes" && operation.type !== "upsample3d") continue;
    const [reader, ...others] = readers.get(operation.output) ?? [];
    const wanted = operation.type === "joinPlanes" ? "concat" : "crop3d";
    if (reader?.type === wanted && others.length === 0 && !outputs.has(operation.output))
      fused.set(operation.output, operation);
  }
  return fused;
}

function readersOf({ operations }: Graph): ReadonlyMap<ValueId, readonly Operation[]> {
  const readers = new Map<ValueId, Operation[]>();
  for (const operation of operations)
    for (const operand of operandsOf(operation)) {
      const known = readers.get(operand);
      if (known === undefined) readers.set(operand, [operation]);
      else known.push(operation);
    }
  return readers;
}
