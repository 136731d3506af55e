import type { Graph } from "../network/graph.ts";
import type { Engine, Feeds, Tensors } from "./engine.ts";

/** Compiles a graph without kept inputs, runs it and releases it. */
export async function runOnce(engine: Pick<Engine, "compile">, graph: Graph, feeds: Feeds): Promise<Tensors> {
  const program = await engine.compile(graph);
  try {
    return await program.run(feeds);
  } finally {
    await program.dispose();
  }
}
