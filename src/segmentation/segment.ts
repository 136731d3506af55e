/**
 * Segments a volume tile by tile: what the untiled network would give, for every tiling. The volume is normalised as a whole
 * (mean 0, standard deviation 1) and has 25 zeros around it, as in DeepFinder (Moebel et al. 2021).
 */
import type { Engine, Program, Tensors } from "../compute/engine.ts";
import type { Graph, ValueId } from "../network/graph.ts";
import type { ParameterValues } from "../network/parameters.ts";
import { deepFinderMargin, predictionGraph } from "../network/prediction-graph.ts";
import { type Box, extentOf, type RestrictedGraph, restrictToBoxes } from "../network/restrict.ts";
import { type UNet3dOptions, unet3dParameters } from "../network/unet3d.ts";
import { normaliseVoxels } from "../volume/normalise.ts";
import { measureVolume, type VoxelStatistics } from "../volume/statistics.ts";
import { type Shape3, type VolumeReader, voxelCount } from "../volume/volume.ts";
import { scoresByOriginalTiling } from "./deepfinder-tiling.ts";
import { planTiling, tilesOf } from "./tiling.ts";

export interface SegmentationOptions {
  readonly network: UNet3dOptions;
  /** One set of weights, or several whose probabilities are averaged. */
  readonly weights: readonly ParameterValues[];
  /** Largest tile, (z, y, x) voxels; planned from memory when not given. */
  readonly tile?: Shape3;
  /** `deepfinder`: the original's overlapping cubes of side `tile[0]` (160 when not given), averaged. */
  readonly tiling?: "exact" | "deepfinder";
  readonly memoryBytes: number;
  /** Whether class probabilities are wanted beside the labels. */
  readonly scores: boolean;
  /** Added to the logarithm of each class's probability before the largest is taken; by label. */
  readonly bias?: readonly number[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneVoxels: number, totalVoxels: number) => void;
}

/** One tile's result; boxes are in voxels of the volume. */
export interface SegmentedTile {
  readonly box: Box;
  /** (z, y, x) of the box. */
  readonly labels: Uint8Array;
  /** (class, z, y, x) of the box; only when asked for. */
  readonly scores?: Float32Array;
}

/** Yields the tiles in order of z, then y, then x. */
export async function* segmentVolume(
  engine: Engine,
  reader: VolumeReader,
  options: SegmentationOptions,
): AsyncGenerator<SegmentedTile> {
  if (options.tiling === "deepfinder") {
    yield await segmentAsOriginal(engine, reader, options);
    return;
  }
  const { shape } = reader.info;
  const statistics = await measureVolume(reader, options.signal);
  const graph = predictionGraph(options.network, shape);
  const needsScores = options.scores || options.weights.length > 1 || options.bias !== undefined;
  const output = needsScores ? "scores" : "labels";
  const tile =
    options.tile ?? planTiling(engine, graph, { shape, output, memoryBytes: options.memoryBytes }).tile;
  const programs = new ProgramCache(engine);
  const feeds = options.weights.map((weights) => weightFeeds(options.network, weights));
  let done = 0;
  try {
    for (const box of tilesOf(shape, tile)) {
      options.signal?.throwIfAborted();
      const restricted = restrictToBoxes(graph, { [output]: box });
      const program = await programs.get(restricted);
      const x = await readInput(reader, restricted.inputBoxes.x!, {
        statistics,
        signal: options.signal,
      });
      const results: Tensors[] = [];
      for (const weights of feeds) results.push(await program.run({ x, ...weights }));
      yield needsScores
        ? fromScores(box, results, options)
        : { box, labels: results[0]!.labels!.data as Uint8Array };
      done += voxelCount(extentOf(box));
      options.onProgress?.(done, voxelCount(shape));
    }
  } finally {
    await programs.dispose();
  }
}

async function segmentAsOriginal(
  engine: Engine,
  reader: VolumeReader,
  options: SegmentationOptions,
): Promise<SegmentedTile> {
  const { shape } = reader.info;
  const statistics = await measureVolume(reader, options.signal);
  const read = async (start: Shape3, extent: Shape3) => {
    const box = start.map((from, axis) => [from, from + extent[axis]!]) as unknown as Box;
    return (await readInput(reader, box, { statistics, signal: options.signal })).data as Float32Array;
  };
  const side = options.tile?.[0] ?? originalSide(shape);
  const results: Tensors[] = [];
  for (const parameters of options.weights) {
    const weights = weightFeeds(options.network, parameters);
    const data = await scoresByOriginalTiling(engine, shape, { ...options, weights, side, read });
    results.push({ scores: { shape: [options.network.classes, ...shape], data } });
  }
  return fromScores(shape.map((length) => [0, length]) as unknown as Box, results, options);
}

/** The original's 160, or the largest that fits the padded volume. */
const originalSide = (shape: Shape3): number =>
  Math.min(160, Math.floor((Math.min(...shape) + 2 * deepFinderMargin) / 4) * 4);

/** The network's input on a box of the padded volume: normalised voxels, zeros outside the volume. */
async function readInput(
  reader: VolumeReader,
  box: Box,
  { statistics, signal }: { statistics: VoxelStatistics; signal?: AbortSignal },
): Promise<Tensors[string]> {
  const extent = extentOf(box);
  const data = new Float32Array(voxelCount(extent));
  const inside = box.map(([start, end], axis) => [
    Math.max(0, start - deepFinderMargin),
    Math.min(reader.info.shape[axis]!, end - deepFinderMargin),
  ]) as unknown as Box;
  const shape = extentOf(inside);
  if (shape.every((length) => length > 0)) {
    const start = inside.map(([from]) => from) as unknown as Shape3;
    const voxels = normaliseVoxels(await reader.readBox(start, shape, signal), statistics);
    const offset = inside.map(([from], axis) => from + deepFinderMargin - box[axis]![0]);
    for (let z = 0; z < shape[0]; z++)
      for (let y = 0; y < shape[1]; y++) {
        const from = (z * shape[1] + y) * shape[2];
        const to = ((z + offset[0]!) * extent[1] + y + offset[1]!) * extent[2] + offset[2]!;
        data.set(voxels.subarray(from, from + shape[2]), to);
      }
  }
  return { shape: [1, 1, ...extent], data };
}

function weightFeeds(network: UNet3dOptions, weights: ParameterValues): Tensors {
  return Object.fromEntries(
    unet3dParameters(network).map(({ name, shape }) => [name, { shape, data: weights.get(name)! }]),
  );
}

/** Averages the probabilities of the networks and takes the largest, biased, in each voxel. */
function fromScores(
  box: Box,
  results: readonly Tensors[],
  { scores, bias }: SegmentationOptions,
): SegmentedTile {
  const mean = results[0]!.scores!.data as Float32Array; // fresh of each run: added to in place
  for (const { scores: more } of results.slice(1))
    for (let i = 0; i < mean.length; i++) mean[i]! += more!.data[i]!;
  if (results.length > 1) for (let i = 0; i < mean.length; i++) mean[i]! /= results.length;
  const labels = largestClass(mean, voxelCount(extentOf(box)), bias);
  return scores ? { box, labels, scores: mean } : { box, labels };
}

/** Label of the largest of (class, voxel) probabilities, each multiplied by exp(bias); the lowest on ties. */
export function largestClass(scores: Float32Array, voxels: number, bias?: readonly number[]): Uint8Array {
  const labels = new Uint8Array(voxels);
  const largest = new Float32Array(voxels).fill(Number.NEGATIVE_INFINITY);
  for (let label = 0; label * voxels < scores.length; label++) {
    const factor = Math.exp(bias?.[label] ?? 0);
    const start = label * voxels;
    for (let i = 0; i < voxels; i++) {
      const value = Math.fround(scores[start + i]! * factor);
      if (value > largest[i]!) {
        largest[i] = value;
        labels[i] = label;
      }
    }
  }
  return labels;
}

/** Tiles of the same shape and padding share a program; those no longer used are released. */
class ProgramCache {
  readonly #engine: Engine;
  readonly #programs = new Map<string, Program>();
  readonly #most = 4;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async get({ graph }: RestrictedGraph): Promise<Program> {
    const key = JSON.stringify([
      graph.operations,
      graph.values.map(({ shape }: Graph["values"][ValueId]) => shape),
    ]);
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    if (this.#programs.size >= this.#most) {
      const [oldest, program] = this.#programs.entries().next().value!;
      this.#programs.delete(oldest);
      await program.dispose();
    }
    const program = await this.#engine.compile(graph);
    this.#programs.set(key, program);
    return program;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.dispose()));
    this.#programs.clear();
  }
}
