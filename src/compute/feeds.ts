/** What every engine asks of the tensors it is fed. */
import { TomoflowError } from "../core/error.ts";
import type { Graph } from "../network/graph.ts";
import type { Tensors } from "./engine.ts";

/** @throws TomoflowError `feed-missing`, `feed-shape` unless every input of the graph is fed in its shape */
export function checkFeeds(graph: Graph, feeds: Tensors): void {
  for (const [name, value] of Object.entries(graph.inputs)) {
    const { shape } = graph.values[value]!;
    const feed = feeds[name];
    if (feed === undefined)
      throw new TomoflowError("feed-missing", `the network's input ${name} was not fed`);
    if (feed.shape.join() !== shape.join())
      throw new TomoflowError(
        "feed-shape",
        `input ${name} has shape ${feed.shape.join("×")}, not ${shape.join("×")}`,
      );
  }
}
