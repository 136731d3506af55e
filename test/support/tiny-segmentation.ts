/** Segmentation of small volumes of noise, put together voxel by voxel, and by a dense network for comparison. */

import assert from "node:assert/strict";
import type { Engine, Tensors } from "../../src/compute/engine.ts";
import { Random } from "../../src/core/random.ts";
import { GraphBuilder } from "../../src/network/graph.ts";
import { type Architecture, addNetwork, networkParameters } from "../../src/network/networks.ts";
import { initialParameters, type ParameterValues } from "../../src/network/parameters.ts";
import type { SegmentationOptions } from "../../src/segmentation/options.ts";
import { segmentVolume } from "../../src/segmentation/segment.ts";
import { volumeInMemory } from "../../src/volume/in-memory.ts";
import { type Shape3, type Triple, voxelCount } from "../../src/volume/volume.ts";
import { tinyEngine, tinyNetwork } from "./tiny-training.ts";

/** Nothing learnt; with the seeds 3 and 6 every class is somewhere in noise. */
export function tinyWeights(seed: number, network: Architecture = tinyNetwork): ParameterValues {
  const random = new Random(seed);
  const parameters = initialParameters(networkParameters(network), random, "he");
  for (const value of parameters.values())
    if (value.length <= 4) value.set(value.map(() => 0.2 * random.normal()));
  return parameters;
}

/** Noise with a mean and deviation of its own. */
export function noise(shape: Shape3, seed = 3): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: voxelCount(shape) }, () => 7 + 3 * random.normal());
}

/** (z, y, x) of the voxel with this index. */
export const placeOf = (index: number, [, rows, width]: Shape3): Triple => [
  Math.floor(index / (rows * width)),
  Math.floor(index / width) % rows,
  index % width,
];

export const tinySegmentation: SegmentationOptions = {
  network: tinyNetwork,
  weights: [tinyWeights(6)],
  memoryBytes: 1e9,
  scores: false,
};

export interface Segmented {
  /** (z, y, x). */
  readonly labels: Uint8Array;
  /** (class, z, y, x); zeros when there are none. */
  readonly scores: Float32Array;
  readonly tiles: number;
}

/** Segments `noise(shape)`. */
export const segmentNoise = (
  shape: Shape3,
  changes: Partial<SegmentationOptions> = {},
  engine?: Engine,
): Promise<Segmented> => segmentData(noise(shape), shape, changes, engine);

/** Segments a volume; every voxel must come exactly once. */
export async function segmentData(
  data: Float32Array,
  shape: Shape3,
  changes: Partial<SegmentationOptions> = {},
  engine?: Engine,
): Promise<Segmented> {
  const voxels = voxelCount(shape);
  const labels = new Uint8Array(voxels).fill(255);
  const scores = new Float32Array(3 * voxels);
  let tiles = 0;
  const reader = volumeInMemory({ data, shape });
  const options = { ...tinySegmentation, ...changes };
  for await (const tile of segmentVolume(engine ?? (await tinyEngine()), reader, options)) {
    tiles++;
    let from = 0;
    const [[z0, z1], [y0, y1], [x0, x1]] = tile.box;
    for (let z = z0; z < z1; z++)
      for (let y = y0; y < y1; y++)
        for (let x = x0; x < x1; x++, from++) {
          const to = (z * shape[1] + y) * shape[2] + x;
          assert.equal(labels[to], 255, "a voxel is labelled once");
          labels[to] = tile.labels[from]!;
          for (let c = 0; c < 3 && tile.scores; c++)
            scores[c * voxels + to] = tile.scores[c * tile.labels.length + from]!;
        }
  }
  assert.ok(!labels.includes(255), "every voxel is labelled");
  return { labels, scores, tiles };
}

/** `noise(shape)`, normalised, with 25 zeros before and zeros after it up to `extent`. */
export function paddedNoise(shape: Shape3, extent: Shape3): Float32Array {
  const data = noise(shape);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  const padded = new Float32Array(voxelCount(extent));
  for (const [i, value] of data.entries()) {
    const [z, y, x] = placeOf(i, shape);
    padded[((z + 25) * extent[1] + y + 25) * extent[2] + x + 25] = (value - mean) / Math.sqrt(variance);
  }
  return padded;
}

/** Computes probabilities (class, z, y, x) of whole inputs of `extent`, with the weights of `tinySegmentation`. */
export async function denseNetwork(extent: Shape3) {
  const builder = new GraphBuilder();
  builder.output("scores", builder.softmax(addNetwork(builder, tinyNetwork, { batch: 1, extent }).logits));
  const program = await (await tinyEngine()).compile(builder.build());
  const [parameters] = tinySegmentation.weights;
  const weights: Tensors = Object.fromEntries(
    networkParameters(tinyNetwork).map(({ name, shape }) => [name, { shape, data: parameters!.get(name)! }]),
  );
  return {
    scores: async (data: Float32Array): Promise<Float32Array> => {
      const results = await program.run({ x: { shape: [1, 1, ...extent], data }, ...weights });
      return results.scores!.data as Float32Array;
    },
    dispose: () => program.dispose(),
  };
}
