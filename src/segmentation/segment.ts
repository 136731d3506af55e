/**
 * Segments a volume tile by tile: what the untiled network would give, for every tiling. The volume is normalised as a whole
 * (mean 0, standard deviation 1) and has 25 zeros around it, as in DeepFinder (Moebel et al. 2021).
 */
import type { Engine } from "../compute/engine.ts";
import type { Graph } from "../network/graph.ts";
import { deepFinderMargin, predictionGraph } from "../network/prediction-graph.ts";
import { extentOf, type Ranges3 } from "../network/restrict.ts";
import { measureVolume } from "../volume/statistics.ts";
import { type Shape3, type VolumeReader, voxelCount } from "../volume/volume.ts";
import { cubeMultiple, scoresByOriginalTiling } from "./deepfinder-tiling.ts";
import { oneAhead } from "./look-ahead.ts";
import { checkMaskShape, placeInMask, readMask } from "./mask.ts";
import type { SegmentationOptions } from "./options.ts";
import { orientationsOf } from "./orientations.ts";
import type { SegmentedTile } from "./segmented-tile.ts";
import { ShrinkingPredictor } from "./smaller-tiles.ts";
import { TensorSum, TilePredictor, tileOfScores, weightFeeds } from "./tile-predictor.ts";
import { planPlanes, planTiling, type Tiling, tilesOf } from "./tiling.ts";
import { readPaddedBox } from "./volume-input.ts";

/**
 * Yields the tiles in order of z, then y, then x.
 *
 * @throws TomoflowError `mask-shape`, `memory-too-small`, what the codecs and the engine throw; the signal's reason
 */
export async function* segmentVolume(
  engine: Engine,
  reader: VolumeReader,
  options: SegmentationOptions,
): AsyncGenerator<SegmentedTile> {
  const { shape } = reader.info;
  const { mask, signal } = options;
  if (mask) checkMaskShape(mask, shape);
  const whole = shape.map((length) => [0, length]) as unknown as Ranges3;
  if (options.tiling === "deepfinder") {
    const tile = await segmentAsOriginal(engine, reader, options);
    yield mask ? placeInMask(await readMask(mask, whole, signal), tile, scoreMaps(options)) : tile;
    return;
  }
  const graph = predictionGraph(options.network, shape);
  const output = needsScores(options) ? "scores" : "labels";
  const { tile, planes } = tilingOf(engine, graph, { shape, output, ...options });
  const tiles = tilesOf(shape, tile);
  const planned = { ...options, graph, output, shape, planes, inOnePiece: tiles.length === 1 } as const;
  const predictor = await TilePredictor.open(engine, reader, planned);
  const shrinking = new ShrinkingPredictor(engine, predictor, planned);
  const predict = async (box: Ranges3): Promise<SegmentedTile> => {
    signal?.throwIfAborted();
    if (!mask) return shrinking.predict(box);
    const masked = await readMask(mask, box, signal);
    const computed = masked.bounds && (await shrinking.predict(masked.bounds));
    return placeInMask(masked, computed, scoreMaps(options));
  };
  let done = 0;
  try {
    for await (const tile of oneAhead(tiles, predict)) {
      yield tile;
      done += voxelCount(extentOf(tile.box));
      options.onProgress?.(done, voxelCount(shape));
      signal?.throwIfAborted();
    }
  } finally {
    await predictor.dispose();
  }
}

/** As asked for; what was not is planned. */
function tilingOf(
  engine: Engine,
  graph: Graph,
  options: Pick<SegmentationOptions, "tile" | "planes" | "memoryBytes"> & { shape: Shape3; output: string },
): Pick<Tiling, "tile" | "planes"> {
  const { tile, planes } = options;
  if (tile === undefined) return { ...planTiling(engine, graph, options), ...(planes && { planes }) };
  return { tile, planes: planes ?? planPlanes(engine, graph, { ...options, tile }) };
}

const scoreMaps = ({ scores, network }: SegmentationOptions): number => (scores ? network.classes : 0);

/** Whether probabilities are needed to get the labels. */
const needsScores = ({
  scores,
  weights,
  bias,
  testTimeAugmentation = "none",
}: SegmentationOptions): boolean =>
  scores || bias !== undefined || weights.length * orientationsOf(testTimeAugmentation).length > 1;

async function segmentAsOriginal(
  engine: Engine,
  reader: VolumeReader,
  options: SegmentationOptions,
): Promise<SegmentedTile> {
  const { shape } = reader.info;
  const { signal } = options;
  const statistics = await measureVolume(reader, signal);
  const read = async (start: Shape3, extent: Shape3) => {
    const box = start.map((from, axis) => [from, from + extent[axis]!]) as unknown as Ranges3;
    return readPaddedBox(reader, box, { statistics, signal });
  };
  const side = options.tile?.[0] ?? originalSide(shape, cubeMultiple(options.network));
  const sum = new TensorSum();
  for (const parameters of options.weights) {
    const weights = weightFeeds(options.network, parameters);
    sum.add(await scoresByOriginalTiling(engine, shape, { ...options, weights, side, read }));
  }
  return tileOfScores(shape.map((length) => [0, length]) as unknown as Ranges3, sum.mean(), options);
}

/** The original's 160, or the largest that fits the padded volume. */
const originalSide = (shape: Shape3, multiple: number): number =>
  Math.min(160, Math.floor((Math.min(...shape) + 2 * deepFinderMargin) / multiple) * multiple);
