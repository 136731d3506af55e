/** What every engine asks of the tensors it is fed. */
import { TomoflowError } from "../core/error.ts";
import type { Graph } from "../network/graph.ts";
import type { Tensor, Tensors } from "./engine.ts";

/**
 * @throws TomoflowError `feed-missing`, `feed-shape` unless every input of the graph that is not kept is fed in its shape,
 * and every kept one was loaded
 */
export function checkFeeds(
  graph: Graph,
  feeds: Tensors,
  { kept, loaded }: { kept: ReadonlySet<string>; loaded: { has(name: string): boolean } } = nothingKept,
): void {
  for (const name of Object.keys(graph.inputs)) {
    if (kept.has(name)) {
      if (!loaded.has(name))
        throw new TomoflowError("feed-missing", `the network's kept input ${name} was not loaded`);
      continue;
    }
    const feed = feeds[name];
    if (feed === undefined)
      throw new TomoflowError("feed-missing", `the network's input ${name} was not fed`);
    checkShape(graph, name, feed);
  }
}

const nothingKept = { kept: new Set<string>(), loaded: new Set<string>() };

/** @throws TomoflowError `feed-unknown`, `feed-shape` unless each value is of a kept input, in its shape */
export function checkLoaded(graph: Graph, values: Tensors, kept: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(values)) {
    checkKept(name, kept);
    checkShape(graph, name, value);
  }
}

/** @throws TomoflowError `feed-unknown` */
export function checkKept(name: string, kept: ReadonlySet<string>): void {
  if (!kept.has(name)) throw new TomoflowError("feed-unknown", `the network keeps no input ${name}`);
}

/** The names of kept inputs. @throws TomoflowError `feed-unknown` where the graph has no such input */
export function keptInputs(graph: Graph, names: readonly string[] = []): ReadonlySet<string> {
  for (const name of names)
    if (!(name in graph.inputs))
      throw new TomoflowError("feed-unknown", `the network has no input ${name} to keep`);
  return new Set(names);
}

function checkShape(graph: Graph, name: string, feed: Tensor): void {
  const { shape } = graph.values[graph.inputs[name]!]!;
  if (feed.shape.join() !== shape.join())
    throw new TomoflowError(
      "feed-shape",
      `input ${name} has shape ${feed.shape.join("×")}, not ${shape.join("×")}`,
    );
}
