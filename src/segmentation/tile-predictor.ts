import type { Engine, Feeds, Tensor, Tensors } from "../compute/engine.ts";
import type { Graph } from "../network/graph.ts";
import { type Architecture, networkParameters } from "../network/networks.ts";
import type { ParameterValues } from "../network/parameters.ts";
import { extentOf, type Ranges3, restrictToBoxes } from "../network/restrict.ts";
import type { StreamedGraph } from "../network/stream-planes.ts";
import { measureVolume, type VoxelStatistics } from "../volume/statistics.ts";
import { type VolumeReader, voxelCount } from "../volume/volume.ts";
import { chunkFeeds, joinChunks } from "./chunks.ts";
import { largestClass } from "./largest-class.ts";
import type { SegmentationOptions } from "./options.ts";
import { type Orientation, orientationsOf, turnBox, turnData } from "./orientations.ts";
import { ProgramCache } from "./program-cache.ts";
import type { SegmentedTile } from "./segmented-tile.ts";
import { readInput } from "./volume-input.ts";

export interface PredictorOptions extends SegmentationOptions {
  /** Of the whole volume. */
  readonly graph: Graph;
  /** Which output of the graph is asked for. */
  readonly output: "scores" | "labels";
  /** One program for the whole volume: it may keep its memory. */
  readonly inOnePiece: boolean;
}

/** Computes boxes of a volume: what the untiled network gives there, averaged over weights and orientations. */
export class TilePredictor {
  readonly #reader: VolumeReader;
  readonly #statistics: VoxelStatistics;
  readonly #programs: ProgramCache;
  readonly #options: PredictorOptions;
  readonly #feeds: readonly Tensors[];

  private constructor(
    engine: Engine,
    reader: VolumeReader,
    options: PredictorOptions,
    statistics: VoxelStatistics,
  ) {
    this.#reader = reader;
    this.#statistics = statistics;
    this.#programs = new ProgramCache(engine, { releasesMemory: !options.inOnePiece });
    this.#options = options;
    this.#feeds = options.weights.map((weights) => weightFeeds(options.network, weights));
  }

  static async open(engine: Engine, reader: VolumeReader, options: PredictorOptions): Promise<TilePredictor> {
    return new TilePredictor(engine, reader, options, await measureVolume(reader, options.signal));
  }

  /** `planes`: of the chunks that the box is computed in; as a whole when not given. */
  async predict(box: Ranges3, planes?: number): Promise<SegmentedTile> {
    const sum = new TensorSum();
    for (const orientation of orientationsOf(this.#options.testTimeAugmentation ?? "none")) {
      const { graph, output, signal } = this.#options;
      const turned = turnBox(box, this.#reader.info.shape, orientation);
      const restricted = restrictToBoxes(graph, { [output]: turned });
      const { program, streamed } = await this.#programs.get(restricted, planes);
      const x = await this.#inputOf(restricted.inputBoxes.x!, orientation, streamed);
      for (const weights of this.#feeds) {
        const results = await program.run({ ...x, ...weights }, signal);
        signal?.throwIfAborted();
        const data = streamed ? joinChunks(streamed.outputs[output]!, results) : results[output]!.data;
        if (output === "labels") return { box, labels: data as Uint8Array };
        sum.add(turnData(data as Float32Array, box, orientation));
      }
    }
    return tileOfScores(box, sum.mean(), this.#options);
  }

  /** The whole box, or its chunks, which are read when it is their turn; once for all weights. */
  async #inputOf(
    box: Ranges3,
    orientation: Orientation,
    streamed: StreamedGraph | undefined,
  ): Promise<Feeds> {
    const { signal, weights } = this.#options;
    const options = { statistics: this.#statistics, orientation, signal };
    const read = (part: Ranges3) => readInput(this.#reader, part, options);
    if (streamed === undefined) return { x: await read(box) };
    return chunkFeeds(streamed, box, weights.length > 1 ? once(read) : read);
  }

  async dispose(): Promise<void> {
    await this.#programs.dispose();
  }
}

/** The tile of probabilities (class, z, y, x): in each voxel the largest, biased. */
export function tileOfScores(
  box: Ranges3,
  scores: Float32Array,
  { scores: wanted, bias }: Pick<SegmentationOptions, "scores" | "bias">,
): SegmentedTile {
  const labels = largestClass(scores, voxelCount(extentOf(box)), bias);
  return wanted ? { box, labels, scores } : { box, labels };
}

/** Each box read once, and held. */
function once(read: (box: Ranges3) => Promise<Tensor>): (box: Ranges3) => Promise<Tensor> {
  const known = new Map<string, Promise<Tensor>>();
  return (box) => {
    const tensor = known.get(box.join()) ?? read(box);
    known.set(box.join(), tensor);
    return tensor;
  };
}

export function weightFeeds(network: Architecture, weights: ParameterValues): Tensors {
  return Object.fromEntries(
    networkParameters(network).map(({ name, shape }) => [name, { shape, data: weights.get(name)! }]),
  );
}

/** Adds up arrays, the first of which is taken over. */
export class TensorSum {
  #sum: Float32Array | undefined;
  #count = 0;

  add(data: Float32Array): void {
    this.#count++;
    if (this.#sum === undefined) {
      this.#sum = data;
      return;
    }
    for (let i = 0; i < data.length; i++) this.#sum[i]! += data[i]!;
  }

  mean(): Float32Array {
    const sum = this.#sum!;
    if (this.#count > 1) for (let i = 0; i < sum.length; i++) sum[i]! /= this.#count;
    return sum;
  }
}
