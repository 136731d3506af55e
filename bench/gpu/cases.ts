/** The network on the GPU: forward, a training step, a whole tomogram. */

import type { Engine } from "../../src/compute/engine.ts";
import { forwardGraph, stepGraph, trialInputs } from "../../src/compute/webgpu/check/precision-trial.ts";
import { Random } from "../../src/core/random.ts";
import { floatingPointOperations } from "../../src/network/cost.ts";
import type { Graph } from "../../src/network/graph.ts";
import { type Architecture, networkParameters } from "../../src/network/networks.ts";
import { initialParameters } from "../../src/network/parameters.ts";
import { predictionGraph } from "../../src/network/prediction-graph.ts";
import { segmentVolume } from "../../src/segmentation/segment.ts";
import { planTiling, type Tiling } from "../../src/segmentation/tiling.ts";
import { volumeInMemory } from "../../src/volume/in-memory.ts";
import { type Shape3, type VolumeReader, voxelCount } from "../../src/volume/volume.ts";

export interface Measurement {
  readonly what: "forward" | "train" | "segment";
  readonly size: string;
  /** Precision, or PyTorch's mode. */
  readonly mode: string;
  /** Median of the repeats, uploads of the input and downloads of the result included. */
  readonly milliseconds: number;
  readonly gigaflops: number;
  /** Planned. */
  readonly bytes: number;
}

type Case = Omit<Measurement, "mode">;

const repeats = 5;

/** The weights are already on the GPU. */
export async function benchForward(engine: Engine, network: Architecture, side: number): Promise<Case> {
  const graph = forwardGraph(network, side);
  return { what: "forward", size: `${side}³`, ...(await measure(engine, graph, network)) };
}

/** A step with the states kept on the GPU. */
export async function benchTraining(
  engine: Engine,
  network: Architecture,
  { side, batch }: { side: number; batch: number },
): Promise<Case> {
  const graph = stepGraph(network, { side, batch });
  return { what: "train", size: `${side}³ × ${batch}`, ...(await measure(engine, graph, network)) };
}

async function measure(engine: Engine, graph: Graph, network: Architecture) {
  const { kept, states, feeds } = trialInputs(graph, network);
  const program = await engine.compile(graph, { kept });
  try {
    await program.load(states);
    await program.run(feeds);
    const times: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const from = performance.now();
      await program.run(feeds);
      times.push(performance.now() - from);
    }
    const milliseconds = times.sort((a, b) => a - b)[Math.floor(repeats / 2)]!;
    const gigaflops = floatingPointOperations(graph) / milliseconds / 1e6;
    return { milliseconds, gigaflops, bytes: engine.planBytes(graph, { kept }) };
  } finally {
    await program.dispose();
  }
}

/** A whole tomogram in tiles, overlapped; the first time compiles, so the second is measured. GFLOP/s on useful voxels. */
export async function benchSegmentation(engine: Engine, network: Architecture, shape: Shape3): Promise<Case> {
  const weights = [initialParameters(networkParameters(network), new Random(1), "he")];
  const memoryBytes = 0.7 * engine.memoryBytes();
  const planned = planTiling(engine, predictionGraph(network, shape), {
    shape,
    output: "labels",
    memoryBytes,
  });
  const reader = noise(shape);
  const pass = async () => {
    const from = performance.now();
    let voxels = 0;
    const { tile, planes } = planned;
    const options = { network, weights, memoryBytes, tile, planes, scores: false };
    for await (const { labels } of segmentVolume(engine, reader, options)) voxels += labels.length;
    if (voxels !== voxelCount(shape)) throw new Error(`${voxels} voxels came back`);
    return performance.now() - from;
  };
  await pass();
  const milliseconds = await pass();
  const useful = floatingPointOperations(predictionGraph(network, shape, 0));
  return {
    what: "segment",
    size: `${shape.join("×")}${describePlan(planned, useful)}`,
    milliseconds,
    gigaflops: useful / milliseconds / 1e6,
    bytes: planned.bytes,
  };
}

const describePlan = ({ tile, planes, floatingPointOperations: work }: Tiling, useful: number): string =>
  ` in tiles of ${tile.join("×")}, ${planes === undefined ? "" : `chunks of ${planes} planes, `}${(work / useful).toFixed(3)} × the useful work`;

function noise(shape: Shape3): VolumeReader {
  const random = new Random(2);
  const data = Float32Array.from({ length: voxelCount(shape) }, () => random.normal());
  return volumeInMemory({ data, shape });
}
