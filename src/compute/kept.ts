/** Kept inputs of engines whose values are the processor's anyway: they are held here and fed again. */
import { TomoflowError } from "../core/error.ts";
import type { Graph } from "../network/graph.ts";
import type { CompileOptions, Program, Tensor, Tensors } from "./engine.ts";
import { checkFeeds, checkKept, checkLoaded, giveFeeds, keptInputs } from "./feeds.ts";

/** A program of an engine that only runs: every input fed, every output returned. */
export interface PlainProgram {
  run(feeds: Tensors): Promise<Tensors>;
  dispose(): Promise<void>;
}

/**
 * Adds to `program` kept inputs, checks of what it is fed, and turns: runs are done one after the other, since two at once
 * would take twice the memory.
 */
export function keepInProcess(graph: Graph, options: CompileOptions, program: PlainProgram): Program {
  const kept = keptInputs(graph, options.kept);
  const loaded = new Map<string, Tensor>();
  const inTurn = takingTurns();
  return {
    run: (feeds, signal) =>
      inTurn(async () => {
        checkFeeds(graph, feeds, { kept, loaded });
        const names = Object.keys(graph.inputs).filter((name) => !kept.has(name));
        const given = await giveFeeds(graph, feeds, { names, signal });
        const results = Object.entries(await program.run({ ...given, ...Object.fromEntries(loaded) }));
        for (const [name, value] of results) if (kept.has(name)) loaded.set(name, value);
        return Object.fromEntries(results.filter(([name]) => !kept.has(name)));
      }),
    load: (values) =>
      inTurn(async () => {
        checkLoaded(graph, values, kept);
        for (const [name, value] of Object.entries(values)) loaded.set(name, value);
      }),
    read: (names) =>
      inTurn(async () =>
        Object.fromEntries(names.map((name) => [name, loadedValue(name, { kept, loaded })])),
      ),
    dispose: () => inTurn(() => program.dispose()),
  };
}

function loadedValue(
  name: string,
  { kept, loaded }: { kept: ReadonlySet<string>; loaded: ReadonlyMap<string, Tensor> },
): Tensor {
  checkKept(name, kept);
  const value = loaded.get(name);
  if (value === undefined)
    throw new TomoflowError("feed-missing", `the network's kept input ${name} was not loaded`);
  return value;
}

/** Does what it is given in the order of the calls, one at a time. */
export function takingTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let previous: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = previous.then(work);
    previous = result.catch(() => undefined);
    return result;
  };
}
