/** What every engine asks of the tensors it is fed. */
import { TomoflowError } from "../core/error.ts";
import type { Graph } from "../network/graph.ts";
import type { Feeds, Tensor, Tensors } from "./engine.ts";

/**
 * What functions give is checked when they give it, by `giveFeeds`.
 *
 * @throws TomoflowError `feed-missing`, `feed-shape` unless every input of the graph that is not kept is fed in its shape,
 * and every kept one was loaded
 */
export function checkFeeds(
  graph: Graph,
  feeds: Feeds,
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
    if (typeof feed !== "function") checkShape(graph, name, feed);
  }
}

/**
 * The tensors of the named inputs, asked for one after the other.
 *
 * @throws TomoflowError `feed-shape`; what a function throws; the signal's reason, at once
 */
export async function giveFeeds(
  graph: Graph,
  feeds: Feeds,
  { names, signal }: { names: readonly string[]; signal?: AbortSignal },
): Promise<Tensors> {
  const given: Record<string, Tensor> = {};
  for (const name of names) {
    const feed = feeds[name]!;
    signal?.throwIfAborted();
    const tensor = typeof feed === "function" ? await untilAborted(async () => feed(), signal) : feed;
    checkShape(graph, name, tensor);
    given[name] = tensor;
  }
  return given;
}

function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
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

/** A copy where the memory is shared by threads: neither onnxruntime nor Dawn's binding takes such, and the latter ends the process. */
export const unshared = (data: Tensor["data"]): Tensor["data"] =>
  data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
