/** How fast an engine computes the network at full width: a forward pass and a training step, a second or two. */
import { Random } from "../../../core/random.ts";
import { floatingPointOperations } from "../../../network/cost.ts";
import { type Graph, GraphBuilder } from "../../../network/graph.ts";
import {
  type Architecture,
  addNetwork,
  deepFinderFilters,
  networkParameters,
} from "../../../network/networks.ts";
import { elementCount, initialParameters } from "../../../network/parameters.ts";
import { deepFinderAdam, trainingGraph } from "../../../network/training-graph.ts";
import type { Engine, Tensors } from "../../engine.ts";

export interface TrialSizes {
  readonly network: Architecture;
  /** Sides of the cubes, voxels. */
  readonly forward: number;
  readonly training: { readonly side: number; readonly batch: number };
}

/** About 100 GFLOP each. */
export const fullWidth: TrialSizes = {
  network: { classes: 13, filters: deepFinderFilters },
  forward: 64,
  training: { side: 40, batch: 2 },
};

/** GFLOP/s. */
export interface Speed {
  readonly forwardGigaflops: number;
  readonly trainingGigaflops: number;
}

export async function timeNetwork(
  engine: Pick<Engine, "compile">,
  { network, forward, training }: TrialSizes = fullWidth,
): Promise<Speed> {
  return {
    forwardGigaflops: await gigaflopsOf(engine, forwardGraph(network, forward), network),
    trainingGigaflops: await gigaflopsOf(engine, stepGraph(network, training), network),
  };
}

/** Labels of a cube. */
export function forwardGraph(network: Architecture, side: number): Graph {
  const builder = new GraphBuilder();
  const { logits } = addNetwork(builder, network, { batch: 1, extent: [side, side, side] });
  builder.output("labels", builder.argMax(logits));
  return builder.build();
}

/** A step of Adam on a batch of cubes. */
export function stepGraph(network: Architecture, { side, batch }: TrialSizes["training"]): Graph {
  const loss = { name: "dice" } as const;
  return trainingGraph(network, { batch, extent: [side, side, side] }, loss, deepFinderAdam);
}

const mostRepeats = 8;
/** Of one measurement, milliseconds. */
const longest = 500;

/** Best of the repeats, weights already with the engine. */
async function gigaflopsOf(
  engine: Pick<Engine, "compile">,
  graph: Graph,
  network: Architecture,
): Promise<number> {
  const { kept, states, feeds } = trialInputs(graph, network);
  const program = await engine.compile(graph, { kept });
  try {
    await program.load(states);
    await program.run(feeds);
    const start = performance.now();
    let best = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < mostRepeats && performance.now() - start < longest; repeat++) {
      const from = performance.now();
      await program.run(feeds);
      best = Math.min(best, performance.now() - from);
    }
    return floatingPointOperations(graph) / best / 1e6;
  } finally {
    await program.dispose();
  }
}

/** Inputs of the graphs above: weights and the optimizer's states, which stay with the engine, and what every run is fed. */
export function trialInputs(
  graph: Graph,
  network: Architecture,
): { readonly kept: readonly string[]; readonly states: Tensors; readonly feeds: Tensors } {
  const kept = Object.keys(graph.inputs).filter((name) => !["x", "labels", "rate"].includes(name));
  const all = Object.entries(feedsOf(graph, network));
  return {
    kept,
    states: Object.fromEntries(all.filter(([name]) => kept.includes(name))),
    feeds: Object.fromEntries(all.filter(([name]) => !kept.includes(name))),
  };
}

function feedsOf(graph: Graph, network: Architecture): Tensors {
  const random = new Random(1);
  const parameters = initialParameters(networkParameters(network), random);
  return Object.fromEntries(
    Object.entries(graph.inputs).map(([name, value]) => {
      const { shape, type } = graph.values[value]!;
      const length = elementCount(shape);
      if (type === "uint8")
        return [
          name,
          { shape, data: Uint8Array.from({ length }, () => random.integer(0, network.classes - 1)) },
        ];
      const draw = () => (name === "x" ? random.normal() : 1e-4);
      return [name, { shape, data: parameters.get(name) ?? Float32Array.from({ length }, draw) }];
    }),
  );
}
