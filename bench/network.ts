/**
 * The network's speed and memory beside this machine's own matrix product, each case in a process of its own:
 *   node --import tsx bench/network.ts [--threads 2]
 * The matrix product (onnxruntime's, 1536³) is measured before and after each case; ratios are to the mean of the two.
 */
import { availableParallelism } from "node:os";
import type { Engine } from "../src/compute/engine.ts";
import { createOnnxEngine } from "../src/compute/onnx/engine.ts";
import { Random } from "../src/core/random.ts";
import { floatingPointOperations } from "../src/network/cost.ts";
import { type Graph, GraphBuilder } from "../src/network/graph.ts";
import { addNetwork, deepFinderFilters, networkParameters } from "../src/network/networks.ts";
import { initialParameters } from "../src/network/parameters.ts";
import { deepFinderAdam, trainingGraph } from "../src/network/training-graph.ts";
import { answer, caseAsked, measureApart } from "./apart.ts";
import { sgemm } from "./sgemm.ts";

export interface Case {
  readonly what: "forward" | "train";
  readonly side: number;
  readonly batch: number;
  /** Share of the matrix product's speed that is asked for. */
  readonly target: number;
}

const cases: readonly Case[] = [
  { what: "forward", side: 96, batch: 1, target: 0.55 },
  { what: "train", side: 40, batch: 8, target: 0.35 },
  { what: "train", side: 56, batch: 4, target: 0.35 },
];

const network = { classes: 13, filters: deepFinderFilters };

export interface Measured {
  readonly seconds: number;
  readonly gigaflops: number;
  readonly sgemm: number;
  readonly plannedBytes: number;
  readonly peakBytes: number;
}

export function benchNetwork(print: (line: string) => void, threads = availableParallelism()): void {
  print(`network ${network.filters.join("/")}, ${network.classes} classes, ${threads} threads`);
  for (const one of cases) {
    const { seconds, gigaflops, sgemm, plannedBytes, peakBytes } = measureApart<Measured>(
      import.meta.filename,
      one,
      threads,
    );
    const memory = `${(peakBytes / 1e9).toFixed(2)} GB, ${(peakBytes / plannedBytes).toFixed(2)} × planned`;
    print(
      `${one.what} ${one.side}³ × ${one.batch}: ${seconds.toFixed(2)} s, ${gigaflops.toFixed(0)} GFLOP/s = ` +
        `${(gigaflops / sgemm).toFixed(2)} of sgemm's ${sgemm.toFixed(0)} (asked for ${one.target}); ${memory}`,
    );
  }
}

export const measure = async (one: Case, threads: number): Promise<Measured> =>
  measureOn(await createOnnxEngine({ threads }), one, threads);

export async function measureOn(
  engine: Engine,
  { what, side, batch }: Omit<Case, "target">,
  threads: number,
): Promise<Measured> {
  const graph = what === "train" ? stepGraph(side, batch) : forwardGraph(side, batch);
  const before = await sgemm(threads);
  const start = process.memoryUsage().rss;
  const program = await engine.compile(graph);
  const feeds = feedsOf(graph);
  await program.run(feeds);
  const times: number[] = [];
  for (let repeat = 0; repeat < 3; repeat++) {
    const from = performance.now();
    await program.run(feeds);
    times.push((performance.now() - from) / 1000);
  }
  const peakBytes = process.resourceUsage().maxRSS * 1024 - start;
  await program.dispose();
  const seconds = times.sort((a, b) => a - b)[1]!;
  const gigaflops = floatingPointOperations(graph) / seconds / 1e9;
  const plannedBytes = engine.planBytes(graph);
  return { seconds, gigaflops, sgemm: (before + (await sgemm(threads))) / 2, plannedBytes, peakBytes };
}

const stepGraph = (side: number, batch: number): Graph =>
  trainingGraph(network, { batch, extent: [side, side, side] }, { name: "dice" }, deepFinderAdam);

function forwardGraph(side: number, batch: number): Graph {
  const builder = new GraphBuilder();
  builder.output(
    "labels",
    builder.argMax(addNetwork(builder, network, { batch, extent: [side, side, side] }).logits),
  );
  return builder.build();
}

function feedsOf(graph: Graph) {
  const random = new Random(1);
  const parameters = initialParameters(networkParameters(network), random);
  return Object.fromEntries(
    Object.entries(graph.inputs).map(([name, value]) => {
      const { shape, type } = graph.values[value]!;
      const size = shape.reduce((a, b) => a * b, 1);
      const known = parameters.get(name);
      if (known) return [name, { shape, data: known }];
      if (type === "uint8")
        return [name, { shape, data: Uint8Array.from({ length: size }, () => random.integer(0, 12)) }];
      return [
        name,
        { shape, data: Float32Array.from({ length: size }, () => (name === "x" ? random.normal() : 1e-4)) },
      ];
    }),
  );
}

if (import.meta.filename === process.argv[1]) {
  const one = caseAsked<Case>();
  if (one) answer(await measure(one.value, one.threads));
  else benchNetwork((line) => process.stdout.write(`${line}\n`));
}
