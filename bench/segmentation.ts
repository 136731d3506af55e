/**
 * Segmentation of a whole volume beside this machine's own matrix product, tiles planned from memory:
 *   node --import tsx bench/segmentation.ts [z×y×x …]        by default 64×256×256; 200×512×512 takes minutes
 * Only useful work counts: the multiplications and additions of one convolution output a voxel of the volume, none of
 * the margin's.
 */

import { availableParallelism } from "node:os";
import { createOnnxEngine } from "../src/compute/onnx/engine.ts";
import { Random } from "../src/core/random.ts";
import { floatingPointOperations } from "../src/network/cost.ts";
import { type Axes3, GraphBuilder } from "../src/network/graph.ts";
import { addNetwork, deepFinderFilters, networkParameters } from "../src/network/networks.ts";
import { initialParameters } from "../src/network/parameters.ts";
import { predictionGraph } from "../src/network/prediction-graph.ts";
import { segmentVolume } from "../src/segmentation/segment.ts";
import { planTiling } from "../src/segmentation/tiling.ts";
import { volumeInMemory } from "../src/volume/in-memory.ts";
import type { VolumeReader } from "../src/volume/volume.ts";
import { answer, caseAsked, measureApart } from "./apart.ts";
import { sgemm } from "./sgemm.ts";

export interface SegmentationMeasured {
  readonly seconds: number;
  /** Of all threads. */
  readonly processorSeconds: number;
  /** Of useful work. */
  readonly gigaflops: number;
  readonly megavoxelsPerSecond: number;
  readonly sgemm: number;
  readonly plannedBytes: number;
  readonly peakBytes: number;
  readonly tile: readonly number[];
  /** Work done over useful work. */
  readonly work: number;
}

const network = { classes: 13, filters: deepFinderFilters };
const fourGigabytes = 4e9;

export function benchSegmentation(
  print: (line: string) => void,
  shapes: readonly Axes3[] = [[64, 256, 256]],
  threads = availableParallelism(),
): void {
  print(
    `segmentation, ${network.filters.join("/")}, ${network.classes} classes, ${threads} threads, at most 4 GB`,
  );
  for (const shape of shapes) {
    const measured = segmentApart(shape, threads);
    const { seconds, gigaflops, megavoxelsPerSecond, tile, work, peakBytes, plannedBytes } = measured;
    print(
      `${shape.join("×")}: ${seconds.toFixed(1)} s, ${megavoxelsPerSecond.toFixed(2)} Mvoxel/s, useful ${gigaflops.toFixed(0)} GFLOP/s = ` +
        `${(gigaflops / measured.sgemm).toFixed(2)} of sgemm's ${measured.sgemm.toFixed(0)} (asked for 0.75); ` +
        `tile ${tile.join("×")}, ${work.toFixed(2)} × the useful work; ` +
        `${(peakBytes / 1e9).toFixed(2)} GB, ${(peakBytes / plannedBytes).toFixed(2)} × planned`,
    );
  }
}

interface Case {
  readonly shape: Axes3;
  readonly memoryBytes: number;
}

/** @param memoryBytes that tiles are planned for */
export const segmentApart = (
  shape: Axes3,
  threads: number,
  memoryBytes = fourGigabytes,
): SegmentationMeasured =>
  measureApart<SegmentationMeasured>(import.meta.filename, { shape, memoryBytes } satisfies Case, threads);

async function measure({ shape, memoryBytes }: Case, threads: number): Promise<SegmentationMeasured> {
  const voxels = shape[0] * shape[1] * shape[2];
  const reader = noiseReader(shape);
  const weights = [initialParameters(networkParameters(network), new Random(1), "he")];
  const engine = await createOnnxEngine({ threads });
  const before = await sgemm(threads);
  const graph = predictionGraph(network, shape);
  const plan = planTiling(engine, graph, { shape, output: "labels", memoryBytes });
  const start = process.memoryUsage().rss;
  const processor = process.cpuUsage();
  const from = performance.now();
  for await (const _ of segmentVolume(engine, reader, { network, weights, memoryBytes, scores: false }));
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(processor);
  const peakBytes = process.resourceUsage().maxRSS * 1024 - start;
  const useful = usefulWork() * voxels;
  return {
    seconds,
    processorSeconds: (user + system) / 1e6,
    gigaflops: useful / seconds / 1e9,
    megavoxelsPerSecond: voxels / seconds / 1e6,
    sgemm: (before + (await sgemm(threads))) / 2,
    plannedBytes: plan.bytes,
    peakBytes,
    tile: plan.tile,
    work: plan.floatingPointOperations / useful,
  };
}

/** Multiplications and additions a voxel, borders aside. */
function usefulWork(side = 32): number {
  const builder = new GraphBuilder();
  builder.output("logits", addNetwork(builder, network, { batch: 1, extent: [side, side, side] }).logits);
  return floatingPointOperations(builder.build()) / side ** 3;
}

/** Noise of 16-bit integers, as tomograms are stored, made once for all boxes. */
function noiseReader(shape: Axes3): VolumeReader {
  const random = new Random(3);
  const data = Int16Array.from({ length: shape[0] * shape[1] * shape[2] }, () => 1000 * random.normal());
  return volumeInMemory({ data, shape });
}

if (import.meta.filename === process.argv[1]) {
  const one = caseAsked<Case>();
  const shapes = process.argv.slice(2).map((text) => text.split(/[x×]/).map(Number) as unknown as Axes3);
  if (one) answer(await measure(one.value, one.threads));
  else benchSegmentation((line) => process.stdout.write(`${line}\n`), shapes.length > 0 ? shapes : undefined);
}
